"""The output formats: a file each, in which ``render`` gives the text of a result.

It takes a trace, or a point where the graph does not matter, or a program, which holds
at every point. A format of which a table can be made has ``row`` as well, a line for a
point, and may have ``head``. What draws a sweep takes a grid: ``plot`` gives text, and
``figure`` the bytes of a file.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from ..errors import (
    FileError,
    MissingLibrary,
    PointError,
    UsageError,
    shorten,
    visible,
)
from ..style import PLAIN, Style
from ..trace import Point, Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..program import Program


class Format:
    """A format.

    Args:
        meaning: what it prints.
        shows: what it is made of: a "point", a "trace", a "lesson" or "tables", which
            are traces with all there is, a "program" or a "sweep".
        rows: whether it can be a row of a table.
        suffixes: of the names of files that have it.
    """

    @property
    def whole(self) -> bool:
        """Whether it shows a trace that has all there is."""
        return self.shows in ("lesson", "tables")

    def __init__(
        self,
        meaning: str,
        shows: str = "point",
        rows: bool = False,
        suffixes: tuple[str, ...] = (),
    ) -> None:
        self.meaning = meaning
        self.shows = shows
        self.rows = rows
        self.suffixes = suffixes


#: The most points of a drawing, and the largest number in it.
MOST_POINTS, LARGEST = 1_000_000, 1e300

FORMATS = {
    "trace": Format("the value, every node and every derivative", "trace"),
    "steps": Format("every sweep as a table, as textbooks have it", "tables"),
    "markdown": Format("the same in Markdown", "tables", suffixes=(".md",)),
    "latex-steps": Format("the same in LaTeX", "tables", suffixes=(".tex",)),
    "html": Format("the same as a page in HTML", "tables", suffixes=(".html",)),
    "tree": Format("the graph in the terminal, as a tree", "lesson"),
    "dot": Format("the graph for Graphviz", "lesson", suffixes=(".dot", ".gv")),
    "mermaid": Format("the graph for Mermaid", "lesson", suffixes=(".mmd",)),
    "svg": Format("a picture of the graph", "lesson", suffixes=(".svg",)),
    "lesson": Format(
        "a page that plays the sweeps, step by step", "lesson", suffixes=(".html",)
    ),
    "article": Format("the transcript of the article's program", "trace"),
    "value": Format("the number alone", rows=True),
    "gradient": Format("NAME, a tab and the derivative, a line each", rows=True),
    "csv": Format("a header and rows", rows=True, suffixes=(".csv",)),
    "json": Format(
        "one object, or in a table one a line",
        "trace",
        rows=True,
        suffixes=(".json", ".jsonl", ".ndjson"),
    ),
    "shell": Format("assignments for eval", rows=True, suffixes=(".sh",)),
    "plot": Format("a drawing of a sweep", "sweep", suffixes=(".svg", ".png", ".pdf")),
    "formula": Format(
        "every derivative as a formula, for which no values are needed", "program"
    ),
    "latex": Format(
        "the formula and every derivative in LaTeX", "program", suffixes=(".tex",)
    ),
    "python": Format("a function in Python", "program", suffixes=(".py",)),
    "numpy": Format("the same for arrays of NumPy", "program"),
    "jax": Format("the same for arrays of JAX", "program"),
    "c": Format("a function in C", "program", suffixes=(".c",)),
    "javascript": Format("a function in JavaScript", "program", suffixes=(".js",)),
    "sql": Format("a query in SQL", "program", suffixes=(".sql",)),
}


def render(
    result: Trace | Point | Program, format: str, style: Style = PLAIN, *how: str
) -> str:
    """The text of a result in one of FORMATS.

    Args:
        result: what the format shows.
        format: its name.
        style: how numbers look.
        how: what else its module takes.
    """
    text: str = _module(format).render(result, style, *how)
    return text


def format_of(path: str | None, *shows: str) -> str | None:
    """The format that the suffix of a file's name tells, if it tells any.

    Args:
        path: the name.
        shows: what the format shows, if several have the suffix.
    """
    found = [
        name
        for name, about in FORMATS.items()
        if path is not None and path.lower().endswith(about.suffixes)
    ]
    fitting = [name for name in found if FORMATS[name].shows in shows]
    return next(iter(fitting + found), None)


def table(
    points: Iterable[Point], nowhere: Callable[[], Point], format: str, style: Style
) -> Iterator[str]:
    """The lines of a table, each as soon as its point has come.

    Args:
        points: they have the same variables.
        nowhere: gives what stands for a point where there is none to take a head from.
        format: one of FORMATS.
        style: how numbers look.
    """
    module = _module(format)
    row, head = module.row, getattr(module, "head", None)
    for point in points:
        if head:
            yield head(point)
            head = None
        yield row(point, style)
    if head:
        yield head(nowhere())


class Grid:
    """The results of a sweep.

    Args:
        expression: the text.
        sweeps: the values of the swept variables.
        none: what stands for a point that has no result.
        points: the last variable fastest; they may come but once.
    """

    def __init__(
        self,
        expression: str,
        sweeps: dict[str, list[int | float]],
        none: Point,
        points: Iterable[Point],
    ) -> None:
        self.expression = expression
        self.sweeps = sweeps
        self.none = none
        self.points = points

    def title(self, width: int = 70) -> str:
        """The expression on one line, of no more than so many columns."""
        return shorten(" ".join(self.expression.split()), width - 1)

    def series(self) -> dict[str, list[float]]:
        """The numbers to draw, NaN where there is none, with what they are called.

        Raises:
            PointError: there are none.
            UsageError: they are too large.
        """
        columns = zip(*(point.numbers() for point in self.points), strict=True)
        series = {
            name: [math.nan if y is None or math.isinf(y) else float(y) for y in column]
            for name, column in zip(self.none.names(), columns, strict=True)
        }
        drawn = [y for column in series.values() for y in column if y == y]
        if not drawn:
            raise PointError("there is nothing to draw: no point has a result")
        if any(abs(y) > LARGEST for y in chain(drawn, *self.sweeps.values())):
            raise UsageError(f"numbers beyond {LARGEST:g} are too large to draw")
        return series


def draw(grid: Grid, path: str | None, style: Style) -> str | bytes:
    """The drawing of a sweep: a figure if the path has the suffix of one, or text."""
    if format_of(path, "sweep") == "plot":
        suffix = str(path).lower().rpartition(".")[2]
        drawing: str | bytes = _module("figure").render(grid, suffix)
    else:
        drawing = _module("plot").render(grid, style)
    return drawing


def library(name: str, extra: str) -> Any:
    """The module of a library that is installed only with an extra.

    Raises:
        MissingLibrary: it is not installed.
        FileError: it cannot be imported.
    """
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == name:
            raise MissingLibrary(name, extra) from None
        raise FileError(f"cannot import {name}: {visible(str(error))}") from None


def _module(format: str) -> ModuleType:
    name = f"{__name__}.{format.replace('-', '_')}"
    __import__(name)  # importlib would take as long to load as all formats
    return sys.modules[name]
