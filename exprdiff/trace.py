"""The evaluation trace: all that a renderer may see of a run."""

from collections.abc import Sequence
from typing import Any, NamedTuple


def line(
    id: int, operands: Sequence[Any], operation: str, value: Any, gradient: Any
) -> str:
    """A node as the trace shows it, with its gradient so far."""
    head = f"Node {id} : [{', '.join(map(str, operands))}] {operation} = {value}"
    if gradient != gradient:
        return f"{head}, grad: none"
    return f"{head}, grad: {gradient:.3f}"


class Step(NamedTuple):
    """What a run did at one node."""

    id: int
    operation: str
    name: str | None  #: the variable's, at a variable
    inputs: tuple[int | str, ...]  #: ids of nodes, and texts of literals
    operands: tuple[Any, ...]  #: the inputs' numbers
    partials: tuple[Any, ...]  #: the derivative in each operand, or NaN
    value: Any
    gradient: Any  #: the adjoint: the result's derivative with respect to this value
    span: tuple[int, int] | None  #: [start, end) of its part of the expression


class Trace(NamedTuple):
    """What a run did: one step a node, every user above what it uses."""

    expression: str
    value: Any
    inputs: dict[str, Any]  #: the variables' values, in order of appearance
    gradient: dict[str, Any]  #: the result's derivative with respect to each variable
    steps: list[Step]
    notes: list[str]  #: what the numbers alone do not tell
