"""The graph in the language of Graphviz."""

from __future__ import annotations

from ..style import Style
from ..trace import Trace
from .hands import Hand
from .picture import arrows, boxes

SHAPES = {
    "variable": "shape=ellipse",
    "operation": "shape=box",
    "result": "shape=box, penwidth=2",
    "skipped": "shape=box, style=dashed",
}


def render(trace: Trace, style: Style) -> str:
    """A directed graph from the inputs, at the left, to the result."""
    hand = Hand(trace, style)
    lines = ["digraph exprdiff {", "  rankdir=LR;"]
    for box in boxes(trace, hand):
        parts = [box.title, f"= {box.value}", box.gradient and f"grad: {box.gradient}"]
        label = "\\n".join(_escaped(part) for part in parts if part)
        more = f', tooltip="{_escaped(box.remark)}", color=red' if box.remark else ""
        lines.append(f'  "{box.id}" [label="{label}", {SHAPES[box.kind]}{more}];')
    for arrow in arrows(trace, hand):
        label = f' [label="{_escaped(arrow.partial)}"]' if arrow.partial else ""
        lines.append(f'  "{arrow.source}" -> "{arrow.target}"{label};')
    return "\n".join([*lines, "}"]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
