"""The derivatives alone: ``NAME<TAB>NUMBER``.

Where there are several values it is ``f1<TAB>NAME<TAB>NUMBER``.
"""

from collections.abc import Iterator

from ..style import Style
from ..trace import Point


def render(point: Point, style: Style) -> str:
    """A line for each derivative."""
    return "".join(f"{cell}\n" for cell in _cells(point, style))


def row(point: Point, style: Style) -> str:
    """A line with all derivatives, tabs between them."""
    return "\t".join(_cells(point, style)) + "\n"


def _cells(point: Point, style: Style) -> Iterator[str]:
    for k, gradient in enumerate(point.jacobian, 1):
        output = f"f{k}\t" if len(point.jacobian) > 1 else ""
        for name, derivative in gradient.items():
            yield f"{output}{name}\t{style.number(derivative, 'null')}"
