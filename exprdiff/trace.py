"""The evaluation trace: all that a renderer may see of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from .style import PLAIN, Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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


class Point:
    """What a formula has at one point; None stands for what it has not.

    Args:
        inputs: the variables' values, in order of appearance.
        values: those of the outputs.
        jacobian: for each output its derivative in each variable.
        notes: what the numbers alone do not tell.
    """

    def __init__(
        self,
        inputs: dict[str, Any],
        values: tuple[Any, ...],
        jacobian: list[dict[str, Any]],
        notes: list[str],
    ) -> None:
        self.inputs = inputs
        self.values = values
        self.jacobian = jacobian
        self.notes = notes

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


class Step:
    """What a run did at one node.

    Args:
        id: the node's.
        operation: its name.
        name: the variable's, at a variable.
        inputs: ids of nodes, and texts of literals.
        operands: the inputs' numbers; None for what was not evaluated.
        partials: the derivative in each operand, NaN or None.
        value: the output.
        adjoints: the derivative of each output of the graph with respect to value.
        span: [start, end) of its part of the expression.
    """

    __slots__ = (
        *("id", "operation", "name", "inputs", "operands"),
        *("partials", "value", "adjoints", "span"),
    )

    def __init__(
        self,
        id: int,
        operation: str,
        name: str | None,
        inputs: tuple[int | str, ...],
        operands: tuple[Any, ...],
        partials: tuple[Any, ...],
        value: Any,
        adjoints: tuple[Any, ...],
        span: tuple[int, int] | None,
    ) -> None:
        self.id = id
        self.operation = operation
        self.name = name
        self.inputs = inputs
        self.operands = operands
        self.partials = partials
        self.value = value
        self.adjoints = adjoints
        self.span = span


class Trace(Point):
    """What a run did: one step a node, every user above what it uses.

    Args:
        point: what came of it.
        expression: the text.
        outputs: the ids of the outputs' nodes.
        steps: the nodes.
    """

    def __init__(
        self,
        point: Point,
        expression: str,
        outputs: tuple[int, ...],
        steps: list[Step],
    ) -> None:
        super().__init__(point.inputs, point.values, point.jacobian, point.notes)
        self.expression = expression
        self.outputs = outputs
        self.steps = steps
