"""Assignments for a shell: ``value=…``, and ``d_NAME=…`` for derivatives."""

import re
from collections.abc import Iterator
from functools import cache

from ..errors import UsageError, shorten
from ..style import Style
from ..trace import Point


def render(point: Point, style: Style) -> str:
    """An assignment a line.

    Raises:
        UsageError: two variables have the same name in a shell.
    """
    return "".join(f"{cell}\n" for cell in _cells(point, style))


def row(point: Point, style: Style) -> str:
    """All assignments on one line; raises as ``render``."""
    return " ".join(_cells(point, style)) + "\n"


def _cells(point: Point, style: Style) -> Iterator[str]:
    names = _names(tuple(point.names()))
    for name, number in zip(names, point.numbers(), strict=True):
        yield f"{name}={style.number(number, '')}"


@cache
def _names(columns: tuple[str, ...]) -> list[str]:
    """What the columns are called in a shell."""
    taken: dict[str, str] = {}
    for column in columns:
        name = re.sub("[^A-Za-z0-9_]", _ascii, column)
        if name in taken:
            raise UsageError(
                f"{shorten(taken[name])} and {shorten(column)} are both {shorten(name)}"
                " in a shell; give one of the variables another name"
            )
        taken[name] = column
    return list(taken)


def _ascii(match: re.Match[str]) -> str:
    """A character that names of a shell do not have, by its code point."""
    return f"u{ord(match.group()):04x}"
