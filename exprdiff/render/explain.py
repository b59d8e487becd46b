"""Why a node has its numbers: its rule, its operands, and what its users pass on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..errors import UsageError, did_you_mean, shorten
from ..operations import OPERATIONS
from ..style import Style
from ..trace import Step, Trace
from .hands import Hand, in_symbols
from .sheet import contributions, partials, product, tangent
from .steps import aligned

#: The signs that the language has besides those of a keyboard.
SIGNS = str.maketrans("·×÷−", "**/-")

#: How much is shown of a node's text, and at least looked at; and how many nodes are
#: explained at most.
LONG, MOST = 100, 10


def render(trace: Trace, style: Style, what: str) -> str:
    """A paragraph for each node that is asked for.

    Args:
        trace: it has all there is.
        style: the digits of numbers.
        what: the id of a node, or its symbol as v3, or its text, or its name.

    Raises:
        UsageError: there is no such node.
    """
    hand = Hand(trace, style)
    found = find(trace, what)
    blocks = [
        "".join(f"{line}\n" for line in _lines(trace, hand, step))
        for step in found[:MOST]
    ]
    if len(found) > MOST:
        blocks.append(f"There are {len(found) - MOST:,} more of this text.\n")
    return "\n".join(blocks)


def find(trace: Trace, what: str) -> list[Step]:
    """The nodes that an id, a symbol, a text or a name stands for.

    Raises:
        UsageError: there are none.
    """
    steps = trace.nodes()
    wanted = _spaceless(what)
    texts: dict[str, list[Step]] = {}
    for step in steps.values():
        start, end = step.span or (0, 0)
        # The texts of all nodes may be as long as the square of their number.
        if end - start <= max(LONG, 4 * len(what)):
            texts.setdefault(_spaceless(text(trace, step)), []).append(step)
    for name, id in trace.named.items():
        if id in steps:
            texts.setdefault(name, [steps[id]])
    symbol = re.fullmatch(r"(?:node|v)?(-?[0-9]{1,9})", wanted, re.IGNORECASE)
    inner = re.fullmatch(r"\((.*)\)", wanted)
    for text_of_some in (wanted, inner and inner[1]):
        if text_of_some in texts:
            return texts[text_of_some]
    if symbol and int(symbol[1]) in steps:
        return [steps[int(symbol[1])]]
    raise UsageError(
        f"no node is '{shorten(what)}'; ask for one by its text, as 'x1*x2', or by its"
        f" number in the trace, as 3{did_you_mean(wanted, texts)}"
    )


def text(trace: Trace, step: Step) -> str:
    """The part of the expression that a node stands for."""
    if step.name is not None:
        return step.name
    start, end = step.span or (0, 0)
    return trace.expression[start:end]


def _spaceless(text: str) -> str:
    """The text without spaces, and with one sign for each operator."""
    return "".join(text.split()).replace("**", "^").translate(SIGNS)


def _lines(trace: Trace, hand: Hand, step: Step) -> Iterator[str]:
    shown = _short(text(trace, step))
    if step.name is not None:
        yield f"{hand.primal(step.id)} is the variable {shown}"
    else:
        yield f"{hand.primal(step.id)} is {shown}"
        meaning = (OPERATIONS[step.operation].__doc__ or "").splitlines()[0]
        rule = in_symbols(trace.rules[step.kind])
        yield from ("", f"Rule: {rule}", f"      {meaning}")
    if step.value is None:
        yield from ("", "It is in the branch that is not taken, so it has no number.")
        return
    yield from ("", "Value")
    yield from _indented([_value(hand, step)])
    if operands := list(_operands(trace, hand, step)):
        yield from ("", "Operands, and the derivative in each of them")
        yield from _indented(operands)
    if trace.direction:
        tangents = {one.id: one.tangent for one in trace.steps}
        row = tangent(trace, step, tangents, hand)
        numbers = [f"= {row.numbers}"] if row.numbers else []
        yield from ("", "Tangent")
        yield from _indented(
            [[row.left, f"= {row.formula}", *numbers, f"= {row.result}"]]
        )
    for f, _ in enumerate(trace.outputs):
        yield ""
        yield from _adjoint(trace, hand, step, f)


def _short(text: str) -> str:
    """A part of the expression on one line, cut in the middle where it is long."""
    return shorten(" ".join(text.split()), LONG)


def _indented(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The rows in columns, under a heading."""
    return (f"  {line}" for line in aligned(rows))


def _value(hand: Hand, step: Step) -> list[str]:
    parts = hand.value(step), hand.value(step, numeric=True), hand.number(step.value)
    return [hand.primal(step.id), *(f"= {part}" for part in parts if part)]


def _operands(trace: Trace, hand: Hand, step: Step) -> Iterator[list[str]]:
    if step.name is not None:
        return
    steps = trace.nodes()
    slopes = {k: partial for k, _, partial in partials(trace, step)}
    for k, source in enumerate(step.inputs):
        if not isinstance(source, int):
            continue
        row = [hand.primal(source), f"= {_short(text(trace, steps[source]))}"]
        if step.operands[k] is None:
            yield [*row, hand.missing]
            continue
        row.append(f"= {hand.number(step.operands[k])}")
        if k in slopes:
            symbol, number = hand.slope_in(step, k), hand.number(slopes[k])
            formula = hand.derivative(step, k)[1]
            row.append(f"  {symbol}")
            row += [f"= {one}" for one in (formula, number) if one != symbol]
            if formula == number:
                del row[-1]
        yield row


def _adjoint(trace: Trace, hand: Hand, step: Step, f: int) -> Iterator[str]:
    adjoint, output = hand.adjoint(step.id), hand.result(f)
    yield f"Adjoint {adjoint} = {hand.slope(output, hand.primal(step.id))}"
    rows: list[list[str]] = []
    if step.id == trace.outputs[f]:
        one = f"= {hand.number(1.0)}"
        rows.append([f"{output} = {hand.primal(step.id)}", "starts with", "", one])
    for consumer, k, passed, partial, term, _ in contributions(trace, f):
        if consumer.inputs[k] != step.id:
            continue
        symbol, number = hand.adjoint(consumer.id), hand.number(passed)
        formula, _, numbers = product(hand, consumer, k, symbol, number, partial)
        rows.append(
            [
                f"{hand.primal(consumer.id)} = {hand.value(consumer)}",
                f"passes on {formula}",
                f"= {numbers}",
                f"= {hand.number(term)}",
            ]
        )
    yield from _indented(rows)
    if not rows:
        number = hand.number(step.adjoints[f])
        yield f"  {output} does not depend on it, or not smoothly: {number}"
    elif len(rows) > 1:
        yield f"  Sum: {hand.number(step.adjoints[f])}"
