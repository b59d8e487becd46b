"""The trace: the value, a line a node with the result first, a line a derivative."""

from collections.abc import Iterator

from ..trace import Step, Trace, line


def render(trace: Trace) -> str:
    """The trace as text."""
    steps = (node(step, step.gradient) for step in trace.steps)
    return "\n".join((str(trace.value), *steps, *gradients(trace))) + "\n"


def node(step: Step, gradient: float) -> str:
    """The line of a node that has this gradient so far."""
    return line(step.id, step.operands, step.operation, step.value, gradient)


def gradients(trace: Trace) -> Iterator[str]:
    """The lines of the derivatives."""
    for name, gradient in trace.gradient.items():
        yield f"gradient of {name} is {gradient:.3f}"
