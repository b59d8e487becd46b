"""The tables of the sweeps in Markdown."""

import re
from collections.abc import Iterator

from ..errors import visible
from ..style import Style
from ..trace import Trace
from .hands import Hand
from .sheet import TASK, TITLES, WHO, cells, inputs, tables


def render(trace: Trace, style: Style, exercise: str = "") -> str:
    """A document with a table for each sweep.

    Args:
        trace: it has all there is.
        style: the digits of numbers.
        exercise: as of ``sheet.cells``.
    """
    return "\n".join(_lines(trace, style, exercise)) + "\n"


def _lines(trace: Trace, style: Style, exercise: str) -> Iterator[str]:
    hand = Hand(trace, style)
    yield from (f"# {TITLES[exercise]}", "")
    if exercise:
        yield from ("  ".join(escaped(f"{who}: {3 * hand.blank}") for who in WHO), "")
    yield from (f"    {visible(line)}" for line in trace.expression.splitlines())
    if trace.inputs:
        yield from ("", f"at {escaped(inputs(trace, hand))}")
    if exercise:
        yield from ("", TASK)
    for table in tables(trace, hand):
        rows = cells(table, hand, exercise)
        yield from ("", f"## {escaped(table.title)}", "")
        yield "|" * (len(rows[0]) + 1)
        yield "|" + ":--|" * len(rows[0])
        for row in rows:
            yield f"| {' | '.join(map(escaped, row))} |"


def escaped(text: str) -> str:
    """The text without a meaning for Markdown; a blank has none."""
    return re.sub(r"[\\`*{}\[\]<>#|~$]|_+(?=[^\W_])|(?<=[^\W_])_+", _escape, text)


def _escape(match: re.Match[str]) -> str:
    return "".join(f"\\{character}" for character in match[0])
