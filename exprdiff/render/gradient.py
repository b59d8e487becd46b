"""The derivatives alone: ``NAME<TAB>NUMBER``.

Where there are several values it is ``f1<TAB>NAME<TAB>NUMBER``. Second derivatives have
both names, with a comma between them, and higher ones the name once for each order.
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
    for k in range(len(point.values)):
        output = f"f{k + 1}\t" if len(point.values) > 1 else ""
        for name, derivative in _named(point, k):
            yield f"{output}{name}\t{style.number(derivative, 'null')}"


def _named(point: Point, k: int) -> Iterator[tuple[str, float]]:
    """The derivatives of output k, and what they are called."""
    if point.derivatives:
        yield (
            ",".join(f"{x}={dx}" for x, dx in point.direction.items()),
            point.derivatives[k],
        )
    yield from point.jacobian[k].items()
    for rows in point.hessians[k : k + 1]:
        yield from ((",".join(names), derivative) for names, derivative in rows.items())
    for orders in point.orders[k : k + 1]:
        (name,) = point.jacobian[k]
        for order in range(2, len(orders)):
            yield ",".join([name] * order), orders[order]
