"""The evaluation trace: all that a renderer may see of a run."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from .style import PLAIN, Style


def line(
    id: int,
    operands: Sequence[Any],
    operation: str,
    value: Any,
    adjoints: Sequence[Any],
    style: Style = PLAIN,
) -> str:
    """A node as the trace shows it, with its adjoints so far, one for each output."""
    given = ", ".join(
        "not taken" if operand is None else style.number(operand)
        for operand in operands
    )
    result = style.paint("value", style.number(value))
    grads = style.paint("gradient", ", ".join(map(style.adjoint, adjoints)))
    return (
        f"Node {id} : [{given}] {style.paint('operation', operation)} = {result},"
        f" grad: {grads}"
    )


class Point(NamedTuple):
    """What a formula has at one point; None stands for what it has not."""

    inputs: dict[str, Any]  #: the variables' values, in order of appearance
    values: tuple[Any, ...]  #: of the outputs
    jacobian: list[dict[str, Any]]  #: for each output its derivative in each variable
    notes: Sequence[str]  #: what the numbers alone do not tell

    def names(self) -> Iterator[str]:
        """The names that the values and derivatives have in a table."""
        several = len(self.values) > 1
        for k, _ in enumerate(self.values, 1):
            yield f"f{k}" if several else "value"
        for k, gradient in enumerate(self.jacobian, 1):
            for name in gradient:
                yield f"d_f{k}_{name}" if several else f"d_{name}"

    def numbers(self) -> list[Any]:
        """The values and derivatives, in the order of their names."""
        rows = (gradient.values() for gradient in self.jacobian)
        return [*self.values, *chain.from_iterable(rows)]


class Step(NamedTuple):
    """What a run did at one node."""

    id: int
    operation: str
    name: str | None  #: the variable's, at a variable
    inputs: tuple[int | str, ...]  #: ids of nodes, and texts of literals
    operands: tuple[Any, ...]  #: the inputs' numbers; None for what was not evaluated
    partials: tuple[Any, ...]  #: the derivative in each operand, NaN or None
    value: Any
    adjoints: tuple[Any, ...]  #: the derivative of each output with respect to value
    span: tuple[int, int] | None  #: [start, end) of its part of the expression


class Trace(NamedTuple):
    """What a run did: one step a node, every user above what it uses."""

    expression: str
    values: tuple[Any, ...]  #: of the outputs
    inputs: dict[str, Any]  #: as of a ``Point``
    jacobian: list[dict[str, Any]]  #: as of a ``Point``
    outputs: tuple[int, ...]  #: the ids of the outputs' nodes
    steps: list[Step]
    notes: list[str]  #: what the numbers alone do not tell
