"""The tables of the sweeps in HTML, as a page or a part of one."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ..errors import visible
from ..style import PLAIN, Style
from ..trace import Trace
from . import svg
from .hands import HtmlHand
from .sheet import TASK, TITLES, WHO, cells, inputs, tables

STYLE = """
.exprdiff { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: auto; }
.exprdiff pre { font: 1rem/1.5 ui-monospace, monospace; white-space: pre-wrap; }
.exprdiff table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; }
.exprdiff td {
  border-bottom: 1px solid #bbb; padding: 0.25rem 1rem 0.25rem 0; text-align: left;
  font-variant-numeric: tabular-nums; white-space: nowrap;
}
.exprdiff sub, .exprdiff sup { line-height: 0; }
.exprdiff .blank {
  display: inline-block; min-width: 7em; border-bottom: 1px solid; height: 1.2em;
}
@media print { .exprdiff table { break-inside: avoid; } }
"""


def render(trace: Trace, style: Style, exercise: str = "") -> str:
    """A page with a table for each sweep.

    Args:
        trace: it has all there is.
        style: the digits of numbers.
        exercise: as of ``sheet.cells``.
    """
    title = TITLES[exercise]
    who = (f"{name}: {HtmlHand.blank} {HtmlHand.blank}" for name in WHO if exercise)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        '<meta charset="utf-8">',
        f"<title>{title}</title>",
        f"<style>{STYLE}</style>",
        '<main class="exprdiff">',
        f"<h1>{title}</h1>",
        f"<p>{' '.join(who)}</p>" if exercise else "",
        f"<pre>{escape(visible_lines(trace.expression))}</pre>",
        f"<p>at {inputs(trace, HtmlHand(trace, style))}</p>" if trace.inputs else "",
        f"<p>{TASK}</p>" if exercise else "",
        *sections(trace, style, exercise),
        "</main>",
        "</html>",
    ]
    return "\n".join(filter(None, lines)) + "\n"


def part(trace: Trace) -> str:
    """The tables and the picture, for a page of somebody else."""
    lines = [
        '<div class="exprdiff">',
        *sections(trace, PLAIN),
        svg.render(trace, PLAIN),
        "</div>",
    ]
    return "\n".join(lines)


def visible_lines(text: str) -> str:
    """The lines of a text, without anything that is obeyed or hidden."""
    return "\n".join(map(visible, text.splitlines()))


def sections(trace: Trace, style: Style, exercise: str = "") -> Iterator[str]:
    """The lines of the tables, each under its title."""
    hand = HtmlHand(trace, style)
    for table in tables(trace, hand):
        yield f"<h2>{table.title}</h2>"
        yield "<table>"
        for row in cells(table, hand, exercise):
            yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
        yield "</table>"
