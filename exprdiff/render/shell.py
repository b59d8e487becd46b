"""Assignments for a shell: ``value=…``, and ``d_NAME=…`` for derivatives."""

import re
from collections.abc import Iterator

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
    taken: dict[str, str] = {}
    for column, number in zip(point.names(), point.numbers(), strict=True):
        name = re.sub("[^A-Za-z0-9_]", _ascii, column)
        if taken.setdefault(name, column) != column:
            raise UsageError(
                f"{shorten(taken[name])} and {shorten(column)} are both {shorten(name)}"
                " in a shell; give one of the variables another name"
            )
        yield f"{name}={style.number(number, '')}"


def _ascii(match: re.Match[str]) -> str:
    """A character that names of a shell do not have, by its code point."""
    return f"u{ord(match.group()):04x}"
