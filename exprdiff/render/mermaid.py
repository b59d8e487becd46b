"""The graph in the language of Mermaid."""

from __future__ import annotations

import re

from ..style import Style
from ..trace import Trace
from .hands import Hand
from .picture import arrows, boxes

#: How the boxes of each kind begin and end.
SHAPES = {
    "variable": ("([", "])"),
    "operation": ("[", "]"),
    "result": ("[[", "]]"),
    "skipped": ("[", "]"),
}


def render(trace: Trace, style: Style) -> str:
    """A flowchart from the inputs, at the left, to the result."""
    hand = Hand(trace, style)
    numbers: dict[int, int] = {}
    lines = ["flowchart LR"]
    for box in boxes(trace, hand):
        numbers[box.id] = len(numbers)
        parts = [box.title, f"= {box.value}", box.gradient and f"grad: {box.gradient}"]
        if box.remark:
            parts.append("⚠ " + box.remark)
        label = "<br>".join(_escaped(part) for part in parts if part)
        left, right = SHAPES[box.kind]
        lines.append(f'    n{numbers[box.id]}{left}"{label}"{right}')
        if box.kind == "skipped":
            lines.append(f"    style n{numbers[box.id]} stroke-dasharray: 4")
    for arrow in arrows(trace, hand):
        label = f'|"{_escaped(arrow.partial)}"| ' if arrow.partial else " "
        lines.append(f"    n{numbers[arrow.source]} -->{label}n{numbers[arrow.target]}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """The text, with numbers for the characters that Mermaid or HTML could obey."""
    return re.sub(r"[\"#&;<>`*\[\]{}|\\]", lambda match: f"#{ord(match[0])};", text)
