"""The output formats: a file each, in which ``render`` gives the text of a result.

It takes a trace, or a point where the graph does not matter. A format of which a table
can be made has ``row`` as well, a line for a point, and may have ``head``.
"""

import math
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

from ..errors import MissingLibrary, shorten
from ..style import PLAIN, Style
from ..trace import Point, Trace


class Format(NamedTuple):
    """What a format prints."""

    meaning: str
    traces: bool = True  #: whether it shows the graph
    rows: bool = True  #: whether it can be a row of a table
    suffixes: tuple[str, ...] = ()  #: of the names of files that have it


FORMATS = {
    "trace": Format("the value, every node and every derivative", rows=False),
    "article": Format("the transcript of the article's program", rows=False),
    "value": Format("the number alone", traces=False),
    "gradient": Format("NAME, a tab and the derivative, a line each", traces=False),
    "csv": Format("a header and rows", traces=False, suffixes=(".csv",)),
    "json": Format("objects, one a line", suffixes=(".json", ".jsonl", ".ndjson")),
    "shell": Format("assignments for eval", traces=False, suffixes=(".sh",)),
    "plot": Format("a drawing of a sweep", False, False, (".svg", ".png", ".pdf")),
}


def render(result: Trace | Point, format: str, style: Style = PLAIN) -> str:
    """The text of a result in one of FORMATS."""
    text: str = _module(format).render(result, style)
    return text


def format_of(path: str | None) -> str | None:
    """The format that the suffix of a file's name tells, if it tells any."""
    for name, about in FORMATS.items():
        if path is not None and path.lower().endswith(about.suffixes):
            return name
    return None


def table(
    points: Iterable[Point], none: Point, format: str, style: Style
) -> Iterator[str]:
    """The lines of a table, each as soon as its point has come.

    Args:
        points: they have the same variables.
        none: what stands for them where there are none, and the table has a head.
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
        yield head(none)


#: The most points of a drawing.
MOST_POINTS = 1_000_000


class Grid(NamedTuple):
    """The results of a sweep."""

    expression: str
    sweeps: dict[str, list[int | float]]  #: the values of the swept variables
    none: Point  #: what stands for a point that has no result
    points: Iterable[Point]  #: the last variable fastest; they may come but once

    def title(self) -> str:
        """The expression on one line, and not too long."""
        return shorten(" ".join(self.expression.split()), 70)

    def series(self) -> Iterator[tuple[str, list[float]]]:
        """The numbers to draw, NaN where there is none, with what they are called."""
        columns = zip(*(point.numbers() for point in self.points), strict=True)
        for name, numbers in zip(self.none.names(), columns, strict=True):
            yield name, list(map(_drawn, numbers))


def draw(grid: Grid, path: str | None, style: Style) -> str | bytes:
    """The drawing of a sweep: a figure if the path has the suffix of one, or text."""
    suffix = (path or "").lower().rpartition(".")[2]
    if f".{suffix}" not in FORMATS["plot"].suffixes:
        drawing: str | bytes = _module("plot").render(grid, style)
    else:
        drawing = _module("figure").render(grid, suffix)
    return drawing


def library(name: str, extra: str) -> Any:
    """The module of a library that is installed only with an extra.

    Raises:
        MissingLibrary: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise MissingLibrary(name, extra) from None


def _drawn(number: int | float | None) -> float:
    return math.nan if number is None or not math.isfinite(number) else float(number)


def _module(format: str) -> ModuleType:
    return import_module(f".{format}", __package__)
