"""The evaluation trace as tables, as textbooks have it, and exercises made of them.

There is a table for the primals, the tangents and the adjoints, laid out as tables 2
and 3 of Baydin, Pearlmutter, Radul and Siskind, "Automatic differentiation in machine
learning: a survey", Journal of Machine Learning Research 18 (2018) 1-43.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from ..trace import Step, Trace
from .hands import BAR, DOT, Hand


class Row(NamedTuple):
    """A line of a table: ``v1 = ln v-1 = ln 2 = 0.693``."""

    left: str  #: what it is about
    sign: str  #: that it is this, or gains it
    formula: str  #: with symbols
    question: str  #: what an exercise has in place of the formula
    numbers: str  #: the same with numbers, if there are any to put in
    giving: str  #: the sign before the result
    result: str
    given: bool = False  #: whether an exercise gives the result


class Table(NamedTuple):
    """A sweep."""

    title: str
    rows: list[Row]


class Contribution(NamedTuple):
    """What a node passes on to the adjoint of one of its inputs."""

    step: Step  #: the node
    k: int  #: which of its inputs
    adjoint: Any  #: the node's
    partial: Any  #: its derivative in the input
    term: Any  #: its product with the partial derivative
    total: Any  #: the input's, as far as it has got


#: What a page of tables is called, as it is and as an exercise.
TITLES = {
    "": "Evaluation trace",
    "questions": "Worksheet: automatic differentiation",
    "answers": "Answers: automatic differentiation",
}

#: What there is to do in an exercise.
TASK = (
    "Fill in the blanks. Going forward, put the values from above into each formula."
    " Going in reverse, every adjoint starts at 0, and each line adds to the one at its"
    " left: the adjoint of the node that uses it, times the partial derivative."
)

#: What is written on a sheet of paper.
WHO = ("Name", "Date")


def cells(table: Table, hand: Hand, exercise: str = "") -> list[list[str]]:
    """The rows of a table as a page has them: the left side, and what it equals.

    Args:
        table: it.
        hand: how blanks are written.
        exercise: "questions", with blanks in place of what is to be found, or
            "answers", or neither.
    """

    def cell(sign: str, text: str, asked: bool) -> str:
        shown = hand.blank if asked and exercise == "questions" else text
        return text and f"{sign} {shown}"

    asks = exercise and any(row.question != row.formula for row in table.rows)
    rows = []
    for row in table.rows:
        line = [row.left, f"{row.sign} {row.question if exercise else row.formula}"]
        if asks:
            answer = row.formula if row.question != row.formula else ""
            line.append(cell("=", answer, True))
        line.append(cell("=", row.numbers, True))
        rows.append([*line, cell(row.giving, row.result, not row.given)])
    return rows


def tables(trace: Trace, hand: Hand) -> Iterator[Table]:
    """The sweeps of a trace that has all there is, in the order in which they run."""
    steps = sorted(trace.steps, key=lambda step: step.id)
    yield Table("Forward primal trace", list(_primals(trace, steps, hand)))
    if trace.direction:
        title = f"Forward tangent trace along {along(trace, hand)}"
        yield Table(title, list(_tangents(trace, steps, hand)))
    for f, output in enumerate(trace.outputs):
        of = f" of {hand.formula(hand.result(f))}" if hand.several else ""
        title = f"Reverse adjoint trace{of}"
        yield Table(title, list(_adjoints(trace, f, output, hand)))


def inputs(trace: Trace, hand: Hand) -> str:
    """The values of the variables, one behind the other."""
    return _equal(hand, ((hand.name(x), v) for x, v in trace.inputs.items()))


def along(trace: Trace, hand: Hand) -> str:
    """The components of the direction."""
    return _equal(hand, ((hand.dotted(x), v) for x, v in trace.direction.items()))


def _equal(hand: Hand, pairs: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(hand.formula(f"{x} = {hand.number(v)}") for x, v in pairs)


def contributions(trace: Trace, f: int) -> Iterator[Contribution]:
    """What the reverse sweep of output f adds to adjoints, in the order of adding."""
    final = {step.id: step.adjoints[f] for step in trace.steps}
    totals: dict[Any, Any] = {trace.outputs[f]: 1.0}
    for step in trace.steps:
        if step.id not in totals or step.name is not None:
            continue
        adjoint = totals[step.id]
        for k, source, partial in partials(trace, step):
            term = adjoint * partial
            if term != term:
                if final[source] != final[source]:
                    continue  # since nothing that is asked for depends on it
                term = 0.0  # since 0 times what is only large is 0
            totals[source] = term + totals[source] if source in totals else term
            yield Contribution(step, k, adjoint, partial, term, totals[source])


def partials(trace: Trace, step: Step) -> Iterator[tuple[int, int, Any]]:
    """The inputs of a node that it has a derivative in: which, the node, and that.

    It is 0 as well where a rule chooses another operand, as that of max does.
    """
    for k, (source, partial) in enumerate(zip(step.inputs, step.partials, strict=True)):
        if isinstance(source, int) and step.name is None:
            chooses = partial is None and step.operation != "if"
            if chooses and trace.rules[step.kind].partials[k] is not None:
                partial = 0.0
            if partial is not None and partial == partial:
                yield k, source, partial


def _primals(trace: Trace, steps: Sequence[Step], hand: Hand) -> Iterator[Row]:
    for step in steps:
        formula, numbers = hand.value(step), hand.value(step, numeric=True)
        left, result = hand.primal(step.id), hand.number(step.value)
        given = step.name is not None
        yield Row(left, "=", formula, formula, numbers, "=", result, given)
    for f, (id, value) in enumerate(zip(trace.outputs, trace.values, strict=True)):
        left, symbol = hand.result(f), hand.primal(id)
        yield Row(left, "=", symbol, symbol, "", "=", hand.number(value))


def _tangents(trace: Trace, steps: Sequence[Step], hand: Hand) -> Iterator[Row]:
    tangents = {step.id: step.tangent for step in steps}
    for step in steps:
        if step.tangent == step.tangent:  # and it is no condition
            yield tangent(trace, step, tangents, hand)
    for f, derivative in enumerate(trace.derivatives):
        symbol = hand.tangent(trace.outputs[f])
        left = hand.result(f, DOT)
        yield Row(left, "=", symbol, symbol, "", "=", hand.number(derivative))


def tangent(trace: Trace, step: Step, tangents: Mapping[int, Any], hand: Hand) -> Row:
    """How the tangent of a node comes about.

    Args:
        trace: the node's.
        step: the node.
        tangents: those of all nodes.
        hand: how it is written.
    """
    left, result = hand.tangent(step.id), hand.number(step.tangent)
    if step.name is not None:
        dotted = hand.dotted(step.name)
        return Row(left, "=", dotted, dotted, "", "=", result, given=True)
    terms: list[tuple[str, str, str]] = []
    for k, source, partial in partials(trace, step):
        if tangents[source] == 0 and abs(partial) == inf:
            continue  # which what does not change has nothing to do with
        number = hand.number(tangents[source])
        terms.append(
            product(
                *(hand, step, k, hand.tangent(source)),
                *(hand.factor(number) if terms else number, partial),
            )
        )
    if not terms:
        return Row(left, "=", "0", "0", "", "=", result, given=True)
    formula, question, numbers = map(" + ".join, zip(*terms, strict=True))
    return Row(left, "=", formula, question, numbers, "=", result)


def product(
    hand: Hand, step: Step, k: int, symbol: str, number: str, partial: Any
) -> tuple[str, str, str]:
    """Something times the derivative of a node in operand k.

    It comes as a formula, with a symbol for the derivative, and with numbers.

    Args:
        hand: how it is written.
        step: the node.
        k: which of its operands.
        symbol: that of the first factor,
        number: and its number.
        partial: the derivative's number.
    """
    return (
        symbol + hand.times + hand.partial(step, k),
        symbol + hand.times + hand.slope_in(step, k),
        number + hand.cross + hand.factor(hand.number(partial)),
    )


def _adjoints(trace: Trace, f: int, output: int, hand: Hand) -> Iterator[Row]:
    seed = hand.result(f, BAR)
    yield Row(
        hand.adjoint(output), "=", seed, seed, "", "=", hand.number(1.0), given=True
    )
    for step, k, adjoint, partial, _, total in contributions(trace, f):
        source = step.inputs[k]
        assert isinstance(source, int)
        symbol, number = hand.adjoint(step.id), hand.number(adjoint)
        terms = product(hand, step, k, symbol, number, partial)
        left, result = hand.adjoint(source), hand.number(total)
        yield Row(left, hand.adding, *terms, hand.giving, result)
    ids = {step.name: step.id for step in trace.steps if step.name is not None}
    for name, derivative in trace.jacobian[f].items():
        left = hand.slope(hand.result(f), hand.name(name))
        symbol = hand.adjoint(ids[name])
        yield Row(left, "=", symbol, symbol, "", "=", hand.number(derivative))
