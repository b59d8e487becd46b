"""A formula at the rows of a table: columns that it takes and gives, and why not.

An engine runs the SQL: each is a file in ``engines``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import count
from math import isfinite
from typing import Any

from .errors import (
    ExprdiffError,
    PointError,
    UsageError,
    did_you_mean,
    listed,
    normalize,
    shorten,
)
from .expression import Expression
from .numbers import floats
from .operations import OPERATIONS
from .program import Program
from .render.sql import Reason, Table, outputs, select

#: The formats of tables, each with the suffixes of its files.
FORMATS = {
    "csv": (".csv",),
    "tsv": (".tsv", ".tab"),
    "json": (".jsonl", ".ndjson", ".json"),
    "parquet": (".parquet", ".pq"),
    "arrow": (".arrow", ".arrows", ".feather", ".ipc"),
}


class Task:
    """What is to be done with a table.

    Args:
        formula: what is calculated in each row.
        wrt: the names of the variables whose derivatives are asked for; by default all
            that are columns.
        fixed: the values of variables that the table lacks.
        source: the names of its files, as a pattern, or "-" for standard input.
        output: the name of the file that it goes to, if it is not standard output.
        format: that of the output, if its name does not tell.
        prefix: what the names of the new columns begin with.
        on_error: what becomes of a row that lacks a number: "fail" ends there, "skip"
            leaves it out, "null" leaves NULL in its place.
        say: told the kind of a message ("note" or "error") and its text.
    """

    def __init__(
        self,
        formula: Expression,
        wrt: Collection[str] | None,
        fixed: Mapping[str, int | float],
        source: str,
        output: str | None,
        format: str | None,
        prefix: str,
        on_error: str,
        say: Callable[[str, str], None],
    ) -> None:
        self.formula = formula
        self.wrt = wrt
        self.fixed = fixed
        self.source = source
        self.output = output
        self.format = format
        self.prefix = prefix
        self.on_error = on_error
        self.say = say
        self._programs: dict[tuple[Expression, tuple[str, ...]], Program] = {}

    def program(self, formula: Expression, wrt: Collection[str]) -> Program:
        """The formula, as variables make of it, and its derivatives, found once.

        Raises as ``Expression.program``.
        """
        key = formula, tuple(formula.check_wrt(wrt))
        if key not in self._programs:
            self._programs[key] = formula.program(key[1])
        return self._programs[key]

    def prepare(self) -> None:
        """Find the derivatives that will probably be asked for."""
        names = [name for name in self.formula.variables if name not in self.fixed]
        with suppress(ExprdiffError):  # which comes up again when columns are known
            self.program(self.formula, names if self.wrt is None else self.wrt)


class Plan:
    """A formula, and where its variables and its results are in a table.

    Args:
        task: what is to be done.
        columns: the names of the table's columns.
        where: what they are said to be in.

    Raises:
        UsageError: a variable has no value, or two; two columns have the same name.
        ExprdiffError: as of ``Expression.program``.
    """

    def __init__(self, task: Task, columns: Sequence[str], where: str) -> None:
        self.task = task
        self.columns = columns
        self.where = where
        by_name: dict[str, str] = {}
        folded: dict[str, str] = {}
        for column in columns:
            if other := folded.get(column.casefold()):
                both = f"columns {shorten(other)} and {shorten(column)}, which SQL"
                both += " does not tell apart"
                if other == column:
                    both = f"column {shorten(column)} twice"
                raise UsageError(f"{where} has the {both}")
            folded[column.casefold()] = column
            by_name[normalize(column.strip())] = column
        self.formula = task.formula.taking(by_name)
        #: The column of each variable that has one.
        self.variables: dict[str, str] = {}
        for name in self.formula.variables:
            if name in by_name and name in task.fixed:
                raise UsageError(
                    f"{shorten(name)} is given twice: as a column of {where} and as an"
                    " option"
                )
            if name in by_name:
                self.variables[name] = by_name[name]
            elif name not in task.fixed:
                hint = did_you_mean(name, columns) or f"; it has {listed(columns)}"
                raise UsageError(f"{where} has no column {shorten(name)}{hint}")
        wrt = list(self.variables) if task.wrt is None else task.wrt
        self.program = task.program(self.formula, wrt)
        self.results = [task.prefix + name for name, _, _ in outputs(self.program)]
        for name in self.results:
            if other := folded.get(name.casefold()):
                raise UsageError(
                    f"{where} has the column {shorten(other)} already; with --prefix"
                    " new_ the names of the new ones begin with new_"
                )
        folded = {}
        for name in self.results:
            other = folded.setdefault(name.casefold(), name)
            if other != name:
                raise UsageError(
                    f"{shorten(other)} and {shorten(name)} would be the same column in"
                    " SQL; give a variable another name"
                )

        taken = {name.casefold() for name in (*columns, *self.results)}
        self._names = (name for k in count(1) if (name := f"t{k}") not in taken)
        #: The reasons that the last query tells apart.
        self.reasons: list[Reason] = []

    def fresh(self) -> str:
        """A name that no column has, for an engine to use."""
        return next(self._names)

    def query(
        self,
        dialect: str,
        variables: Mapping[str, str] | None = None,
        tell: Callable[[Reason], str] = lambda reason: str(reason.number),
        **how: Any,
    ) -> str:
        """The SELECT from a table ``points``.

        Args:
            dialect: one of DIALECTS.
            variables: the column of each variable there, if that is not its own.
            tell: as of ``Table``; by default it gives the number of the reason.
            how: what else ``Table`` takes.

        Raises:
            UsageError: the dialect cannot do it.
        """
        self.reasons = []

        def kept(reason: Reason) -> str:
            self.reasons.append(reason)
            return tell(reason)

        columns = dict(self.variables if variables is None else variables)
        fixed = {name: float(number) for name, number in self.task.fixed.items()}
        table = Table(self.columns, columns, fixed, self.task.prefix, kept, **how)
        return select(self.program, table, dialect)

    def counted(self, counts: Mapping[int, int]) -> list[tuple[Reason, int]]:
        """How many rows there are for each reason, from how many for its number."""
        return [(x, counts[x.number]) for x in self.reasons if x.number in counts]

    def problem(self, reason: Reason) -> ExprdiffError:
        """Why there is no number: what, and its place in the expression."""
        step, text, span = reason.step, self.formula.text, None
        message = "a number on the way is undefined or too large"
        if step is not None and step.name is not None:
            message = f"{shorten(step.name)} is no finite number"
        elif step is not None:
            operation, span = OPERATIONS[step.operation], step.span
            what = operation.signature
            if span is not None:
                what = shorten(" ".join(text[slice(*span)].split()))
            if step.derived:
                message = f"the derivative of {what} is undefined or infinite"
            elif reason.large or not operation.domain:
                message = f"{what} is beyond {floats.limit}"
            else:
                message = f"{what} is undefined"
                message += f": {operation.signature} needs {operation.domain}"
        return PointError(message, text, span)

    def failure(self, number: str, place: str, numbers: Iterable[str]) -> PointError:
        """The error of one row, as exact as doubles tell.

        Args:
            number: that of the reason why it lacks a number.
            place: where it is, in words.
            numbers: of the variables that are columns.
        """
        error = self.problem(self.reasons[int(number) - 1])
        values = dict(zip(self.variables, map(float, numbers), strict=True))
        if all(map(isfinite, values.values())):
            try:
                wrt = self.program.jacobian[0]
                self.formula.point(wrt, **{**self.task.fixed, **values})
            except ExprdiffError as told:
                error = told
        return PointError(f"{place}: {error.message}", error.text, error.span)


#: The types of numbers, as engines call them; and of what is nowhere anything.
NUMBERS = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL|VOID|NULL)\b", re.I
)


def number_type(column: str, type: str, where: str) -> None:
    """Make sure that the type of a column is one of numbers.

    Raises:
        UsageError: it is none.
    """
    if not NUMBERS.fullmatch(re.sub(r"\([^()]*\)$", "", type).strip('"')):
        raise UsageError(
            f"the column {shorten(column)} of {where} has no numbers: its type is"
            f" {shorten(type.partition('(')[0])}"
        )


def run(task: Task, engine: str, master: str | None = None) -> int:
    """Do it, say how many rows lack numbers and why, and return the exit status.

    Args:
        task: what is to be done.
        engine: the module in ``engines`` that does it.
        master: the cluster, if the engine runs on one.
    """
    for note in task.formula.notes:
        task.say("note", note)
    module = import_module(f"{__package__}.engines.{engine}")
    plan, total, counts = module.run(*([task] if master is None else [task, master]))
    return report(plan, total, counts)


def report(plan: Plan, total: int, counts: Sequence[tuple[Reason, int]]) -> int:
    """Say how many of all rows lack numbers, and why, and return the exit status."""
    failed = sum(size for _, size in counts)
    if not failed:
        return 0
    problems: dict[str, tuple[ExprdiffError, int]] = {}
    for reason, size in counts:
        error = plan.problem(reason)
        before = problems.get(str(error), (error, 0))[1]
        problems[str(error)] = error, before + size
    for error, size in sorted(problems.values(), key=lambda item: -item[1]):
        rows = "row" if size == 1 else "rows"
        error.message = f"{size:,} {rows}: {error.message}"
        plan.task.say("note", str(error))
    skipped = plan.task.on_error == "skip"
    one = failed == 1
    if skipped:
        what = "is left out" if one else "are left out"
    else:
        what = "lacks numbers" if one else "lack numbers"
    message = f"{failed:,} of {total:,} {'row' if total == 1 else 'rows'} {what}"
    plan.task.say("note" if skipped else "error", message)
    return 0 if skipped else PointError.exit_status
