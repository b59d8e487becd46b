"""The graph as a picture: inputs at the left, the result at the right.

It has no scripts and loads nothing. Colours follow those of Okabe and Ito, which
colour-blind people can tell apart, and nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from string import Template
from typing import NamedTuple
from zlib import crc32

from ..errors import UsageError, shorten
from ..style import Style
from ..trace import Trace
from .hands import Hand
from .layout import layout
from .picture import Arrow, Box, arrows, boxes
from .steps import width

#: The most nodes of a picture.
MOST = 2_000

#: The sizes of letters, and how wide one of them is at most, on average.
TITLE, NUMBER, LABEL, WIDTH = 17, 15, 13, 0.6

LEGEND = "v: value; v̄: gradient; on arrows: partial derivative"

#: How high a line is, the room in a box, and around the picture.
LINE, INSIDE, AROUND = 21, 12, 20

SHAPES = """
.graph text { font: 15px system-ui, "Segoe UI", sans-serif; text-anchor: middle;
  font-variant-numeric: tabular-nums; }
.graph .heading, .graph .legend { text-anchor: start; }
.graph .name { font-size: 17px; font-weight: 600; }
.graph .partial { font-size: 13px; paint-order: stroke; stroke-width: 8px;
  stroke-linejoin: round; }
.graph .box { stroke-width: 1.5; }
.graph .variable .box, .graph .result .box, .graph .remark .box { stroke-width: 3; }
.graph .remark .box { stroke-dasharray: 9 4; }
.graph .skipped { opacity: 0.6; }
.graph .skipped .box { stroke-dasharray: 3 4; }
.graph .mark { display: none; }
.graph .remark .mark { display: inline; font-size: 22px; font-weight: 700; }
.graph .line { fill: none; stroke-width: 1.6; }
.graph .idle .line { stroke-dasharray: 2 5; }
"""

PAINT = Template("""\
.graph .paper { fill: $paper; }
.graph text { fill: $ink; }
.graph .box { fill: $box; stroke: $line; }
.graph .gradient { fill: $gradient; }
.graph .partial { stroke: $paper; }
.graph .variable .box { stroke: $variable; }
.graph .result .box { stroke: $result; }
.graph .remark .box { stroke: $remark; }
.graph .mark { fill: $remark; }
.graph .line { stroke: $line; }
.graph .head { fill: $line; }
""")

LIGHT = {
    **{"ink": "#1a1a1a", "paper": "#ffffff", "box": "#f4f4f4", "line": "#6b6b6b"},
    **{"variable": "#0072b2", "result": "#b34700", "gradient": "#00694d"},
    "remark": "#a0005a",
}

DARK = {
    **{"ink": "#f2f2f2", "paper": "#16181c", "box": "#25282e", "line": "#a6a6a6"},
    **{"variable": "#56b4e9", "result": "#ffb14e", "gradient": "#3fd3a6"},
    "remark": "#ff8fc7",
}

#: Colours are written out, since not all that shows SVG knows variables in styles.
STYLE = f"""{SHAPES}{PAINT.substitute(LIGHT)}\
@media screen and (prefers-color-scheme: dark) {{
{PAINT.substitute(DARK)}}}
"""


class Drawing(NamedTuple):
    """The parts of a picture."""

    width: float
    height: float
    lines: list[str]  #: the elements


def render(trace: Trace, style: Style) -> str:
    """An image in SVG.

    Raises:
        UsageError: the graph is too large.
    """
    drawing = draw(trace, style)
    words = description(trace, style)
    # In a notebook there may be other pictures.
    title = f"graph-{crc32(words.encode()):08x}"
    size = f'width="{drawing.width:g}" height="{drawing.height:g}"'
    view = f'viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" {size} {view}'
        f' role="img" aria-labelledby="{title} {title}-desc">',
        f'<title id="{title}">{escape(heading(trace))}</title>',
        f'<desc id="{title}-desc">{escape(words)}</desc>',
        f"<style>{STYLE}</style>",
        *drawing.lines,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def heading(trace: Trace) -> str:
    """The expression on one line."""
    return shorten(" ".join(trace.expression.split()), 90)


def description(trace: Trace, style: Style) -> str:
    """The graph in words, for those who do not see it."""
    hand = Hand(trace, style)
    uses: dict[int, list[Arrow]] = {}
    for arrow in arrows(trace, hand):
        uses.setdefault(arrow.target, []).append(arrow)
    parts = ["A graph of operations."]
    for box in boxes(trace, hand):
        text = f"{hand.primal(box.id)}: {box.title} = {box.value}"
        if box.gradient:
            text += f", gradient {box.gradient}"
        if inputs := uses.get(box.id):
            text += ", uses " + ", ".join(
                hand.primal(arrow.source)
                + (f" with partial derivative {arrow.partial}" if arrow.partial else "")
                for arrow in inputs
            )
        parts.append(f"{text}. {box.remark}".rstrip())
    return "\n".join(parts)


def draw(trace: Trace, style: Style, spare: str = "") -> Drawing:
    """The elements of the picture, and its size in pixels.

    Args:
        trace: it has all there is.
        style: the digits of numbers.
        spare: a number for which there is room everywhere, since numbers will change.

    Raises as ``render``.
    """
    hand = Hand(trace, style)
    nodes, edges = list(boxes(trace, hand)), list(arrows(trace, hand))
    if len(nodes) > MOST:
        raise UsageError(
            f"a picture has at most {MOST:,} nodes, and this graph has {len(nodes):,};"
            " --format tree and dot show it"
        )
    sizes = {box.id: size(box, hand, spare) for box in nodes}
    used = {arrow.source for arrow in edges}
    places = layout(
        [box.id for box in nodes],
        [(arrow.source, arrow.target) for arrow in edges],
        sizes,
        [(room(spare or arrow.partial, LABEL) + 6, LABEL + 6) for arrow in edges],
        first=[box.id for box in nodes if box.kind == "variable"],
        last=[id for id in trace.outputs if id not in used],
    )
    top = AROUND + (0 if spare else 2 * LINE)
    lines = [
        '<rect class="paper" width="100%" height="100%"/>',
        '<defs><marker id="graph-arrow" viewBox="0 0 10 10" refX="9" refY="5"'
        ' markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse"'
        ' orient="auto">'
        '<path class="head" d="M0 1 10 5 0 9z"/></marker></defs>',
    ]
    if not spare:
        place = f'x="{AROUND}" y="{AROUND + NUMBER}"'
        lines.append(f'<text class="heading" {place}>{escape(heading(trace))}</text>')
    lines.append(f'<g transform="translate({AROUND} {top})">')
    for arrow, path, label in zip(edges, places.paths, places.labels, strict=True):
        lines += _arrow(arrow, path, label)
    for box in nodes:
        lines += _box(box, places.places[box.id], sizes[box.id], hand, bool(spare))
    lines.append("</g>")
    wide, high = places.width + 2 * AROUND, top + places.height + AROUND
    if not spare:
        place = f'x="{AROUND}" y="{high + NUMBER:g}"'
        lines.append(f'<text class="legend" {place}>{LEGEND}</text>')
        high += NUMBER + AROUND
        texts = (heading(trace), LEGEND)
        wide = max(wide, *(room(text, NUMBER) + 2 * AROUND for text in texts))
    return Drawing(round(wide, 1), round(high, 1), lines)


def room(text: str, size: float) -> float:
    """How wide a text may be, in pixels."""
    return width(text) * size * WIDTH


def size(box: Box, hand: Hand, spare: str = "") -> tuple[float, float]:
    """The width and the height of a box."""
    texts = list(_numbers(box, hand))
    if spare:
        texts = [f"{hand.primal(box.id)} = {spare}", *texts[1:]]
    widest = max(room(text, NUMBER) for text in texts)
    wide = max(70.0, room(box.title, TITLE), widest) + 2 * INSIDE
    return wide, 3 * LINE + INSIDE


def _numbers(box: Box, hand: Hand) -> Iterator[str]:
    yield f"{hand.primal(box.id)} = {box.value}"
    yield f"{hand.adjoint(box.id)} = {box.gradient}" if box.gradient else ""


def _arrow(
    arrow: Arrow, path: Sequence[tuple[float, float]], label: tuple[float, float]
) -> Iterator[str]:
    (x, y), *rest = path
    curve = [f"M{x:g} {y:g}"]
    for to_x, to_y in rest:
        middle = (x + to_x) / 2
        curve.append(f"C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}")
        x, y = to_x, to_y
    idle = "" if arrow.partial else " idle"
    yield (
        f'<g class="edge{idle}" data-source="{arrow.source}"'
        f' data-target="{arrow.target}" data-input="{arrow.k}">'
        f'<path class="line" d="{"".join(curve)}" marker-end="url(#graph-arrow)"/>'
        f'<text class="partial" x="{label[0]:g}" y="{label[1] + LABEL / 3:g}">'
        f"{escape(arrow.partial)}</text></g>"
    )


def _box(
    box: Box,
    place: tuple[float, float],
    size: tuple[float, float],
    hand: Hand,
    changes: bool,
) -> Iterator[str]:
    (x, y), (wide, high) = place, size
    left, top = x - wide / 2, y - high / 2
    remark = " remark" if box.remark else ""
    yield f'<g class="node {box.kind}{remark}" data-node="{box.id}">'
    if box.remark and not changes:
        yield f"<title>{escape(box.remark)}</title>"
    corner = 18 if box.kind == "variable" else 6
    yield (
        f'<rect class="box" x="{left:g}" y="{top:g}" width="{wide:g}" height="{high:g}"'
        f' rx="{corner:g}"/>'
    )
    line = top + INSIDE / 2 + TITLE - 2
    yield f'<text class="name" x="{x:g}" y="{line:g}">{escape(box.title)}</text>'
    for kind, text in zip(("value", "gradient"), _numbers(box, hand), strict=False):
        line += LINE
        yield f'<text class="{kind}" x="{x:g}" y="{line:g}">{escape(text)}</text>'
    if box.remark or changes:
        yield f'<text class="mark" x="{left + wide - 2:g}" y="{top + 5:g}">⚠</text>'
    yield "</g>"
