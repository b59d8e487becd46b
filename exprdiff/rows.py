"""A formula at many points: of lines, one a line, or of a grid."""

import csv
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from functools import cache
from itertools import chain
from typing import Any, NamedTuple, NoReturn

from .errors import (
    ExprdiffError,
    PointError,
    UsageError,
    did_you_mean,
    listed,
    normalize,
    shorten,
)
from .expression import NUMBER, measured, value
from .run import Run
from .streams import LONGEST_LINE, separator_of
from .trace import Point

#: The most messages about single points.
MOST = 100

#: Where a variable begins in a line of assignments.
ASSIGNMENT = re.compile(r"(?:^|(?<=[\s,;]))([^\W\d]\w*)\s*=(?!=)")

#: In which the numbers of a sweep are calculated, before they are rounded to doubles.
DECIMALS = Context(prec=50, Emin=MIN_EMIN, Emax=MAX_EMAX)


class Sweep(NamedTuple):
    """Numbers at equal distances, both ends among them.

    The ends are decimals, so that 0.1:0.7:7 has 0.3 in it and not a number beside it.

    Args:
        first: the first number.
        last: the last number, if there are several.
        size: how many there are.
        whole: whether all of them are integers.
    """

    first: Decimal
    last: Decimal
    size: int
    whole: bool

    def number(self, k: int) -> int | float:
        """Number k, counted from 0."""
        steps = max(self.size - 1, 1)
        a = DECIMALS.multiply(self.first, steps - k)
        b = DECIMALS.multiply(self.last, k)
        number = DECIMALS.divide(DECIMALS.add(a, b), steps)
        return int(number) if self.whole else float(number)

    def numbers(self) -> list[int | float]:
        """All of them, in order."""
        return [self.number(k) for k in range(self.size)]


def sweep(name: str, text: str) -> Sweep:
    """The sweep of a variable that is written as ``LO:HI:COUNT``.

    Raises:
        UsageError: it is not written so.
    """
    parts = text.split(":")
    if len(parts) != 3:
        raise UsageError(
            f"a sweep of {shorten(name)} is LO:HI:COUNT, as 0:1:11, not {shorten(text)}"
        )
    first, last, count = (value(name, part) for part in parts)
    if not (math.isfinite(first) and math.isfinite(last)):
        raise UsageError(f"the sweep of {shorten(name)} has no finite ends")
    if not (math.isfinite(count) and count >= 1 and count == int(count)):
        raise UsageError(
            f"the sweep of {shorten(name)} has a whole number of points,"
            f" 1 or more, not {shorten(parts[2])}"
        )
    steps = max(int(count) - 1, 1)
    whole = type(first) is type(last) is int and (last - first) % steps == 0
    ends = _decimal(parts[0], first), _decimal(parts[1], last)
    return Sweep(*ends, size=int(count), whole=whole)


def _decimal(text: str, number: int | float) -> Decimal:
    """The number that a text stands for, as it is written if it is a plain number."""
    return Decimal(text.strip() if number and NUMBER.fullmatch(text) else number)


class Rows:
    """The results of a formula at many points, each as soon as its point has come.

    Args:
        run: of the formula, with the values and uncertainties of those variables that
            have the same at all points.
        on_error: what becomes of a point that has no result: "fail" ends there, "skip"
            leaves it out, "null" gives a point without numbers.
        say: told the kind of a message ("note" or "error") and its text.
    """

    def __init__(
        self, run: Run, on_error: str, say: Callable[[str, str], None]
    ) -> None:
        self.formula = run.formula
        self.asked = run.asked
        self.fixed = dict(run.values)
        self.uncertainties = dict(run.uncertainties)
        self.on_error = on_error
        self.count = self.failed = 0
        self._say = say
        self._said = 0
        self._run: Run | None = None

    def of_grid(self, sweeps: Mapping[str, Sweep]) -> Iterator[Point]:
        """The points of a grid, the last variable fastest.

        Raises:
            PointError: a point has no result, and that is to be the end.
        """
        axes = list(sweeps.items())
        for number in range(math.prod(axis.size for axis in sweeps.values())):
            swept, rest = {}, number
            for name, axis in reversed(axes):
                rest, k = divmod(rest, axis.size)
                swept[name] = axis.number(k)
            place = ", ".join(f"{name}={swept[name]}" for name in sweeps)
            numbers = ((name, (number, None)) for name, number in swept.items())
            yield from self._row(f"at {place}", numbers)

    def of_lines(self, lines: Iterable[bytes]) -> Iterator[Point]:
        """The points that lines give: assignments, JSON objects or a table in CSV.

        Raises:
            UsageError: the table lacks a column, or has one twice.
            PointError: a line has no result, and that is to be the end.
        """
        texts = _decoded(lines)
        table = True
        for number, line in enumerate(texts, 1):
            text = line.strip()
            if not text:
                continue
            if text.startswith("{"):
                read = _of_object
            elif "=" in text:
                read = _of_assignments
            elif table and re.search(r"[^\W\d]", text):
                yield from self._of_table(line, number, texts)
                return
            else:
                read = _of_nothing
            yield from self._row(f"line {number}", self._numbers(read, text))
            table = False

    def _of_table(self, head: str, first: int, lines: Iterator[str]) -> Iterator[Point]:
        """The points of a table; the number of its first line, the head, is first."""
        if re.search("[\udc80-\udcff]", head):
            raise UsageError(f"line {first}: the head of the table is not UTF-8")
        csv.field_size_limit(LONGEST_LINE)
        separator = separator_of(head)
        reader = csv.reader(chain([head], lines), delimiter=separator, strict=True)
        try:
            columns = [normalize(name.strip()) for name in next(reader)]
        except csv.Error as error:
            raise UsageError(f"line {first}: {_no_csv(error)}") from None
        self.formula = self.formula.taking(columns)
        places: dict[str, int] = {}
        for k, name in enumerate(columns):
            if name not in self.formula.variables:
                continue
            if name in places or name in self.fixed:
                where = "twice" if name in places else "as an option, too"
                raise UsageError(f"line {first}: {shorten(name)} is given {where}")
            places[name] = k
        for name in self.formula.variables:
            if name not in places and name not in self.fixed:
                hint = did_you_mean(name, columns) or f"; it has {listed(columns)}"
                message = f"line {first}: the table has no column {shorten(name)}"
                raise UsageError(message + hint)

        def of_cells(cells: list[str]) -> dict[str, str]:
            if len(cells) != len(columns):
                raise UsageError(
                    f"the head of the table has {len(columns)} cells, and this line"
                    f" {len(cells)}"
                )
            return {name: cells[k] for name, k in places.items() if cells[k].strip()}

        while True:
            given: Any
            read: Callable[[Any], dict[str, str]]
            try:
                given, read = next(reader), of_cells
            except StopIteration:
                return
            except csv.Error as error:
                given, read = error, _of_no_table
            if given:
                place = f"line {first - 1 + reader.line_num}"
                yield from self._row(place, self._numbers(read, given))

    def _numbers(
        self, read: Callable[[Any], Mapping[str, str]], given: Any
    ) -> Iterator[tuple[str, tuple[int | float, float | None]]]:
        """The numbers of the texts that are read out of what is given.

        Raises:
            UsageError: it cannot be read, or is not to be given.
        """
        for name, text in read(given).items():
            if name in self.fixed:
                message = f"{shorten(name)} is given two values, here and"
                raise UsageError(f"{message} as an option; give it one")
            yield name, measured(name, text)

    def _row(
        self,
        place: str,
        numbers: Iterable[tuple[str, tuple[int | float, float | None]]],
    ) -> tuple[Point, ...]:
        """The point that has these numbers, or whatever stands for one that has none.

        Args:
            place: where it comes from, for messages.
            numbers: by variable, with their uncertainties; to read them may raise
                UsageError.
        """
        self.count += 1
        values, uncertainties = self.fixed.copy(), self.uncertainties.copy()
        try:
            for name, (values[name], uncertainty) in numbers:
                if uncertainty is not None:
                    uncertainties[name] = uncertainty
            point = self._point(values, uncertainties)
        except ExprdiffError as error:
            self.failed += 1
            message = f"{place}: {error.message}"
            if self.on_error == "fail":
                raise PointError(message, error.text, error.span) from None
            self._tell(message)
            if self.on_error == "skip":
                return ()
            # With a row in the table, its columns do not change any more.
            self._run = self._run or Run(self.formula, self.asked)
            return (self.formula.nowhere(self.asked, **values),)
        for note in point.notes:
            self._tell(f"{place}: {note}")
        return (point,)

    def nowhere(self) -> Point:
        """A point without any number."""
        return self.formula.nowhere(self.asked)

    def _point(
        self, values: dict[str, int | float], uncertainties: dict[str, float]
    ) -> Point:
        """The point that has these values, of which it is not known whether they fit.

        The first one tells which constants are variables here, and whether there are
        uncertainties.
        """
        if self._run is None:
            formula = self.formula.taking(values)
            formula.check(values)
            self.formula, self._run = formula, Run(formula, self.asked)
            # Where no derivative is asked for, neither is an uncertainty.
            self.asked.uncertain = bool(uncertainties and self._run.names)
        elif values.keys() != self._run.values.keys():
            self.formula.check(values)
        if uncertainties and self._run.names and not self.asked.uncertain:
            raise UsageError("the first point has no uncertainty, and this one has")
        self._run.values, self._run.uncertainties = values, uncertainties
        return self._run.point()

    def _tell(self, message: str) -> None:
        self._said += 1
        if self._said <= MOST:
            self._say("note", message)

    def summary(self, kind: str) -> None:
        """Say how many points have failed, if any, in a message of this kind."""
        if self._said > MOST:
            self._say("note", f"{self._said - MOST:,} more such notes are left out")
        if self.failed:
            points = "point" if self.count == 1 else "points"
            self._say(kind, f"{self.failed:,} of {self.count:,} {points} failed")


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """The lines as text, without a byte-order mark; bytes that are none cannot pass."""
    mark = "\ufeff"
    for line in lines:
        yield line.decode("utf-8", "surrogateescape").removeprefix(mark)
        mark = ""


def _of_assignments(line: str) -> dict[str, str]:
    """The texts in ``x1=2 x2=5``."""
    before, *words = ASSIGNMENT.split(normalize(line))
    if before:
        _of_nothing(line)
    texts = (text.strip(" \t,;") for text in words[1::2])
    return _once(zip(words[::2], texts, strict=True))


def _of_object(line: str) -> dict[str, str]:
    """The texts in ``{"x1": 2, "x2": 5}``."""
    try:
        pairs = _decoder().decode(line)
    except RecursionError:
        raise UsageError("this is no JSON object of numbers") from None
    except json.JSONDecodeError as error:
        message = f"this is no JSON: {error.msg} (column {error.colno})"
        raise UsageError(message) from None
    for name, text in pairs:
        if not isinstance(text, str):
            raise UsageError(f"the value of {shorten(name)} is no number")
    return _once((normalize(name), text) for name, text in pairs)


@cache
def _decoder() -> Any:
    """It leaves numbers as texts, and objects as pairs."""
    names = {"Infinity": "inf", "-Infinity": "-inf", "NaN": "NaN"}
    return json.JSONDecoder(
        object_pairs_hook=list,
        parse_float=str,
        parse_int=str,
        parse_constant=names.__getitem__,
    )


def _of_nothing(line: str) -> NoReturn:
    raise UsageError(
        f"{shorten(line)} is no point; write x1=2 x2=5,"
        ' or {"x1": 2, "x2": 5}, or a table in CSV with names in its first line'
    )


def _of_no_table(error: csv.Error) -> NoReturn:
    raise UsageError(_no_csv(error))


def _no_csv(error: csv.Error) -> str:
    """What is wrong, without the advice that there may be for programmers."""
    return f"this is no CSV: {str(error).partition(' - ')[0]}"


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, text in pairs:
        if name in texts:
            raise UsageError(f"{shorten(name)} is given two values; give it one")
        texts[name] = text
    return texts
