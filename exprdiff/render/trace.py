"""The trace: the value, a line a node with the result first, a line a derivative."""

from collections.abc import Iterator, Sequence

from ..style import Style
from ..trace import Step, Trace, line


def render(trace: Trace, style: Style) -> str:
    """The trace as text."""
    steps = (node(step, step.adjoints, style) for step in trace.steps)
    lines = (*values(trace, style), *steps, *gradients(trace, style))
    return "\n".join(lines) + "\n"


def values(trace: Trace, style: Style) -> Iterator[str]:
    """The lines of the values."""
    for value in trace.values:
        yield style.paint("value", style.number(value))


def node(step: Step, adjoints: Sequence[float], style: Style) -> str:
    """The line of a node that has these adjoints so far."""
    return line(step.id, step.operands, step.operation, step.value, adjoints, style)


def gradients(trace: Trace, style: Style) -> Iterator[str]:
    """The lines of the derivatives."""
    for k, gradient in enumerate(trace.jacobian, 1):
        which = f" of f{k} in" if len(trace.jacobian) > 1 else " of"
        for name, derivative in gradient.items():
            shown = style.paint("gradient", style.adjoint(derivative))
            yield f"gradient{which} {name} is {shown}"
