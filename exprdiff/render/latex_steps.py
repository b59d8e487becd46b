"""The tables of the sweeps in LaTeX, as a document to be set."""

from __future__ import annotations

from collections.abc import Iterator

from ..program import Assignment
from ..style import Style
from ..trace import Trace
from .hands import LatexHand
from .latex import equations
from .sheet import TASK, TITLES, WHO, cells, inputs, tables

HEAD = r"""\documentclass{article}
\usepackage{amsmath,longtable,iftex}
\usepackage[margin=2cm]{geometry}
\ifPDFTeX\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\fi
\setlength{\LTleft}{0pt}
\renewcommand{\arraystretch}{1.4}
\begin{document}"""


def render(trace: Trace, style: Style, exercise: str = "") -> str:
    """A document with a table for each sweep.

    Args:
        trace: it has all there is.
        style: the digits of numbers.
        exercise: as of ``sheet.cells``.
    """
    return "\n".join(_lines(trace, style, exercise)) + "\n"


def _lines(trace: Trace, style: Style, exercise: str) -> Iterator[str]:
    hand = LatexHand(trace, style)
    yield from (HEAD, f"\\section*{{{TITLES[exercise]}}}")
    if exercise:
        yield " \\quad ".join(f"{who}: ${2 * hand.blank}$" for who in WHO)
    steps = {
        id: Assignment(id, step.operation, step.name, step.inputs)
        for id, step in trace.nodes().items()
    }
    sides = [(hand.result(f), id) for f, id in enumerate(trace.outputs)]
    lines = equations(sides, steps, trace.inputs)
    yield from ("\\begin{gather*}", " \\\\\n".join(lines), "\\end{gather*}")
    if trace.inputs:
        yield f"at {inputs(trace, hand)}."
    if exercise:
        yield from ("", TASK)
    for table in tables(trace, hand):
        rows = cells(table, hand, exercise)
        yield f"\\subsection*{{{table.title}}}"
        yield f"\\begin{{longtable}}{{{'l' * len(rows[0])}}}"
        for row in rows:
            math = (f"${cell}$" if cell else "" for cell in row)
            yield f"{' & '.join(math)} \\\\"
        yield "\\end{longtable}"
    yield "\\end{document}"
