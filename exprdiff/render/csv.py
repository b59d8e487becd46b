"""Comma-separated values: the variables, ``value``, and ``d_NAME`` for derivatives."""

from ..errors import UsageError, shorten
from ..style import Style
from ..trace import Point


def render(point: Point, style: Style) -> str:
    """A header and a row. Raises as ``head``."""
    return head(point) + row(point, style)


def head(point: Point) -> str:
    """The header of a table that has such points.

    Raises:
        UsageError: a variable has the name of another column.
    """
    columns = list(point.names())
    for name in columns:
        if name in point.inputs:
            raise UsageError(
                f"{shorten(name)} would be two columns, a variable and a result;"
                " give the variable another name"
            )
    return ",".join([*point.inputs, *columns]) + "\n"


def row(point: Point, style: Style) -> str:
    """The row of a point; a cell without a number is empty."""
    numbers = [*point.inputs.values(), *point.numbers()]
    return ",".join([style.number(number, "") for number in numbers]) + "\n"
