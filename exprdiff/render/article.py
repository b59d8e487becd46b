"""The transcript of the article's program, which visits a node once for every use.

It prints its list of nodes twice, the result first: once while gradients arrive, and
once with the final ones. On every visit a node passes on what has arrived since its
last visit, so that a shared node counts once.
"""

import math
from collections.abc import Iterator

from ..errors import RangeError, UsageError
from ..style import Style
from ..trace import Step, Trace
from .trace import derivatives, node, values

#: The longest transcript, in lines: a shared graph has exponentially many visits.
LONGEST = 10_000


def render(trace: Trace, style: Style) -> str:
    """The transcript as text.

    Raises:
        UsageError: it is longer than LONGEST lines, or the result has several values.
        RangeError: what a node passes on bit by bit overflows, though not the sum.
    """
    if len(trace.values) > 1:
        raise UsageError(
            "the article's program has one value as its result;"
            " --format trace prints several"
        )
    if 1 + 2 * _visits(trace) + len(trace.inputs) > LONGEST:
        raise UsageError(
            f"the article's transcript has more than {LONGEST:,} lines here;"
            " --format trace prints every node once"
        )
    first = (node(step, [arrived], style) for step, arrived in _arrivals(trace))
    final = (node(step, step.adjoints, style) for step in _walk(trace))
    lines = (*values(trace, style), *first, *final, *derivatives(trace, style))
    return "\n".join(lines) + "\n"


def _visits(trace: Trace) -> int:
    """How many nodes a walk visits, counted no further than LONGEST."""
    uses = {step.id: 0 for step in trace.steps}
    uses[trace.outputs[0]] = 1
    for step in trace.steps:
        for source in _sources(step):
            uses[source] = min(uses[source] + uses[step.id], LONGEST)
    return sum(uses.values())


def _sources(step: Step) -> Iterator[int]:
    """The ids of the nodes that a node is calculated from."""
    for source, operand in zip(step.inputs, step.operands, strict=True):
        if isinstance(source, int) and operand is not None:
            yield source


def _walk(trace: Trace) -> Iterator[Step]:
    steps = {step.id: step for step in trace.steps}
    stack = [steps[trace.outputs[0]]]
    while stack:
        step = stack.pop()
        yield step
        stack.extend(steps[source] for source in _sources(step))


def _arrivals(trace: Trace) -> Iterator[tuple[Step, float]]:
    """The first walk: every visit with the gradient that has arrived by then."""
    arrived = {
        step.id: math.nan if isinstance(step.value, bool) else 0.0
        for step in trace.steps
    }
    arrived[trace.outputs[0]] = 1.0
    waiting = dict(arrived)
    for step in _walk(trace):
        yield step, arrived[step.id]
        if math.isfinite(step.adjoints[0]) and not math.isfinite(arrived[step.id]):
            raise RangeError(
                f"in the article's walk the gradient of node {step.id} overflows on"
                " the way; --format trace adds up before it multiplies"
            )
        passed_on, waiting[step.id] = waiting[step.id], 0.0
        if passed_on:
            for source, partial in zip(step.inputs, step.partials, strict=True):
                if isinstance(source, int) and partial is not None:
                    arrived[source] += passed_on * partial
                    waiting[source] += passed_on * partial
