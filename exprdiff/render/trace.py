"""The trace: the value, a line a node with the result first, a line a derivative."""

from collections.abc import Iterator, Sequence

from ..trace import Step, Trace, line


def render(trace: Trace) -> str:
    """The trace as text."""
    values = map(str, trace.values)
    steps = (node(step, step.adjoints) for step in trace.steps)
    return "\n".join((*values, *steps, *gradients(trace))) + "\n"


def node(step: Step, adjoints: Sequence[float]) -> str:
    """The line of a node that has these adjoints so far."""
    return line(step.id, step.operands, step.operation, step.value, adjoints)


def gradients(trace: Trace) -> Iterator[str]:
    """The lines of the derivatives."""
    for k, gradient in enumerate(trace.jacobian, 1):
        which = f" of f{k} in" if len(trace.jacobian) > 1 else " of"
        for name, derivative in gradient.items():
            yield f"gradient{which} {name} is {derivative:.3f}"
