"""The evaluation trace: all that a renderer may see of a run."""

from collections.abc import Sequence
from typing import Any, NamedTuple


def line(
    id: int,
    operands: Sequence[Any],
    operation: str,
    value: Any,
    adjoints: Sequence[Any],
) -> str:
    """A node as the trace shows it, with its adjoints so far, one for each output."""
    given = ("not taken" if operand is None else str(operand) for operand in operands)
    grads = ("none" if grad != grad else f"{grad + 0:.3f}" for grad in adjoints)
    head = f"Node {id} : [{', '.join(given)}] {operation} = {value}"
    return f"{head}, grad: {', '.join(grads)}"


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
    inputs: dict[str, Any]  #: the variables' values, in order of appearance
    jacobian: list[dict[str, Any]]  #: for each output its derivative in each variable
    outputs: tuple[int, ...]  #: the ids of the outputs' nodes
    steps: list[Step]
    notes: list[str]  #: what the numbers alone do not tell
