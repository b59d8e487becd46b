"""The trace: the value, a line a node with the result first, a line a derivative.

In forward mode the nodes stand in the order in which they are calculated. Of second and
higher derivatives there are lines in place of the nodes.
"""

from collections.abc import Iterator, Sequence

from ..errors import shorten
from ..style import Style
from ..trace import Point, Step, Trace, line


def render(trace: Trace, style: Style) -> str:
    """The trace as text."""
    steps: Iterator[str] = iter(())
    if trace.direction:
        steps = (node(step, [step.tangent], style, "tangent") for step in trace.steps)
    elif not (trace.hessians or trace.orders):
        steps = (node(step, step.adjoints, style) for step in trace.steps)
    lines = (*values(trace, style), *steps, *derivatives(trace, style))
    return "\n".join(lines) + "\n"


def values(trace: Point, style: Style) -> Iterator[str]:
    """The lines of the values."""
    for value in trace.values:
        yield style.paint("value", style.number(value))


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

    def shown(derivative: float) -> str:
        return style.paint("gradient", style.adjoint(derivative))

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
