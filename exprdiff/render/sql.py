"""The formula and its derivatives as a SELECT, for the rows of a table ``points``.

What is written more than once is a column: layer by layer, a subquery each. Nothing
fails for a row: what is undefined there, or too large, is NULL or infinite.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import count
from typing import ClassVar

from ..errors import UsageError, shorten, visible
from ..numbers.floats import CONSTANTS
from ..program import Assignment, Operand, Program
from ..style import Style
from .dialects import CARRIES, DIALECTS, FINITE, OVERFLOWS, shrinks
from .notation import (
    ATOM,
    COMPARISON,
    CONDITIONS,
    NOT,
    PRODUCT,
    SIGN,
    SUM,
    Notation,
    Piece,
    Pieces,
    below,
    sources,
)

#: How deep expressions stand in each other, for parsers whose stack is of a hundred; of
#: what goes on at the left, a step counts but little.
DEEPEST, SHALLOW = 25, 0.1


def render(program: Program, style: Style, dialect: str = "duckdb") -> str:
    """The SELECT.

    Args:
        program: what it calculates.
        style: nothing of it shows.
        dialect: one of DIALECTS.

    Raises:
        UsageError: the dialect lacks an operation, names collide in it, or the formula
            is too large for it.
    """
    if dialect not in DIALECTS:
        raise UsageError(
            f"there is no dialect {shorten(dialect)}; choose one of"
            f" {', '.join(DIALECTS)}"
        )
    return _Select(program, dialect).text()


def _outputs(program: Program) -> list[tuple[str, Operand]]:
    """The columns of the result behind the variables."""
    several = len(program.values) > 1
    found: list[tuple[str, Operand]] = []
    for k, id in enumerate(program.values, 1):
        found.append((f"f{k}" if several else "value", id))
    for k, row in enumerate(program.jacobian, 1):
        f = f"_f{k}" if several else ""
        found += [(f"d{f}_{name}", operand) for name, operand in row.items()]
    for k, hessian in enumerate(program.hessians, 1):
        f = f"_f{k}" if several else ""
        found += [(f"d2{f}_{a}_{b}", operand) for (a, b), operand in hessian.items()]
    return found


class _Select(Notation):
    """The formulas of a program, layer by layer."""

    infix: ClassVar[dict[str, tuple[int, int, str]]] = {
        **{name: Notation.infix[name] for name in ("sub", "lt", "le", "gt", "ge")},
        # In doubles, a + (b + c) is not the same as (a + b) + c.
        "add": (SUM, PRODUCT, " + "),
        "mul": (PRODUCT, SIGN, "*"),
        "eq": (COMPARISON, SUM, " = "),
        "ne": (COMPARISON, SUM, " <> "),
    }

    def __init__(self, program: Program, dialect: str) -> None:
        super().__init__(program.steps)
        self.named: dict[int, str] = {}
        self.program = program
        self.dialect = DIALECTS[dialect]
        self.outputs = _outputs(program)
        self._called = dialect
        self._check_names()
        self._order = below([end for _, end in self.outputs], program.steps)
        self._constants: dict[int, float] = {}
        #: The nodes that may be infinite or NaN.
        self._infinite: set[int] = set()
        #: How a node is written, unless that is an operator.
        self._templates: dict[int, str] = {}
        for id in self._order:
            self._enter(id, program.steps[id])
        self._name()
        self._layers = self._plan()

    # ---- Operations ------------------------------------------------------------------

    def _enter(self, id: int, step: Assignment) -> None:
        name, inputs = step.operation, step.inputs
        if step.name is not None:
            return
        values = [self._value(x) for x in inputs]
        if None not in values and name in ("identity", "neg", "div"):
            a, b = [*map(float, values), 1.0][:2]  # type: ignore[arg-type]
            if b:
                self._constants[id] = -a if name == "neg" else a / b
                return
        template = self.dialect.template(name, values)
        if template is None and name not in self.infix:
            raise UsageError(f"{name} cannot be written in the SQL of {self._called}")
        infinite = [k for k, x in enumerate(inputs) if x in self._infinite]
        carries = name in CARRIES or (name == "div" and 1 not in infinite)
        overflows = name in OVERFLOWS and not shrinks(name, values)
        if not self.dialect.raises and (overflows or (carries and infinite)):
            self._infinite.add(id)
        finite: list[str] = []
        if infinite and not carries:
            finite = [
                self.dialect.finished(FINITE).replace("x", f"x{k}") for k in infinite
            ]
        if name in self.dialect.extremes:
            finite += [
                f"x{k} IS NOT NULL"
                for k, x in enumerate(inputs)
                if k not in infinite and values[k] is None
            ]
        if finite:
            sign = self.infix[name][2] if name in self.infix else ""
            template = template or f"x{sign}y"
            template = f"CASE WHEN {' AND '.join(finite)} THEN {template} END"
        if template is not None:
            self._templates[id] = template

    def _value(self, operand: Operand) -> float | None:
        """The number of a constant, if it is known."""
        if isinstance(operand, int):
            return self._constants.get(operand)
        number = _number(operand)
        return number if number < math.inf else None

    def pieces(self, operand: Operand, top: bool = False) -> Pieces:
        if isinstance(operand, int) and (top or operand not in self.named):
            template, inputs = self._templates.get(operand), self.steps[operand].inputs
            if operand in self._constants:
                number = self._constants[operand]
                return SUM if number < 0 else ATOM, [self.dialect.number(number)]
            if template == "x":
                return self.pieces(inputs[0])
            if template is not None:
                return _pieces(template, inputs)
        return super().pieces(operand, top)

    def literal(self, text: str) -> Pieces:
        return ATOM, [self.dialect.number(_number(text))]

    def variable(self, name: str) -> str:
        return self.dialect.name(name)

    def name(self, name: str, condition: bool) -> Pieces:
        return ATOM, [name]

    def write_mul(self, a: Operand, b: Operand) -> Pieces:
        return PRODUCT, [(a, PRODUCT), "*", (b, SIGN)]

    # ---- Layers ----------------------------------------------------------------------

    def _parts(self, id: int) -> list[int]:
        """The nodes that the text of a node has, as often as it has them."""
        if id in self._constants:
            return []
        template, inputs = self._templates.get(id), self.steps[id].inputs
        if template is None:
            return list(sources(self.steps[id]))
        parts = [inputs[_index(match)] for match in _OPERAND.finditer(template)]
        return [part for part in parts if isinstance(part, int)]

    def _name(self) -> None:
        """Give a name to what is written twice, and to what is deep."""
        taken = {name.casefold() for name in self.program.variables}
        taken |= {name.casefold() for name, _ in self.outputs}
        uses = Counter(end for _, end in self.outputs if isinstance(end, int))
        for id in self._order:
            uses.update(self._parts(id))
        names = (name for k in count(1) if (name := f"s{k}") not in taken)
        depths: dict[int, float] = {}
        for id in self._order:
            step = self.steps[id]
            if step.name is not None:
                depths[id] = 0
                continue
            depth, template = 0.0, self._templates.get(id)
            cost = 1.5 + template.count("CASE") if template else 1
            for k, part in enumerate(step.inputs):
                if isinstance(part, int) and not self._is_short(part):
                    level = self.infix.get(self.steps[part].operation, (ATOM,))[0]
                    left = k == 0 and template is None and part not in self._templates
                    if left and level == self.infix[step.operation][0]:
                        depth = max(depth, depths[part] + SHALLOW)
                    else:
                        depth = max(depth, depths[part] + cost)
            depths[id] = depth or cost
            plain = depth == 0 and "CASE" not in (template or "")
            cheap = plain and step.operation in CONDITIONS | {"neg"}
            if depth > DEEPEST or (
                uses[id] > 1 and not cheap and id not in self._constants
            ):
                self.named[id] = next(names)

    def _is_short(self, id: int) -> bool:
        """Whether a node is a name or a number."""
        named = id in self.named or self.steps[id].name is not None
        return named or id in self._constants

    def _plan(self) -> list[list[int]]:
        """The nodes that the layers behind that of the variables make columns of."""
        level: dict[int, int] = {}
        for id in self._order:
            level[id] = max((level[part] for part in self._parts(id)), default=0)
            if id in self.named:
                level[id] += 1
        layers: list[list[int]] = [[] for _ in range(max(level.values(), default=0))]
        for id in self.named:
            layers[level[id] - 1].append(id)
        #: Of each node the last layer in which it is written or read.
        self._last = {
            end: len(layers) for _, end in self.outputs if isinstance(end, int)
        }
        for id in reversed(self._order):
            # Nothing has a constant's parts.
            last = level[id] - 1 if id in self.named else self._last.get(id, 0)
            for part in self._parts(id):
                self._last[part] = max(self._last.get(part, 0), last)
        return layers

    def text(self) -> str:
        """The SELECT, with what there is to say on top."""
        dialect, variables = self.dialect, [*map(self.variable, self.program.variables)]
        variable = {step.name: id for id, step in self.steps.items() if step.name}
        columns = {
            variable[name]: self.variable(name) for name in self.program.variables
        }
        kept = dict.fromkeys(columns, len(self._layers))
        parts = [self._about()]
        lines = [*map(self._read, variables)] or ["1 AS one"]
        source = "\n  FROM points" if variables else ""
        parts.append(f"WITH layer1 AS (\n  SELECT {_listed(lines, 4)}{source}\n)")
        for k, layer in enumerate(self._layers):
            live = [id for id in columns if kept.get(id, self._last.get(id, 0)) >= k]
            # A list of all, layer for layer, would be long.
            if variables and 2 * len(live) > len(columns):
                lines = ["*"]
            else:
                lines = [columns[id] for id in live]
                columns = {id: columns[id] for id in live}
            lines += [f"{self.write(id)} AS {self.named[id]}" for id in layer]
            columns |= {id: self.named[id] for id in layer}
            self._check_size(len(columns), k + 2)
            parts.append(
                f", layer{k + 2} AS {dialect.fence}(\n  SELECT {_listed(lines, 4)}\n"
                f"  FROM layer{k + 1}\n)"
            )
        lines = [
            f"{self.write_end(end)} AS {dialect.name(name)}"
            for name, end in self.outputs
        ]
        self._check_size(len(variables) + len(lines), 1)
        parts.append(
            f"\nSELECT {_listed([*variables, *lines], 2)}\n"
            f"FROM layer{len(self._layers) + 1};\n"
        )
        return "".join(parts)

    def write_end(self, end: Operand) -> str:
        """What a column of the result is."""
        if isinstance(end, int) and end in self.named:
            return self.named[end]
        return self.write(end)

    def _about(self) -> str:
        """Comments: whatever the expression has, it is on one line."""
        text = visible(self.program.expression)
        # A backslash there would go on.
        text += " " * text.endswith("\\")
        names = ", ".join(visible(name) for name in self.program.variables) or "none"
        return (
            f"-- {text}\n"
            f"-- Its value and derivatives, in the SQL of {self._called}. The table"
            " points has\n"
            f"-- the variables as columns: {names}.\n"
            "-- NULL is what is undefined or no finite number.\n"
        )

    def _read(self, name: str) -> str:
        """A variable: a double that is finite."""
        dialect = self.dialect
        # In SQLite the name of no column would be a text, if it stood alone.
        cast = f"{dialect.cast}(points.{name} AS {dialect.type})"
        where = dialect.finished(FINITE).replace("x", cast)
        if dialect.numbers:
            where = f"{dialect.numbers.replace('x', f'points.{name}')} AND {where}"
        return f"CASE WHEN {where} THEN {cast} END AS {name}"

    def _check_names(self) -> None:
        seen: dict[str, str] = {}
        for name in (*self.program.variables, *(name for name, _ in self.outputs)):
            if len(name.encode()) > self.dialect.bytes:
                raise UsageError(
                    f"{shorten(name)} is too long a name for {self._called}, which"
                    f" takes {self.dialect.bytes} bytes"
                )
            if name.casefold() in self.dialect.reserved:
                raise UsageError(
                    f"{self._called} has no column {shorten(name)}: give the variable"
                    " another name"
                )
            other = seen.setdefault(name.casefold(), name)
            if other is not name:
                also = "" if other == name else f" in SQL, with {shorten(other)}"
                raise UsageError(
                    f"{shorten(name)} would be two columns{also}; give a variable"
                    " another name"
                )

    def _check_size(self, columns: int, layers: int) -> None:
        for size, most, what in (
            (columns, self.dialect.columns, "columns"),
            (layers, self.dialect.layers, "layers of subqueries"),
        ):
            if size > most:
                raise UsageError(
                    f"the formula is too large for {self._called}: it takes more than"
                    f" {most} {what}"
                )


_OPERAND = re.compile(r"\b(?:([xyz])|x(\d+))\b")


def _index(match: re.Match[str]) -> int:
    return int(match[2]) if match[2] else "xyz".index(match[1])


def _pieces(template: str, inputs: tuple[Operand, ...]) -> Pieces:
    """The pieces of a template: operands that stand alone need no parentheses."""
    pieces: list[Piece] = []
    end = 0
    for match in _OPERAND.finditer(template):
        pieces.append(template[end : match.start()])
        end = match.end()
        alone = re.search(r"(\(|, |WHEN |THEN |ELSE )$", template[: match.start()])
        alone = alone and re.match(r"\)|,| WHEN| THEN| ELSE| END", template[end:])
        pieces.append((inputs[_index(match)], 0 if alone else ATOM))
    pieces.append(template[end:])
    if re.fullmatch(r"CASE .* END|\w+\([^()]*\)", template):
        return ATOM, pieces
    return (NOT if template.startswith("NOT ") else SUM), pieces


def _listed(lines: list[str], indent: int) -> str:
    return (",\n" + " " * indent).join(lines)


def _number(literal: str) -> float:
    """The number of a literal, infinite where that is too large."""
    return CONSTANTS.get(literal) or float(literal)
