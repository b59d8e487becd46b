"""What there is to say of a node: why it has no number, or which number was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .errors import EXCERPT, DomainError, RangeError, shorten
from .graph import Literal, Node, Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .executor import Executor
    from .graph import Input

#: How many operands a message shows, and how many notes there are at most.
MOST, MOST_NOTES = 8, 100

#: Where the derivative is a matter of convention, and how a note calls it.
EDGES = {
    "kink": "is at a kink",
    "jump": "is at a jump",
    "vertical": "has a vertical tangent",
}


def undefined(run: Executor, node: Node, operands: tuple[Any, ...]) -> DomainError:
    """The error that node has no value at these operands."""
    operation = node.operation
    message = f"{call(node, operands)} is undefined"
    if not all(map(run.numbers.isfinite, operands)):
        message += ": an infinite operand leaves it without a value"
        message += where(run, node, operands)
    elif operation.domain:
        message += f": {operation.signature} needs {operation.domain}"
        message += where(run, node, operands, "but", named=True)
    return DomainError(message, run.text, node.span)


def no_gradient(run: Executor, node: Node, k: int) -> DomainError:
    """The error that the chain rule ends at input k of node."""
    operands, partial = run.operands(node), run.partials(node)[k]
    missing = partial != partial
    message = "the gradient is undefined: "
    if missing:
        message += f"{derivative(run, node, k)} does not exist"
    else:
        message += f"at {call(node, operands)} the chain rule multiplies"
        message += " an infinite derivative by 0, or adds it to its opposite"
    message += where(run, node, operands, named=missing)
    return DomainError(message, run.text, node.span)


def overflow(
    run: Executor, what: str, node: Node, operands: tuple[Any, ...] = ()
) -> RangeError:
    """The error that what is said of node is beyond the largest number."""
    message = f"{what} is beyond {run.numbers.limit}"
    if operands:
        message += where(run, node, operands)
    return RangeError(message, run.text, node.span)


def large_literal(run: Executor, literal: Input, node: Node) -> RangeError:
    """The error that an input of node is beyond the largest number."""
    text = shorten(literal) if isinstance(literal, str) else ""
    error = overflow(run, f"the number {text}" if text else "a number", node)
    if isinstance(literal, Literal):
        error.span = literal.span
    return error


def call(node: Node, operands: tuple[Any, ...]) -> str:
    """The operation of node with the operands that it has."""
    words = [str(operand) for operand in operands if operand is not None]
    more = ", ..." * (len(words) > MOST)
    return f"{node.operation.name}({', '.join(words[:MOST])}{more})"


def derivative(run: Executor, node: Node, k: int) -> str:
    """The derivative of node in input k, in words."""
    towards = f"{node.operation.signature} in {_operand(node, k)}"
    at = f" at {call(node, run.operands(node))}" if run.numbers.decides else ""
    return f"the derivative of {towards}{at}"


def where(
    run: Executor,
    node: Node,
    operands: tuple[Any, ...],
    joint: str = "where",
    named: bool = False,
) -> str:
    """The end of a message that tells where the operands of node come from.

    Args:
        run: of an executor.
        node: what the message is about.
        operands: its operands; of literals, the call tells enough.
        joint: the word with which it begins.
        named: whether to say which operand of the rule each of them is.
    """
    if not run.numbers.decides:  # there is no point
        return ""
    words = []
    for k, (source, operand) in enumerate(zip(node.inputs, operands, strict=True)):
        name, text = _operand(node, k), _origin(run, source)
        if not text or operand is None or text == str(operand):
            continue
        if named and text != name:
            words.append(f"{name} is {text} = {operand}")
        elif (plain := f"{text} is {operand}") not in words:
            words.append(plain)
        if len(words) > MOST:
            words[MOST:] = ["..."]
            break
    return f", {joint} {', '.join(words)}" if words else ""


def notes(run: Executor, nodes: Iterable[Node]) -> Iterator[str]:
    """What is said of each node whose derivative is a matter of convention.

    Args:
        run: of an executor.
        nodes: of its nodes those that may be such, in the order of the Wengert list.

    Of more than MOST_NOTES there is only the number.
    """
    told = untold = 0
    for node in nodes:
        if run.active.isdisjoint(node.inputs) and not node.active:
            continue
        if told >= MOST_NOTES:
            untold += next(_notes(run, node), None) is not None
            continue
        for note in _notes(run, node):
            told += 1
            yield note
    if untold:
        yield f"the same is to be said of {untold} more nodes"


def _notes(run: Executor, node: Node) -> Iterator[str]:
    if node in run.met or node in run.lacking:
        yield from _not_needed(run, node)
        for edge in EDGES:
            if run.is_at(node, edge):
                yield from _slopes(run, node, edge)
    elif node in run.changing:
        yield (
            f"{_text(run, node)}: the condition changes here"
            f"{where(run, node, run.operands(node))};"
            " the derivative is that of the branch that is taken"
        )


def _not_needed(run: Executor, node: Node) -> Iterator[str]:
    """A note for each operand in which node has no derivative, and needs none."""
    for source, partial in zip(node.inputs, run.partials(node), strict=True):
        if isinstance(source, Node) and source.active and partial != partial:
            yield (
                f"{_text(run, node)}: {call(node, run.operands(node))} has no"
                f" derivative in {_origin(run, source)}, which is not needed"
            )


def _slopes(run: Executor, node: Node, edge: str) -> Iterator[str]:
    """A note for each operand of node in which the slope has been chosen, or a few."""
    operands, told = run.operands(node), 0
    for k, source in enumerate(node.inputs):
        if source not in run.active or not run.numbers.isfinite(operands[k]):
            continue
        used = run.partials(node)[k] or 0
        sides = list(_sides(run, node, k))
        chosen = {
            "kink": {slope for _, slope in sides} != {used},
            "jump": {value for value, _ in sides} != {run.primals[node]},
            "vertical": not run.numbers.isfinite(used),
        }
        if chosen[edge]:
            below, above = (slope for _, slope in sides)
            yield (
                f"{_text(run, node)}: {call(node, operands)} {EDGES[edge]}:"
                f" its slope in {_origin(run, source)} is {below} below"
                f" and {above} above, and counts as {used}"
            )
            told += 1
            if told == MOST:
                return


def _sides(run: Executor, node: Node, k: int) -> Iterator[tuple[Any, Any]]:
    """The value and the slope in operand k, just below and just above it."""
    m, operation, operands = run.numbers, node.operation, run.operands(node)
    for beside in m.neighbours(operands[k]):
        moved = (*operands[:k], beside, *operands[k + 1 :])
        try:
            value = m.settle(operation.value(m, *moved), moved)
            slope = operation.partials(m, value, *moved)[k] or 0
        except (ArithmeticError, ValueError):
            yield None, "undefined"
            continue
        if not m.isfinite(run.partials(node)[k] or 0):
            slope = m.copysign(m.inf, slope)  # as it is in the limit
        yield value, slope


def _operand(node: Node, k: int) -> str:
    """What the rule calls operand k."""
    names = node.operation.operands
    return names[k] if k < len(names) else f"argument {k + 1}"


def _origin(run: Executor, source: Input) -> str:
    """What an input is called: a node by its text, a literal by the name it has."""
    if isinstance(source, Literal):
        return shorten(source.name)
    return _text(run, source) if isinstance(source, Node) else ""


def _text(run: Executor, node: Node) -> str:
    """The part of the expression that node stands for, in short."""
    if node.name is not None:
        return shorten(node.name)
    if run.text is None or node.span is None:
        return f"node {node.id} ({node.operation.name})"
    start, end = node.span
    text = run.text[start:end]
    if end - start > 2 * EXCERPT:
        text = f"{text[:EXCERPT]}…{text[-EXCERPT:]}"
    text = shorten(" ".join(text.split()))
    return (
        f"a part of the derivative of {text}" if isinstance(node.span, Origin) else text
    )
