"""Comma-separated values: the variables, ``value``, and ``d_NAME`` for derivatives."""

from ..errors import UsageError, shorten
from ..style import Style
from ..trace import Point


def render(point: Point, style: Style) -> str:
    """A header and a row, or the budget of uncertainties. Raises as ``head``."""
    return budget(point, style) if point.budgets else head(point) + row(point, style)


def budget(point: Point, style: Style) -> str:
    """A row for each input, and a last one for the result; of several values all."""
    from ..budget import Contribution

    lines = [list(Contribution._fields)]
    for k, budget in enumerate(filter(None, point.budgets), 1):
        for part in budget.contributions:
            name, *numbers = part
            lines.append([name, *(style.number(number, "") for number in numbers)])
        total = [
            style.number(budget.value),
            style.number(budget.uncertainty),
            "",
            "",
            "",
        ]
        lines.append([f"f{k}" if len(point.budgets) > 1 else "result", *total])
    return "".join(",".join(line) + "\n" for line in lines)


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
