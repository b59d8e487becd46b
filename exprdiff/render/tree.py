"""The graph as a tree in the terminal, in which each node is shown once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ..style import Style
from ..trace import Step, Trace
from .hands import Hand
from .picture import title

#: How deep a tree is drawn, before it goes on in one of its own: a line of it may not
#: become as long as the graph is deep.
DEEPEST = 30


def render(trace: Trace, style: Style) -> str:
    """A line for each use of a node, under its user."""
    return "".join(f"{line}\n" for line in _lines(trace, Hand(trace, style), style))


def _lines(trace: Trace, hand: Hand, style: Style) -> Iterator[str]:
    steps = trace.nodes()
    shown: set[int] = set()
    roots = deque(dict.fromkeys(trace.outputs))
    known = set(roots)
    #: Each with what stands before it and before what is under it.
    waiting: list[tuple[int | str, str, str]] = []
    while waiting or roots:
        if not waiting:
            waiting.append((roots.popleft(), "", ""))
        given, before, under = waiting.pop()
        if isinstance(given, str):
            yield f"{before}{given}"
            continue
        step = steps[given]
        if given in shown:
            yield f"{before}{_name(hand, step)} (above)"
        elif len(under) > 3 * DEEPEST and step.name is None:
            yield f"{before}{_name(hand, step)} (below)"
            if given not in known:
                known.add(given)
                roots.append(given)
        else:
            shown.add(given)
            yield before + _shown(hand, step, style)
            if step.name is None:
                waiting += _inputs(hand, step, under)[::-1]


def _inputs(hand: Hand, step: Step, under: str) -> list[tuple[int | str, str, str]]:
    """The inputs of a node, with what stands before each of them."""
    found = []
    last = len(step.inputs) - 1
    for k, given in enumerate(step.inputs):
        partial = step.partials[k]
        edge = "─"
        if isinstance(given, int) and partial is not None:
            edge = f"({hand.number(partial)})"
        corner, bar = ("└", " ") if k == last else ("├", "│")
        found.append((given, f"{under}{corner}─{edge}─ ", f"{under}{bar}  "))
    return found


def _name(hand: Hand, step: Step) -> str:
    return f"{hand.primal(step.id)} {title(step)}"


def _shown(hand: Hand, step: Step, style: Style) -> str:
    if step.value is None:
        return f"{_name(hand, step)}, not taken"
    kind = style.paint("operation", title(step))
    value = style.paint("value", hand.number(step.value))
    gradient = style.paint("gradient", ", ".join(map(hand.number, step.adjoints)))
    remark = " (a convention)" if hand.trace.remarks.get(step.id) else ""
    return f"{hand.primal(step.id)} {kind} = {value}, grad: {gradient}{remark}"
