"""The tables of the sweeps in characters, side by side where there is room."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from shutil import get_terminal_size

from ..style import Style
from ..trace import Trace
from .hands import Hand
from .sheet import Table, tables

#: What stands between tables that are side by side.
BETWEEN = "   "


def render(trace: Trace, style: Style) -> str:
    """A line for each step of each sweep, under the sweep's title."""
    blocks = [block(table, style) for table in tables(trace, Hand(trace, style))]
    widths = [max(width for width, _ in lines) for lines in blocks]
    wide = sum(widths) + len(BETWEEN) * (len(widths) - 1) <= get_terminal_size().columns
    if not wide:
        return "\n".join("".join(f"{text}\n" for _, text in lines) for lines in blocks)
    rows = zip_longest(*blocks, fillvalue=(0, ""))
    return "".join(f"{_beside(row, widths)}\n" for row in rows)


def _beside(row: Sequence[tuple[int, str]], widths: Sequence[int]) -> str:
    cells = [
        text + " " * (wide - width)
        for (width, text), wide in zip(row, widths, strict=True)
    ]
    return BETWEEN.join(cells).rstrip()


def block(table: Table, style: Style) -> list[tuple[int, str]]:
    """The lines of a table, each with its width in columns."""
    cells = [
        (
            row.left,
            f"{row.sign:>2} {row.formula}",
            row.numbers and f"= {row.numbers}",
            f"{row.giving} {row.result}",
        )
        for row in table.rows
    ]
    if all(row.sign == "=" for row in table.rows):
        cells = [(a, b[1:], c, d) for a, b, c, d in cells]
    widths = _widths(cells)
    lines = [(width(table.title), style.paint("operation", table.title))]
    for *front, last in cells:
        text = " ".join([*_padded(front, widths), ""])
        lines.append((width(text + last), text + style.paint("value", last)))
    return lines


def aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines with cells below each other; rows may end early."""
    rows = list(rows)
    widths = _widths(rows)
    for row in rows:
        yield " ".join(_padded(row, widths)).rstrip()


def _widths(rows: Iterable[Sequence[str]]) -> list[int]:
    columns = zip_longest(*rows, fillvalue="")
    return [max(map(width, column)) for column in columns]


def _padded(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for cell, wide in zip(row, widths, strict=False):
        yield cell + " " * (wide - width(cell))


def width(text: str) -> int:
    """The columns that a text takes in a terminal."""
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )
