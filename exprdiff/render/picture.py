"""What pictures of the graph have in common: boxes for nodes, arrows for uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import visible
from ..trace import Step, Trace
from .hands import Hand


class Box(NamedTuple):
    """A node.

    A choice that is not taken leaves nodes without numbers.
    """

    id: int
    title: str  #: its operation, or the variable's name
    value: str
    gradient: str  #: its adjoint, or those of several outputs; or ""
    remark: str  #: what is said of a kink, or the like; or ""
    kind: str  #: "variable", "result", "operation" or "skipped"


class Arrow(NamedTuple):
    """The use of a node as an input of another one."""

    source: int
    target: int
    k: int  #: which input it is
    partial: str  #: the derivative of the target in the source; "" if there is none


def boxes(trace: Trace, hand: Hand) -> Iterator[Box]:
    """A box for each node, behind those that it uses."""
    for step in trace.nodes().values():
        kind = "operation"
        if step.value is None:
            kind = "skipped"
        elif step.name is not None:
            kind = "variable"
        elif step.id in trace.outputs:
            kind = "result"
        yield Box(
            step.id,
            title(step),
            hand.number(step.value),
            "" if kind == "skipped" else ", ".join(map(hand.number, step.adjoints)),
            " ".join(trace.remarks.get(step.id, ())),
            kind,
        )


def arrows(trace: Trace, hand: Hand) -> Iterator[Arrow]:
    """An arrow for each use of a node."""
    for step in trace.nodes().values():
        for k, source in enumerate(step.inputs):
            if step.name is None and isinstance(source, int):
                partial = step.partials[k]
                number = "" if partial is None else hand.number(partial)
                yield Arrow(source, step.id, k, number)


def title(step: Step) -> str:
    """What a node does, with the numbers that are its inputs."""
    if step.name is not None:
        return visible(step.name)
    if all(isinstance(i, int) for i in step.inputs):
        return step.operation
    shown = ("·" if isinstance(i, int) else i for i in step.inputs)
    return f"{step.operation}({', '.join(shown)})"
