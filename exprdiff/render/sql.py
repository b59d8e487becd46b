"""The formula and its derivatives as a SELECT, for the rows of a table ``points``.

What is written more than once is a column: layer by layer, a subquery each. Nothing
fails for a row: what is undefined there, or too large, is NULL, and so are derivatives
where there is no value.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import ClassVar

from ..errors import UsageError, shorten, visible
from ..numbers.floats import CONSTANTS
from ..program import Assignment, Operand, Program
from ..style import Style
from .dialects import (
    CARRIES,
    DIALECTS,
    FINITE,
    HIDING,
    OVERFLOWS,
    SHOWS,
    UNGUARDED,
    shrinks,
)
from .notation import (
    ATOM,
    COMPARISON,
    CONDITIONS,
    NOT,
    PRODUCT,
    SIGN,
    SUM,
    TOTAL,
    Notation,
    Piece,
    Pieces,
    below,
    sources,
)
from .regions import Region, Regions

#: How deep expressions stand in each other, for parsers whose stack is of a hundred; of
#: what goes on at the left, a step counts but little.
DEEPEST, SHALLOW = 20, 0.1

#: In haste, how often a single operation on columns may be written: a layer more takes
#: longer to plan, and DuckDB calculates it but once in a layer anyway.
FEW = 3
ARITHMETIC = {"add", "sub", "mul", "div", "square"}

#: The columns of a layer that needs none.
NOTHING = ["1 AS one"]


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
    return f"{_Select(program, dialect).text()};\n"


class Table:
    """A table points, all columns of which are to be in the result, and first.

    Args:
        columns: their names.
        variables: the column of each variable: one of these or another one.
        fixed: the values of those variables that have no column.
        prefix: what the names of the new columns begin with.
        tell: gives the SQL of a number that is neither 0 nor -1, for the reason why a
            row has no result, or lacks a derivative; to calculate it may have effects.
            Where a variable is NULL there is no reason.
        told: gives that of a number, in which such a number is calculated.
        detailed: whether the reasons are told apart; else all have the number 1.
        hasty: whether no row is to lack anything: what is told, in a row that does, is
            then an error, so that the query ends. It is shorter and faster for that.
        reason: the name of a column for that number, 0 in other rows; without a name it
            is calculated all the same.
        skip: whether rows with a reason are left out.
        points: the SELECT that gives the table, if the engine does not know it; layers
            are then nested in each other, which takes DuckDB less time to plan.
    """

    def __init__(
        self,
        columns: Sequence[str],
        variables: dict[str, str],
        fixed: dict[str, float],
        prefix: str,
        tell: Callable[[Reason], str],
        told: Callable[[str], str] = str,
        detailed: bool = True,
        hasty: bool = False,
        reason: str = "",
        skip: bool = False,
        points: str = "",
    ) -> None:
        self.columns = columns
        self.variables = variables
        self.fixed = fixed
        self.prefix = prefix
        self.tell = tell
        self.told = told
        self.detailed = detailed
        self.hasty = hasty
        self.reason = reason
        self.skip = skip
        self.points = points


class Reason:
    """Why rows have no result, or lack a derivative.

    Args:
        step: the first node that has no number; without one, no node could be named.
        large: whether it is beyond the largest double, and not undefined.
        number: that of the reason, from 1 on.
    """

    def __init__(self, step: Assignment | None, large: bool, number: int) -> None:
        self.step = step
        self.large = large
        self.number = number


def select(program: Program, table: Table, dialect: str) -> str:
    """The SELECT of a table, of which nothing is cut off or left out.

    Raises as ``render``.
    """
    return _Select(program, dialect, table).text()


def _shorter(steps: Mapping[int, Assignment]) -> dict[int, Assignment]:
    """The same in fewer operations, where nothing overflows.

    Then a*(b/c) is (a/c)*b, where a/c is there anyway; and sech and the logistic
    function are quotients.
    """
    found, fresh = dict(steps), count(max(steps, default=0) + 1)
    quotients, negatives = (
        {step.inputs: id for id, step in steps.items() if step.operation == name}
        for name in ("div", "neg")
    )
    #: Of an operand of the logistic function, exp(-x) and 1 + exp(-x).
    logistic: dict[Operand, tuple[int, int]] = {}

    def put(id: int, step: Assignment, operation: str, *inputs: Operand) -> int:
        """Add a node, in place of a step or of a part of it."""
        found[id] = Assignment(id, operation, None, inputs, step.span, step.derived)
        return id

    for id, step in steps.items():
        if step.operation == "sech":
            put(id, step, "div", "1", put(next(fresh), step, "cosh", *step.inputs))
        elif step.operation == "sigmoid":
            (x,) = step.inputs
            other = steps[x] if isinstance(x, int) else None
            if other and other.operation == "neg" and other.inputs[0] in logistic:
                put(id, step, "div", *logistic[other.inputs[0]])
                continue
            minus = negatives.get((x,)) or put(next(fresh), step, "neg", x)
            power = put(next(fresh), step, "exp", minus)
            logistic[x] = power, put(next(fresh), step, "add", "1", power)
            put(id, step, "div", "1", logistic[x][1])
        elif step.operation == "mul":
            for a, b in (step.inputs, step.inputs[::-1]):
                other = steps[b] if isinstance(b, int) else None
                if other is None or other.operation != "div":
                    continue
                numerator, denominator = other.inputs
                if (quotient := quotients.get((a, denominator))) is not None:
                    put(id, step, "mul", quotient, numerator)
                    break
    return found


def outputs(program: Program) -> list[tuple[str, Operand, Operand | None]]:
    """The columns of the result behind the variables.

    Of each its name, what it is, and what it is a derivative of.
    """
    several = len(program.values) > 1
    found: list[tuple[str, Operand, Operand | None]] = []
    for k, id in enumerate(program.values, 1):
        found.append((f"f{k}" if several else "value", id, None))
    for k, (f, row) in enumerate(zip(program.values, program.jacobian, strict=True), 1):
        d = f"d_f{k}_" if several else "d_"
        found += [(d + name, operand, f) for name, operand in row.items()]
    for k, hessian in enumerate(program.hessians, 1):
        d, f = f"d2_f{k}_" if several else "d2_", program.values[k - 1]
        found += [(f"{d}{a}_{b}", operand, f) for (a, b), operand in hessian.items()]
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

    def __init__(
        self, program: Program, dialect: str, table: Table | None = None
    ) -> None:
        hasty = table is not None and table.hasty
        super().__init__(_shorter(program.steps) if hasty else program.steps)
        self.named: dict[int, str] = {}
        self.program = program
        self.dialect = DIALECTS[dialect]
        self.table = table
        self._hasty = hasty
        self.outputs = outputs(program)
        self._called = dialect
        self._finite_x = self.dialect.finished(FINITE)
        #: The columns that the result has first, and what those of variables are.
        self._given = [*program.variables]
        self._columns = {name: self.dialect.name(name) for name in self._given}
        self._prefix = ""
        if table is not None:
            self._given, self._prefix = [*table.columns], table.prefix
        taken = {name.casefold() for name in self._given}
        taken |= {(self._prefix + name).casefold() for name, _, _ in self.outputs}
        if table is not None:
            taken |= {name.casefold() for name in table.variables.values()}
        self._names = (name for k in count(1) if (name := f"s{k}") not in taken)
        if table is None:
            self._check_names()
        else:
            self._columns = {name: next(self._names) for name in table.variables}
        self._order = below(self._operands(), self.steps)
        self._constants: dict[int, float] = {}
        #: The nodes that may be infinite or NaN, those among them of which nothing else
        #: shows that they are, and what hides it.
        self._wild: set[int] = set()
        self._infinite: set[int] = set()
        self._hiding: dict[int, list[int]] = {}
        #: How a node is written, unless that is an operator.
        self._templates: dict[int, str] = {}
        for id in self._order:
            self._enter(id, self.steps[id])
        self._name()
        self._layers = self._plan()
        self._choices = any(
            self.steps[id].operation in ("if", "and", "or") for id in self._order
        )
        #: The columns that tell that nothing is hidden in an end, beyond its value.
        self._sound: dict[tuple[Operand, Operand | None], str] = {}

    # ---- Operations ------------------------------------------------------------------

    def _enter(self, id: int, step: Assignment) -> None:
        name, inputs = step.operation, step.inputs
        if step.name is not None:
            if step.name not in self._columns:
                assert self.table is not None
                self._constants[id] = self.table.fixed[step.name]
            return
        values = [self._value(x) for x in inputs]
        if None not in values and name in ("identity", "neg", "div"):
            a, b = [*map(float, values), 1.0][:2]  # type: ignore[arg-type]
            number = -a if name == "neg" else a / b if b else math.inf
            if math.isfinite(number):
                self._constants[id] = number
                return
        template = self.dialect.template(name, values)
        plain = self._hasty and name in UNGUARDED
        if plain:
            template = f"{name}(x)"
        if template is None and name not in self.infix:
            raise UsageError(f"{name} cannot be written in the SQL of {self._called}")
        infinite = [x for x in inputs if x in self._infinite]
        wild = [k for k, x in enumerate(inputs) if x in self._wild]
        carries = plain or name in CARRIES
        carries = carries or (name == "div" and inputs[1] not in infinite)
        overflows = plain or (name in OVERFLOWS and not shrinks(name, values))
        checks: list[str] = []
        if not self.dialect.raises:
            if overflows or (carries and infinite):
                self._infinite.add(id)
            if overflows or (wild and (carries or name in HIDING)):
                self._wild.add(id)
            if infinite and not carries and name in HIDING:
                self._hiding[id] = [int(x) for x in infinite]
        if not carries and name not in HIDING:
            checks = [self._finite(f"x{k}") for k in wild]
        if name in self.dialect.extremes:
            checks += [
                f"x{k} IS NOT NULL"
                for k, x in enumerate(inputs)
                if k not in wild and values[k] is None
            ]
        if checks:
            sign = self.infix[name][2] if name in self.infix else ""
            template = template or f"x{sign}y"
            template = f"CASE WHEN {' AND '.join(checks)} THEN {template} END"
        if template is not None:
            self._templates[id] = template

    def _operands(self) -> list[Operand]:
        """What the result is made of."""
        return [end for _, end, _ in self.outputs]

    def _hidden(self) -> list[int]:
        """The nodes of which a check has to tell that they are infinite or NaN."""
        return list(
            dict.fromkeys(x for hidden in self._hiding.values() for x in hidden)
        )

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
        return self._columns[name]

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
        # An end is written once where it is checked, and once where it is the result.
        uses = Counter(2 * [end for end in self._operands() if isinstance(end, int)])
        if not self._hasty:  # and so is what hides in another
            uses.update(self._hidden())
        for id in self._order:
            uses.update(self._parts(id))
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
            few = self._hasty and uses[id] <= FEW and step.operation in ARITHMETIC
            cheap = plain and (few or step.operation in CONDITIONS | {"neg"})
            if depth > DEEPEST or (
                uses[id] > 1 and not cheap and id not in self._constants
            ):
                self.named[id] = next(self._names)

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
        ends = self._operands() if self._hasty else [*self._operands(), *self._hidden()]
        self._last = {end: len(layers) for end in ends if isinstance(end, int)}
        #: In haste, the terms of the check, by the layer that can add them up.
        self._terms: list[list[int]] = [[] for _ in range(len(layers) + 1)]
        for id in self._telling() if self._hasty else ():
            self._terms[level[id]].append(id)
            for part in [id] if self._is_short(id) else self._parts(id):
                self._last[part] = max(self._last.get(part, 0), level[id])
        for id in reversed(self._order):
            # Nothing has a constant's parts.
            last = level[id] - 1 if id in self.named else self._last.get(id, 0)
            for part in self._parts(id):
                self._last[part] = max(self._last.get(part, 0), last)
        return layers

    def _telling(self) -> list[int]:
        """Nodes that are not all finite numbers if anything is none that has to be.

        That are the variables, the ends and what is hidden, but those among them that
        show in another one.
        """
        variables = [id for id in self._order if self.steps[id].name in self._columns]
        needed = {*variables, *self._operands(), *self._hidden()}
        found, shown, shows = [], set[Operand](), SHOWS | UNGUARDED
        for id in reversed(self._order):
            if id in self._constants:
                continue
            if id in needed and id not in shown:
                found.append(id)
                shown.add(id)
            name, inputs = self.steps[id].operation, self.steps[id].inputs
            if id in shown and (name == "div" or name in shows):
                shown.update(inputs[:1] if name == "div" else inputs)
        return found[::-1]

    # ---- Lines -----------------------------------------------------------------------

    def text(self) -> str:
        """The SELECT, with what there is to say on top."""
        if self._hasty:
            return self._hasty_text()
        layers, rows, table = list(self._written()), "", self.table
        first = others = ""
        ends = dict.fromkeys(self._operands())
        lazily = "{}"
        hiding = self._checks()
        checks: dict[str, list[str]] = {}
        if table is not None:
            # In one sum it shows at once whether any of all is infinite, NaN or NULL.
            quick, whole = next(self._names), next(self._names)
            finite = [x for x in (*self._hidden(), *ends) if self._value(x) is None]
            terms = " + ".join(dict.fromkeys(map(self._text, finite)))
            layers.append(["*", f"{self._finite(terms or '0')} AS {quick}"])
            lazily = f"CASE WHEN {quick} THEN TRUE ELSE {{}} END"
            checks[whole] = [check for some in hiding.values() for check in some]
            checks[whole] += map(self._check, ends)
            reason = self._reason(table)
            first = others = f"WHEN {whole} THEN {{0}} "
            if table.skip:
                rows = f"\nWHERE CASE WHEN {whole} THEN TRUE ELSE {reason} = 0 END"
            elif not table.reason:
                first += f"WHEN {reason} = -1 THEN NULL "
        named: dict[tuple[str, ...], str] = {}
        for key, some in hiding.items():
            if some:
                self._sound[key] = named.setdefault(tuple(some), "") or next(
                    self._names
                )
                named[tuple(some)] = self._sound[key]
        checks |= {name: list(some) for some, name in named.items()}
        if checks:
            lines = []
            for name, some in checks.items():
                text = " AND ".join(filter(None, dict.fromkeys(some))) or "TRUE"
                lines.append(f"{lazily.format(text)} AS {name}")
            layers.append(["*", *lines])
        self._check_size(len(layers), self.dialect.layers, "layers of subqueries")
        text, parts = self._stacked(layers)
        lines = [*map(self.dialect.name, self._given)]
        for k, (name, end, value) in enumerate(self.outputs):
            result = self._result(end, value, others if k else first)
            lines.append(f"{result} AS {self.dialect.name(self._prefix + name)}")
        if table is not None and table.reason:
            told = f"CASE WHEN {whole} THEN 0 ELSE {reason} END"
            lines.append(f"{told} AS {self.dialect.name(table.reason)}")
        self._check_size(len(lines), self.dialect.columns, "columns")
        about = "" if table else self._about()
        before = f"WITH {', '.join(parts)}\n" if parts else ""
        select = f"SELECT {_listed(lines, 2)}\nFROM {text}{rows}"
        return f"{about}{before}{select}"

    def _stacked(self, layers: list[list[str]]) -> tuple[str, list[str]]:
        """What the last layer is called, or is, and the layers to define before."""
        table, parts = self.table, []
        nested = bool(table and table.points)
        text = f"({table.points}) AS points" if table and nested else "points"
        for k, lines in enumerate(layers, 1):
            source = f"\n  FROM {text}" if lines != NOTHING else ""
            layer = f"(\n  SELECT {_listed(lines, 4)}{source}\n)"
            fence, text = self.dialect.fence if k > 1 else "", f"layer{k}"
            if nested:
                text = f"{layer} AS layer{k}"
            else:
                parts.append(f"layer{k} AS {fence}{layer}")
        return text, parts

    def _hasty_text(self) -> str:
        """The SELECT of rows that lack nothing: if one does, an error is told."""
        table = self.table
        assert table is not None
        layers, total, summed = list(self._written()), next(self._names), False
        text = "0"
        for k, ids in enumerate(self._terms, 1):
            if not ids:
                continue
            text = " + ".join([*[total] * summed, *map(self._term, ids)])
            if k == len(self._terms):
                break
            if summed:
                layers[k][0] += f" REPLACE ({text} AS {total})"
            else:
                layers[k].append(f"{text} AS {total}")
            summed, text = True, total
        whole = self._finite(text)
        told = table.told(table.tell(Reason(None, False, 1)))
        lines = [*map(self.dialect.name, self._given)]
        for k, (name, end, _) in enumerate(self.outputs):
            result = self._text(end)
            if k == 0:
                result = f"CASE WHEN {whole} THEN {result} ELSE {told} END"
            lines.append(f"{result} AS {self.dialect.name(self._prefix + name)}")
        source, _ = self._stacked(layers)
        return f"SELECT {_listed(lines, 2)}\nFROM {source}"

    def _written(self) -> Iterator[list[str]]:
        """The columns of each layer."""
        variable = {step.name: id for id, step in self.steps.items() if step.name}
        columns = {variable[name]: column for name, column in self._columns.items()}
        table = self.table
        kept = dict.fromkeys(columns if table is None else (), len(self._layers))
        given: list[str] = []
        if table is not None:
            given = [*table.columns, *table.variables.values()]
            given = [*map(self.dialect.name, dict.fromkeys(given))]
            if table.detailed or table.points:
                given = ["*"]
        yield [*given, *map(self._read, self._columns)] or NOTHING
        for k, layer in enumerate(self._layers):
            live = [id for id in columns if kept.get(id, self._last.get(id, 0)) >= k]
            if self._choices and not self._hasty:
                lines = ["*"]  # since the conditions are asked for once more in the end
            elif table is not None and table.points and not table.detailed:
                # A long list would take DuckDB long to read.
                dead = [columns[id] for id in columns if id not in live]
                lines = [f"* EXCLUDE ({', '.join(dead)})" if dead else "*"]
                columns = {id: columns[id] for id in live}
            elif given == ["*"] or (
                table is None and kept and 2 * len(live) > len(columns)
            ):
                lines = ["*"]
            else:
                lines = [*given, *(columns[id] for id in live)]
                columns = {id: columns[id] for id in live}
            columns |= {id: self.named[id] for id in layer}
            self._check_size(len(columns), self.dialect.columns, "columns")
            yield [*lines, *(f"{self.write(id)} AS {self.named[id]}" for id in layer)]

    def _result(self, end: Operand, value: Operand | None, first: str) -> str:
        """What a column of the result is: NULL, unless it and the value are numbers.

        Args:
            end: what it is, in whole rows;
            value: for a derivative, of what.
            first: what is asked first, with a place for the text of the end.
        """
        checks = [self._sound.get((end, value), "")]
        if value is not None:
            checks[:0] = [self._sound.get((value, None), ""), self._check(value)]
        checks += [self._check(end)] * (end in self._infinite and end != value)
        where, text = " AND ".join(filter(None, checks)), self._text(end)
        if first or where:
            last = f"WHEN {where} THEN {text}" if where else f"ELSE {text}"
            text = f"CASE {first.format(text)}{last} END"
        return text

    def _checks(self) -> dict[tuple[Operand, Operand | None], list[str]]:
        """The conditions that nothing hides in an end, beyond those of its value."""
        inside: dict[Operand | None, dict[int, None]] = {None: {}}
        found = {}
        for _, end, value in self.outputs if self._hiding else ():
            nodes = dict.fromkeys(below([end], self.steps))
            inside.setdefault(end, nodes)
            regions = None
            if self._choices:
                regions = Regions(self.steps, list(nodes), [end], lambda id: True)
            new = [id for id in nodes if id not in inside[value]]
            found[end, value] = self._finite_inside(new, regions)
        return found

    def _finite_inside(self, ids: Iterable[int], regions: Regions | None) -> list[str]:
        """The conditions that what is hidden in nodes is finite, where it is used."""
        found = []
        for id in ids:
            for hidden in self._hiding.get(id, ()):
                check = self._finite(self._text(hidden))
                places = regions.of[id] if regions else []
                paths = [self._path(region) for region in places]
                if paths and all(paths):
                    used = " OR ".join(" AND ".join(path) for path in paths)
                    check = f"CASE WHEN {used} THEN {check} ELSE TRUE END"
                found.append(check)
        return found

    def _finite(self, text: str) -> str:
        return self._finite_x.replace("x", text, 1)

    def _check(self, operand: Operand) -> str:
        """The condition that it is a finite number; empty where it always is."""
        number = self._value(operand)
        if number is not None:
            return "" if math.isfinite(number) else "FALSE"
        if isinstance(operand, str):
            return "FALSE"
        text = self._text(operand)
        return (
            self._finite(text) if operand in self._infinite else f"{text} IS NOT NULL"
        )

    def _text(self, operand: Operand) -> str:
        """An operand by its name, if it has one."""
        if isinstance(operand, int) and operand in self.named:
            return self.named[operand]
        return self.write(operand)

    def _term(self, operand: Operand) -> str:
        """The text of a term of a sum."""
        text = self._text(operand)
        return f"({text})" if " " in text else text

    # ---- Reasons ---------------------------------------------------------------------

    def _reason(self, table: Table) -> str:
        """The number of the reason why a row lacks a number, 0 if it lacks a variable.

        That is in the first node that has none, and is used.
        """
        given = [self.dialect.name(column) for column in table.variables.values()]
        lacking = " OR ".join(f"{column} IS NULL" for column in given) or "FALSE"
        whens: list[str] = []
        self._reasons = 0
        order = self._order if table.detailed else []
        ends = self._operands() if table.detailed else []
        regions = Regions(self.steps, order, ends, lambda id: True)
        for id in order:
            failures = list(self._failures(id, table))
            for region in regions.of[id] if failures else ():
                path = self._path(region)
                for failure, told in failures:
                    where = " AND ".join([*path, failure])
                    whens.append(f"WHEN {where} THEN {told}")
        last = table.tell(Reason(None, False, self._reasons + 1))
        number = f"CASE {' '.join(whens)} ELSE {last} END" if whens else last
        return f"CASE WHEN {lacking} THEN 0 ELSE {table.told(number)} END"

    def _failures(self, id: int, table: Table) -> Iterator[tuple[str, str]]:
        """When a node has no number though its operands have, and what is told then."""
        step = self.steps[id]
        template = self._templates.get(id, "")
        if id in self._constants:
            return

        def told(large: bool) -> str:
            self._reasons += 1
            return table.tell(Reason(step, large, self._reasons))

        if step.name is not None:
            yield f"{self._columns[step.name]} IS NULL", told(True)
            return
        text = self._text(id) if id in self.named else f"({self.write(id)})"
        if "CASE" in template and step.operation not in TOTAL:
            yield f"{text} IS NULL", told(False)
        elif step.operation == "div" and not self._value(step.inputs[1]):
            yield f"{self._text(step.inputs[1])} = 0", told(False)
        if id in self._infinite and step.operation not in CARRIES - OVERFLOWS:
            yield f"NOT {self._finite(text)}", told(True)

    def _path(self, region: Region) -> list[str]:
        """The conditions under which a region is entered."""
        path = []
        while region.parent is not None:
            text = f"({self._text(region.condition)})"
            path.append(text if region.holds else f"NOT {text}")
            region = region.parent
        return path[::-1]

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
        column = dialect.name(self.table.variables[name] if self.table else name)
        cast = f"{dialect.cast}(points.{column} AS {dialect.type})"
        if self._hasty:
            return f"{cast} AS {self._columns[name]}"
        where = self._finite(cast)
        if dialect.numbers:
            where = f"{dialect.numbers.replace('x', f'points.{column}')} AND {where}"
        return f"CASE WHEN {where} THEN {cast} END AS {self._columns[name]}"

    def _check_names(self) -> None:
        seen: dict[str, str] = {}
        for name in (*self._given, *(name for name, _, _ in self.outputs)):
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

    def _check_size(self, size: int, most: int, what: str) -> None:
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
