"""The lesson page: one file that works offline and plays the sweeps, step by step.

The page calculates by the same rules: they are its functions in JavaScript, made from
the symbols. Its policy allows no script and no style but its own, and no connection.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError, shows
from ..numbers.floats import CONSTANTS
from ..operations import OPERATIONS, Operation
from ..program import Operand, Rule
from ..style import Style
from ..trace import Trace
from . import svg
from .hands import HtmlHand, InHtml, in_symbols
from .javascript import JavaScript
from .notation import SUM, Piece, Pieces

if TYPE_CHECKING:
    from ..trace import Kind

#: The largest page, in bytes, and a number for which its boxes have room.
LARGEST, SPARE = 300_000, "-12345.678"


class InPage(InHtml):
    """Formulas for numbers that the script puts in, in parentheses where it has to."""

    def write(self, operand: Operand) -> str:
        match self.pieces(operand, top=True)[1]:
            case [str(name), "(", (inner, _), ")"] if self.numeric:
                _, (place,) = self.pieces(inner)
                return f"{name}<span data-spaced>{place}</span>"
        return super().write(operand)

    def parentheses(self, operand: Operand, pieces: list[Piece]) -> list[Piece]:
        if not self.numeric:
            return super().parentheses(operand, pieces)
        return ["<span data-signed>", *pieces, "</span>"]


class PageHand(HtmlHand):
    """How the page writes: the script finds the symbols, and puts numbers in."""

    notation = InPage

    def operand(self, id: int, value: Any = None, numeric: bool = False) -> Pieces:
        if not numeric:
            return super().operand(id, value)
        # As loosely as a negative number.
        return SUM, [f'<span data-v="{id}"></span>']


def render(trace: Trace, style: Style) -> str:
    """The page.

    Raises:
        UsageError: the graph is too large.
    """
    drawing = svg.draw(trace, style, SPARE)
    title = escape(svg.heading(trace))
    code = f"{_script(trace, style.precision)}\n{_asset('lesson.js')}"
    look = f"{_asset('lesson.css')}{svg.STYLE}"
    size = f'viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    picture = [
        f'<svg class="graph" {size} width="{drawing.width:g}" role="img"'
        ' aria-labelledby="graph-title">',
        *drawing.lines,
        "</svg>",
    ]
    page = _asset("lesson.html").format(
        title=title,
        script=code,
        style=look,
        policy=f"default-src 'none'; script-src {_hash(code)}; style-src {_hash(look)};"
        " base-uri 'none'; form-action 'none'",
        graph="\n".join(picture),
        templates="\n".join(_templates(trace, PageHand(trace, style))),
    )
    if (length := len(page.encode())) > LARGEST:
        raise UsageError(
            f"the page would have {length:,} bytes, more than {LARGEST:,}; the formula"
            " is too long for a lesson"
        )
    return page


def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a policy calls a script or a style of the page."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _script(trace: Trace, precision: int | None) -> str:
    """The rules and the data of the graph, in JavaScript."""
    helpers: dict[str, None] = {}
    rules = [
        _rule(OPERATIONS[kind[0]], trace.rules[kind], helpers) for kind in _kinds(trace)
    ]
    data = {
        "expression": "".join(map(_shown, trace.expression)),
        "names": list(trace.inputs),
        "point": list(trace.inputs.values()),
        "outputs": trace.outputs,
        "order": _order(trace),
        "asked": list(trace.jacobian[0]),
        "precision": precision,
        "nodes": list(_nodes(trace)),
    }
    # Without "<" nothing in the expression can end the script.
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    table = ",\n".join(rules)
    return "\n\n".join(
        [*helpers, f"const RULES = [\n{table},\n];", f"const DATA = {text};"]
    )


def _kinds(trace: Trace) -> dict[Kind, None]:
    """The kinds of its nodes."""
    steps = trace.nodes().values()
    return dict.fromkeys(step.kind for step in steps if step.name is None)


def _rule(operation: Operation, rule: Rule, helpers: dict[str, None]) -> str:
    """The rule of an operation as an object; helpers get what its functions call."""
    parts = {
        "operands": json.dumps(rule.variables),
        "signature": json.dumps(operation.signature),
        "domain": json.dumps(operation.domain),
    }
    for name in ("run", "edge", "vertical", "branch"):
        program = rule if name == "run" else getattr(rule, name)
        if program is not None:
            code = JavaScript(program)
            parts[name] = "\n".join(code.function())
            helpers.update(dict.fromkeys(code.written()))
    return f"{{ {', '.join(f'{name}: {part}' for name, part in parts.items())} }}"


def _nodes(trace: Trace) -> Iterator[dict[str, Any]]:
    """All nodes, each behind what it uses."""
    kinds = {kind: k for k, kind in enumerate(_kinds(trace))}
    places = {name: k for k, name in enumerate(trace.inputs)}
    for step in trace.nodes().values():
        variable = step.name is not None
        yield {
            "id": step.id,
            "name": step.name,
            "variable": places.get(step.name or ""),
            "operation": step.operation,
            "inputs": []
            if variable
            else [i if isinstance(i, int) else None for i in step.inputs],
            "literals": []
            if variable
            else [_number(i) if isinstance(i, str) else None for i in step.inputs],
            "rule": kinds.get(step.kind),
            "span": step.span,
        }


def _number(literal: str) -> int | float:
    """The number of a literal."""
    number = float(CONSTANTS.get(literal, literal))
    return int(number) if literal.isdecimal() else number


def _order(trace: Trace) -> list[int]:
    """The order of the sweeps, with what no choice has taken before its users."""
    skipped = {step.id: step for step in trace.skipped}
    order: list[int] = []
    for step in reversed(trace.steps):
        waiting, found = list(step.inputs), set()
        while waiting:
            given = waiting.pop()
            if given in skipped and given not in found:
                found.add(given)
                waiting += skipped[int(given)].inputs
        for id in [id for id in skipped if id in found]:
            order.append(id)
            del skipped[id]
        order.append(step.id)
    return order


def _shown(character: str) -> str:
    """The character, or one that stands for what is obeyed or hidden."""
    return character if character in "\n\t" or shows(character) else "\ufffd"


def _templates(trace: Trace, hand: PageHand) -> Iterator[str]:
    """The formulas, for the script to copy."""
    for step in trace.nodes().values():
        yield f'<template id="value{step.id}">{hand.value(step)}</template>'
        if numbers := hand.value(step, numeric=True):
            yield f'<template id="numbers{step.id}">{numbers}</template>'
        for k, given in enumerate(step.inputs):
            if step.name is None and isinstance(given, int):
                partial = hand.partial(step, k)
                yield f'<template id="partial{step.id}_{k}">{partial}</template>'
    for k, kind in enumerate(_kinds(trace)):
        rule = in_symbols(trace.rules[kind], InHtml)
        yield f'<template id="rule{k}">{rule}</template>'
