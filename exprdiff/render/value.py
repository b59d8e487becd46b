"""The value alone."""

from ..style import Style
from ..trace import Point


def render(point: Point, style: Style) -> str:
    """A line for each value."""
    return "".join(f"{cell}\n" for cell in _cells(point, style))


def row(point: Point, style: Style) -> str:
    """A line with all values, tabs between them."""
    return "\t".join(_cells(point, style)) + "\n"


def _cells(point: Point, style: Style) -> list[str]:
    return [style.number(value, "null") for value in point.values]
