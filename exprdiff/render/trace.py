"""The trace: the value, a line a node with the result first, a line a derivative.

In forward mode the nodes stand in the order in which they are calculated. Of second and
higher derivatives there are lines in place of the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..style import Style
from ..trace import Point, Step, Trace, line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..budget import Budget


def render(trace: Point, style: Style) -> str:
    """The trace as text."""
    lines = (
        *values(trace, style),
        *nodes(trace, style),
        *derivatives(trace, style),
        *budgets(trace, style),
    )
    return "\n".join(lines) + "\n"


def values(trace: Point, style: Style) -> Iterator[str]:
    """The lines of the values."""
    for value in trace.values:
        yield style.paint("value", style.number(value))


def nodes(trace: Point, style: Style) -> Iterator[str]:
    """The lines of the nodes, if they are shown."""
    if isinstance(trace, Trace) and not (trace.hessians or trace.orders):
        for step in trace.steps:
            if trace.direction:
                yield node(step, [step.tangent], style, "tangent")
            else:
                yield node(step, step.adjoints, style)


def node(
    step: Step, adjoints: Sequence[float], style: Style, kind: str = "grad"
) -> str:
    """The line of a node that has these adjoints so far."""
    return line(
        step.id, step.operands, step.operation, step.value, adjoints, style, kind
    )


def derivatives(trace: Point, style: Style) -> Iterator[str]:
    """The lines of the derivatives."""
    several = len(trace.values) > 1

    def shown(derivative: float | str) -> str:
        if not isinstance(derivative, str):  # which has its digits already
            derivative = style.adjoint(derivative)
        return style.paint("gradient", derivative)

    for k, derivative in enumerate(trace.derivatives, 1):
        which = f" of f{k}" if several else ""
        yield f"derivative{which} along {along(trace)} is {shown(derivative)}"
    if trace.orders:
        yield from _orders(trace, style)
        return
    for k, gradient in enumerate(trace.jacobian, 1):
        which = f" of f{k} in" if several else " of"
        for name, derivative in gradient.items():
            yield f"gradient{which} {name} is {shown(derivative)}"
    for k, hessian in enumerate(trace.hessians, 1):
        which = f" of f{k} in" if several else " of"
        for (a, b), derivative in hessian.items():
            yield f"hessian{which} {a}, {b} is {shown(derivative)}"


def along(trace: Point) -> str:
    """The direction: a variable, or the components in several."""
    ((name, component), *more) = trace.direction.items()
    if component == 1 and not more:
        return name
    return ", ".join(f"{name}={dx}" for name, dx in trace.direction.items())


def _orders(trace: Point, style: Style) -> Iterator[str]:
    """A line for each order, with all digits, since coefficients may be small."""
    several, (name,) = len(trace.values) > 1, trace.jacobian[0]
    for f, (orders, taylor) in enumerate(
        zip(trace.orders, trace.taylor, strict=True), 1
    ):
        which = f" of f{f}" if several else ""
        for k in range(1, len(orders)):
            derivative, coefficient = (
                style.paint("gradient", style.number(row[k]))
                for row in (orders, taylor)
            )
            yield (
                f"derivative {k}{which} in {name} is {derivative},"
                f" Taylor coefficient {coefficient}"
            )


def budgets(trace: Point, style: Style) -> Iterator[str]:
    """The lines of the results with their uncertainties, and a table for each."""
    if not trace.budgets:
        return
    from ..budget import rounded

    several = len(trace.values) > 1
    for k, budget in enumerate(filter(None, trace.budgets), 1):
        shown = rounded(budget.value, budget.uncertainty)
        yield f"{f'f{k}' if several else 'result'} is {style.paint('value', shown)}"
        yield from _table(budget, style)


def _table(budget: Budget, style: Style) -> Iterator[str]:
    """The contributions of the inputs, in columns under a line of headings."""
    from ..budget import Contribution

    rows = [Contribution._fields]
    for (
        name,
        value,
        uncertainty,
        sensitivity,
        contribution,
        share,
    ) in budget.contributions:
        rows.append(
            (
                name,
                style.number(value),
                style.number(uncertainty),
                short(sensitivity, style),
                short(contribution, style),
                "" if share is None else f"{share:.1f} %",
            )
        )
    yield from columns(rows)


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines with cells below each other, to the right but for the first."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *cells in rows:
        right = map(str.rjust, cells, widths[1:])
        yield "  ".join([name.ljust(widths[0]), *right]).rstrip()


def short(number: float, style: Style) -> str:
    """A number with four digits, or as many as are asked for."""
    return f"{number:.4g}" if style.precision is None else style.number(number)
