"""What there is to say of a node: why it has no number, or which number was chosen."""

import re
from collections.abc import Iterator
from typing import Any, Protocol

from .errors import DomainError, RangeError, shorten
from .graph import Node

#: How many operands a message shows.
MOST = 8

#: Where the derivative is a matter of convention, and how a note calls it.
EDGES = {
    "kink": "is at a kink",
    "jump": "is at a jump",
    "vertical": "has a vertical tangent",
}


class Run(Protocol):
    """What messages are about: a run of an executor."""

    numbers: Any
    text: str | None
    topo_list: list[Node]
    operands: dict[Node, tuple[Any, ...]]
    primals: dict[Node, Any]
    partials: dict[Node, tuple[Any, ...]]

    def is_at(self, node: Node, edge: str) -> bool:
        """Whether node is where its rule has an edge of this kind."""

    def matters(self, node: Node) -> bool:
        """Whether node depends on a variable whose derivative is asked for."""


def undefined(run: Run, node: Node, operands: tuple[Any, ...]) -> DomainError:
    """The error that node has no value at these operands."""
    operation, where = node.operation, origins(run, node, operands)
    message = f"{call(node, operands)} is undefined"
    if not all(map(run.numbers.isfinite, operands)):
        message += ": an infinite operand leaves it without a value"
        message += f", where {where}" if where else ""
    elif operation.domain:
        message += f": {operation.signature} needs {operation.domain}"
        message += f", but {where}" if where else ""
    return DomainError(message, run.text, node.span)


def no_gradient(run: Run, node: Node, k: int) -> DomainError:
    """The error that the chain rule ends at input k of node."""
    operands, partial = run.operands[node], run.partials[node][k]
    if partial != partial:
        reason = f"{derivative(run, node, k)} does not exist"
    else:
        reason = (
            f"at {call(node, operands)} the chain rule multiplies"
            " an infinite derivative by 0, or adds it to its opposite"
        )
    where = origins(run, node, operands)
    message = f"the gradient is undefined: {reason}, where {where}"
    return DomainError(message, run.text, node.span)


def overflow(
    run: Run, what: str, node: Node, operands: tuple[Any, ...] = ()
) -> RangeError:
    """The error that what is said of node is beyond the largest number."""
    message = f"{what} is beyond {run.numbers.limit}"
    where = operands and origins(run, node, operands)
    return RangeError(
        f"{message}, where {where}" if where else message, run.text, node.span
    )


def large_literal(run: Run, literal: int | float | str, node: Node) -> RangeError:
    """The error that an input of node is beyond the largest number."""
    if not isinstance(literal, str):
        return overflow(run, "a number", node)
    error = overflow(run, f"the number {shorten(literal)}", node)
    if node.span and run.text is not None:
        # The first of this text it is: inputs to the left were read before. There is
        # none where a name stands for the literal.
        place = re.compile(rf"(?<![\w.]){re.escape(literal)}(?![\w.])")
        found = place.search(run.text, *node.span)
        error.span = found.span() if found else node.span
    return error


def call(node: Node, operands: tuple[Any, ...]) -> str:
    """The operation of node with the operands that it has."""
    words = [str(operand) for operand in operands if operand is not None]
    more = ", ..." * (len(words) > MOST)
    return f"{node.operation.name}({', '.join(words[:MOST])}{more})"


def derivative(run: Run, node: Node, k: int) -> str:
    """The derivative of node in input k, in words."""
    towards = f"{node.operation.signature} in {_operand(node, k)}"
    return f"the derivative of {towards} at {call(node, run.operands[node])}"


def origins(run: Run, node: Node, operands: tuple[Any, ...]) -> str:
    """Where the operands of node come from that are no literals."""
    given = {
        _text(run, source): operand
        for source, operand in zip(node.inputs, operands, strict=True)
        if isinstance(source, Node) and operand is not None
    }
    words = [f"{text} is {x}" for text, x in given.items() if text != str(x)]
    return ", ".join(words[:MOST]) + ", ..." * (len(words) > MOST)


def notes(run: Run) -> Iterator[str]:
    """What is said of each node whose derivative is a matter of convention.

    They come in the order in which the nodes were calculated.
    """
    for node in run.topo_list:
        if not run.matters(node):
            continue
        if node in run.partials:
            yield from _not_asked_for(run, node)
            for edge in EDGES:
                if run.is_at(node, edge):
                    yield from _slopes(run, node, edge)
        elif isinstance(run.primals[node], bool) and run.is_at(node, "jump"):
            yield (
                f"{_text(run, node)}: the condition changes here, where"
                f" {origins(run, node, run.operands[node])};"
                " the derivative is that of the branch that is taken"
            )


def _not_asked_for(run: Run, node: Node) -> Iterator[str]:
    """A note for each operand in which node has no derivative, if none is needed."""
    for k, (source, partial) in enumerate(
        zip(node.inputs, run.partials[node], strict=True)
    ):
        if isinstance(source, Node) and source.active and partial != partial:
            yield (
                f"{_text(run, node)}: {call(node, run.operands[node])} has no derivative"
                f" in {_operand(node, k)}, which is not asked for"
            )


def _slopes(run: Run, node: Node, edge: str) -> Iterator[str]:
    """A note for each operand of node in which the slope has been chosen."""
    for k, (source, used) in enumerate(
        zip(node.inputs, run.partials[node], strict=True)
    ):
        if not isinstance(source, Node) or not run.matters(source):
            continue
        sides = list(_sides(run, node, k))
        chosen = {
            "kink": {slope for _, slope in sides} != {used},
            "jump": {value for value, _ in sides} != {run.primals[node]},
            "vertical": not run.numbers.isfinite(used),
        }
        if chosen[edge]:
            below, above = (slope for _, slope in sides)
            yield (
                f"{_text(run, node)}: {call(node, run.operands[node])} {EDGES[edge]}:"
                f" its slope in {_operand(node, k)} is {below} below and {above} above,"
                f" and counts as {used}"
            )


def _sides(run: Run, node: Node, k: int) -> Iterator[tuple[Any, Any]]:
    """The value and the slope in operand k, just below and just above it."""
    m, operation, operands = run.numbers, node.operation, run.operands[node]
    for beside in m.neighbours(operands[k]):
        moved = (*operands[:k], beside, *operands[k + 1 :])
        try:
            value = m.settle(operation.value(m, *moved), moved)
            slope = operation.partials(m, value, *moved)[k]
        except (ArithmeticError, ValueError):
            yield None, "undefined"
            continue
        if not m.isfinite(run.partials[node][k]):
            slope = m.copysign(m.inf, slope)  # as it is in the limit
        yield value, slope


def _operand(node: Node, k: int) -> str:
    """What the rule calls operand k."""
    names = node.operation.operands
    return names[k] if k < len(names) else f"argument {k + 1}"


def _text(run: Run, node: Node) -> str:
    """The part of the expression that node stands for, in short."""
    if node.name is not None:
        return shorten(node.name)
    if run.text is None or node.span is None:
        return f"node {node.id} ({node.operation.name})"
    return shorten(" ".join(run.text[slice(*node.span)].split()))
