"""One JSON object with all of the trace, or of a point its numbers, for programs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence

from ..errors import shows
from ..style import Style
from ..trace import Point, Step, Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..budget import Budget, Contribution

#: The longest part of the expression that is given whole. Without a limit, the parts
#: of a long sum would be as many characters as the square of its length.
LONGEST = 500

ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def render(trace: Point, style: Style) -> str:
    """The trace as one line of JSON; null stands for what is no finite number."""
    if not isinstance(trace, Trace):
        return row(trace, style)
    notes = list(trace.notes)

    def noted(number: Any, what: str) -> Any:
        if math.isfinite(number):
            return style.rounded(number)
        if number == number:
            notes.append(f"{what} is {number}, for which JSON has no number")
        else:
            notes.append(f"{what} is none, and not needed")
        return None

    def all_noted(numbers: Iterable[tuple[str, Any]], what: str) -> dict[str, Any]:
        return {name: noted(value, f"{what}.{name}") for name, value in numbers}

    several = len(trace.values) > 1

    def each(numbers: Sequence[Any], what: str) -> Any:
        """The number for each output; of one output, that alone."""
        if not several:
            return noted(numbers[0], what)
        return [noted(number, f"{what}[{k}]") for k, number in enumerate(numbers)]

    document = {
        "expression": trace.expression,
        "value": each(trace.values, "value"),
        **_derivatives(trace, noted),
        "inputs": all_noted(trace.inputs.items(), "inputs"),
        "nodes": [
            {
                "id": step.id,
                "operation": step.operation,
                "name": step.name,
                "inputs": step.inputs
                if step.name is None
                else [style.number(step.value)],
                "operands": [
                    operand
                    if operand is None
                    else noted(operand, f"nodes[{i}].operands[{k}]")
                    for k, operand in enumerate(step.operands)
                ],
                "value": noted(step.value, f"nodes[{i}].value"),
                **(
                    {"tangent": noted(step.tangent, f"nodes[{i}].tangent")}
                    if trace.direction
                    else {"gradient": each(step.adjoints, f"nodes[{i}].gradient")}
                ),
                "text": _part(trace, step),
                "span": step.span,
            }
            for i, step in enumerate(trace.steps)
        ],
        "notes": notes,
    }
    return line(document)


def row(point: Point, style: Style) -> str:
    """The numbers of a point under the keys that ``render`` gives them, on a line."""

    def number(value: Any) -> Any:
        if isinstance(value, str):  # more digits than most programs read
            return value
        return None if value is None else finite(style.rounded(value))

    inputs = {name: number(value) for name, value in point.inputs.items()}
    values = [number(value) for value in point.values]
    value = values[0] if len(values) == 1 else values
    derivatives = _derivatives(point, lambda value, _: number(value))
    return line({"value": value, **derivatives, "inputs": inputs})


def _derivatives(point: Point, number: Callable[[Any, str], Any]) -> dict[str, Any]:
    """The derivatives by their keys: of one output, or in arrays those of several.

    Args:
        point: it has them.
        number: gives a number as JSON has it, told what it is.
    """
    several = len(point.values) > 1

    def each(key: str, rows: Sequence[Any], make: Callable[[Any, str], Any]) -> None:
        if rows:
            made = [
                make(row, f"{key}[{k}]" if several else key)
                for k, row in enumerate(rows)
            ]
            found[key] = made if several else made[0]

    def by_name(row: dict[str, Any], what: str) -> dict[str, Any]:
        return {name: number(value, f"{what}.{name}") for name, value in row.items()}

    def listed(row: Sequence[Any], what: str) -> list[Any]:
        return [number(value, f"{what}[{k}]") for k, value in enumerate(row)]

    def nested(triangle: dict[tuple[str, str], Any], what: str) -> list[list[Any]]:
        from ..hessian import symmetric

        rows = [list(row.values()) for row in symmetric(triangle).values()]
        return [listed(row, f"{what}[{i}]") for i, row in enumerate(rows)]

    def by_input(budget: Budget | None, what: str) -> Any:
        if budget is None:
            return None

        def shown(part: Contribution, key: str) -> Any:
            given = getattr(part, key)
            if given is None or key == "input":
                return given
            return number(given, f"{what}.{part.input}.{key}")

        return [
            {key: shown(part, key) for key in part._fields}
            for part in budget.contributions
        ]

    found: dict[str, Any] = {}
    if point.direction:
        found["direction"] = dict(point.direction)
        each("derivative", point.derivatives, number)
    else:
        each("jacobian" if several else "gradient", point.jacobian, by_name)
    each("hessian", point.hessians, nested)
    each("derivatives", point.orders, listed)
    each("taylor", point.taylor or point.orders, listed)
    each("uncertainty", [b and b.uncertainty for b in point.budgets], number)
    each("budget", point.budgets, by_input)
    return found


def finite(number: Any) -> Any:
    """The number, or null for what JSON has no number for."""
    odd = isinstance(number, float) and not math.isfinite(number)
    return None if odd else number


def line(document: dict[str, Any]) -> str:
    """The line of a document."""
    text = ENCODER.encode(document)
    if text.isascii() and text.isprintable():
        return f"{text}\n"
    return re.sub(r"[^ -~]", _escaped, text) + "\n"


def _escaped(match: re.Match[str]) -> str:
    """A character as JSON may have it in a terminal: comments may have any."""
    character = match.group()
    return character if shows(character) else json.dumps(character)[1:-1]


def _part(trace: Trace, step: Step) -> str | None:
    if step.span is None:
        return None
    start, end = step.span
    if end - start > LONGEST:
        first, last = start + LONGEST // 2, end - LONGEST // 2
        return f"{trace.expression[start:first]}…{trace.expression[last:end]}"
    return trace.expression[start:end]
