"""Source code: what programming languages have in common.

A program becomes assignments in straight lines, with blocks for what is calculated on
one side of a choice only. A node has a local of its own if it is used more than once,
or if the expression that it is part of would be too long without.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from textwrap import fill
from typing import ClassVar, TypeAlias

from ..errors import UsageError, shorten
from ..numbers.floats import CONSTANTS
from ..program import Operand, Program
from .notation import (
    ATOM,
    CONDITIONS,
    OR,
    PRODUCT,
    SIGN,
    SUM,
    TOTAL,
    Notation,
    Piece,
    Pieces,
    below,
    joined,
)
from .regions import Region, Regions

#: How tightly a choice binds that is part of an expression.
CHOICE = OR - 1

#: The operations that have a number for all finite numbers, large ones aside.
SMOOTH = TOTAL | {
    *("square", "cube", "cbrt", "exp", "exp2", "expm1", "hypot", "sin", "cos", "tan"),
    *("sinh", "cosh", "sech", "erfc", "sinc", "degrees", "radians", "floor"),
    *("ceil", "round", "trunc", "softplus", "elu", "gelu", "silu", "softsign", "sec"),
    *("logaddexp", "normpdf", "normcdf"),
}

#: The most nodes of an expression, and characters of a line of the expression in a
#: comment.
LARGEST, LONGEST = 10, 500

#: The columns of a line.
WIDTH = 88

#: Lines, and choices: a condition, and what is in the two blocks.
Block: TypeAlias = "list[str | tuple[str, Block, Block]]"


class Statement:
    """An assignment.

    Args:
        target: the id of a node, or a name.
        operand: what it becomes; a truth stands for itself.
        region: where.
    """

    def __init__(self, target: Operand, operand: Operand, region: Region) -> None:
        self.target, self.operand, self.region = target, operand, region
        #: Its place: on each level a phase, a group and a side, and at last a number.
        self.key: tuple[tuple[int, ...], ...] = ()


class Language(Notation):
    """A programming language, and the code of one program in it.

    Args:
        program: it.

    Raises:
        UsageError: the language lacks an operation.
    """

    title: ClassVar[str]
    #: What there is to say of undefined numbers.
    note: ClassVar[str] = "Where they are undefined they are NaN or infinite."
    #: Words that names must not be.
    reserved: ClassVar[frozenset[str]] = frozenset()
    #: What operations are called that the language has itself, or by another name,
    functions: ClassVar[dict[str, str]] = {}
    #: and the source of functions that are written out.
    helpers: ClassVar[dict[str, str]] = {}
    constants: ClassVar[dict[str, str]] = {}
    #: Whether there are blocks; else both sides of a choice are calculated.
    blocks: ClassVar[bool] = True
    #: How often an operation writes its operand.
    repeats: ClassVar[dict[str, int]] = {}
    #: Whether an undefined number raises an error; else comparisons have to see to it.
    raises: ClassVar[bool] = False
    #: The operations of which none is undefined.
    safe: ClassVar[Collection[str]] = SMOOTH
    #: How a block begins, goes on and ends, and how a condition is negated.
    syntax: ClassVar[tuple[str, str, str, str]] = (
        "if ({}) {{",
        "}} else if ({}) {{",
        "} else {",
        "}",
    )
    negation: ClassVar[str] = "!({})"

    def __init__(self, program: Program) -> None:
        super().__init__(program.steps, {})
        self.program = program
        self.used: dict[str, None] = {}  #: functions
        self.taken = set(self.reserved) | {"f"} | self.helpers.keys()
        self.parameters = {x: self.fresh(self.identifier(x)) for x in program.variables}
        several = len(program.values) > 1
        numbers = [str(k) if several else "" for k, _ in enumerate(program.values, 1)]
        #: The names of the results, of the derivatives by that of the variable.
        self.values = [self.fresh(f"value{k}") for k in numbers]
        self.slopes = [
            {x: self.fresh(f"d{k}_{self.parameters[x]}") for x in row}
            for k, row in zip(numbers, program.jacobian, strict=True)
        ]
        ends: list[tuple[str, Operand]] = []
        ends += zip(self.values, program.values, strict=True)
        for names, row in zip(self.slopes, program.jacobian, strict=True):
            ends += zip(names.values(), row.values(), strict=True)
        self._build(ends)

    # ---- Names -----------------------------------------------------------------------

    def identifier(self, name: str) -> str:
        """The nearest name that the language can read."""
        return name

    def fresh(self, name: str) -> str:
        """The name, with underscores until nothing else has it."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def variable(self, name: str) -> str:
        return self.parameters[name]

    # ---- Expressions -----------------------------------------------------------------

    def literal(self, text: str) -> Pieces:
        if text in CONSTANTS:
            return ATOM, [self.constants.get(text, repr(CONSTANTS[text]))]
        return ATOM, [self.constants.get(repr(float(text)), repr(float(text)))]

    def name(self, name: str, condition: bool) -> Pieces:
        return ATOM, [name]

    def call(self, name: str, *inputs: Operand) -> Pieces:
        function = self.functions.get(name, name)
        self.used[function] = None
        if function not in self.helpers and name not in self.functions:
            raise UsageError(f"{name} cannot be written in {self.title}")
        return ATOM, [function, "(", *joined(inputs, ", ", CHOICE), ")"]

    # The order of calculation is kept, since it is that of the rounding.

    def write_add(self, a: Operand, b: Operand) -> Pieces:
        return SUM, [(a, SUM), " + ", (b, PRODUCT)]

    def write_mul(self, a: Operand, b: Operand) -> Pieces:
        return PRODUCT, [(a, PRODUCT), "*", (b, SIGN + 1)]

    def write_div(self, a: Operand, b: Operand) -> Pieces:
        return PRODUCT, [(a, PRODUCT), "/", (b, SIGN + 1)]

    def write_neg(self, a: Operand) -> Pieces:
        first = a
        while self.is_a(first, "mul") or self.is_a(first, "div"):
            assert isinstance(first, int)
            first = self.steps[first].inputs[0]
        if self.is_a(first, "neg"):
            return SIGN, ["-", *self.parentheses(a, [(a, CHOICE)])]
        return super().write_neg(a)

    def write_square(self, a: Operand) -> Pieces:
        return PRODUCT, [(a, PRODUCT), "*", (a, SIGN + 1)]

    def write_cube(self, a: Operand) -> Pieces:
        return PRODUCT, [(a, PRODUCT), "*", (a, SIGN + 1), "*", (a, SIGN + 1)]

    def write_power(self, a: Operand, n: Operand) -> Pieces:
        return self.call("pow", a, n)

    write_pow = write_power

    def write_sec(self, a: Operand) -> Pieces:
        return PRODUCT, ["1.0/", *self.call("cos", a)[1]]

    def write_csc(self, a: Operand) -> Pieces:
        return PRODUCT, ["1.0/", *self.call("sin", a)[1]]

    def write_cot(self, a: Operand) -> Pieces:
        return PRODUCT, ["1.0/", *self.call("tan", a)[1]]

    def write_coth(self, a: Operand) -> Pieces:
        return PRODUCT, ["1.0/", *self.call("tanh", a)[1]]

    def write_degrees(self, a: Operand) -> Pieces:
        pi = self.literal("pi")[1]
        return PRODUCT, [(a, PRODUCT), "*(180.0/", *pi, ")"]

    def write_radians(self, a: Operand) -> Pieces:
        pi = self.literal("pi")[1]
        return PRODUCT, [(a, PRODUCT), "*(", *pi, "/180.0)"]

    def write_relu(self, a: Operand) -> Pieces:
        return self.call("max", a, "0")

    def write_atan2(self, y: Operand, x: Operand) -> Pieces:
        _, (name, *_) = self.call("atan2", y, x)
        pieces: list[Piece] = [name]
        for between, operand in (("(", y), (", ", x)):
            pieces += [between, (operand, SUM)]
            if not isinstance(operand, str):
                pieces.append(" + 0.0")  # which makes -0 the 0 that it is
        return ATOM, [*pieces, ")"]

    def write_sinc_n(self, n: Operand, a: Operand) -> Pieces:
        return self.call("sinc_slope", a) if n == "1" else self.call("sinc_n", n, a)

    def balanced(self, name: str, inputs: tuple[Operand, ...]) -> list[Piece]:
        """Calls of a function of two operands, nested no deeper than need be."""
        if len(inputs) == 1:
            return [(inputs[0], CHOICE)]
        half = len(inputs) // 2
        head = self.call(name)[1][0]
        left, right = (
            self.balanced(name, part) for part in (inputs[:half], inputs[half:])
        )
        return [head, "(", *left, ", ", *right, ")"]

    def write_min(self, *inputs: Operand) -> Pieces:
        return ATOM, self.balanced("min", inputs)

    def write_max(self, *inputs: Operand) -> Pieces:
        return ATOM, self.balanced("max", inputs)

    def write_if(self, *inputs: Operand) -> Pieces:
        c, a, b = inputs
        return CHOICE, [(c, OR), " ? ", (a, OR), " : ", (b, CHOICE)]

    # ---- What is assigned, and where -------------------------------------------------

    def _build(self, ends: list[tuple[str, Operand]]) -> None:
        self._order = below([operand for _, operand in ends], self.steps)
        self.live = {self.steps[id].name for id in self._order}
        self._know(ends)
        self.regions = Regions(
            self.steps,
            self._order,
            (operand for _, operand in ends),
            lambda id: (self.raises or id in self.checked) and id in self._risky,
            self.blocks,
        )
        self._split: set[int] = set()  # choices that are blocks
        self._give_locals({operand for _, operand in ends})
        statements = self._sorted(self._statements(ends))
        self._give_names(statements)
        self.block = self._nested(statements, 0)

    def _know(self, ends: Iterable[tuple[str, Operand]]) -> None:
        """Which nodes are cheap enough to be written twice, and may be undefined."""
        self._uses = dict.fromkeys(self._order, 0)
        self._cheap: set[int] = set()
        self._risky: set[int] = set()
        self.constant: set[int] = set()  #: the nodes without a variable
        #: Those that are compared, and may be undefined.
        self.checked: set[int] = set()
        for id in self._order:
            step = self.steps[id]
            parts = [] if step.name else step.inputs
            ids = [part for part in parts if isinstance(part, int)]
            for part in ids:
                self._uses[part] += self.repeats.get(step.operation, 1)
            if step.name or (
                step.operation in CONDITIONS | {"neg", "identity"}
                and step.operation not in ("and", "or")
                and all(
                    part in self._cheap and len(self.steps[part].inputs) == 1
                    for part in ids
                )
            ):
                self._cheap.add(id)
            if step.operation == "div" and not ids and _number(str(parts[1])):
                self._cheap.add(id)
            risky = step.operation not in self.safe and id not in self._cheap
            if risky or not self._risky.isdisjoint(ids):
                self._risky.add(id)
            if not step.name and self.constant.issuperset(ids):
                self.constant.add(id)
            if step.operation in CONDITIONS:
                self.checked.update(
                    part
                    for part in ids
                    if part in self._risky
                    and self.steps[part].operation not in CONDITIONS
                )
        for _, operand in ends:
            if isinstance(operand, int):
                self._uses[operand] += 1

    def _give_locals(self, ends: Collection[Operand]) -> None:
        """Choose the nodes that have locals, and the choices that are blocks."""
        self.named: dict[int, str] = {}
        sizes: dict[int, int] = {}

        def name(id: int) -> None:
            self.named[id] = ""
            for region in self.regions.of[id]:
                inner: Region | None = region
                while inner and not inner.full:
                    inner.full, inner = True, inner.parent

        for id in self._order:
            step = self.steps[id]
            if step.name:
                continue
            parts = [
                part
                for part in step.inputs
                if isinstance(part, int)
                and sizes.get(part, 0)
                and part not in self.named
            ]
            sizes[id] = 1 + sum(sizes[part] for part in parts)
            for part in sorted(parts, key=sizes.__getitem__, reverse=True):
                if sizes[id] > LARGEST:
                    name(part)
                    sizes[id] -= sizes[part]
            split = self.blocks and any(
                where is not region and where.full
                for region in self.regions.of[id]
                for _, where in self.regions.operands(id, region)
            )
            if split:
                self._split.add(id)
            own = id in ends or (self._uses[id] > 1 and id not in self._cheap)
            checked = self.blocks and not self.raises and id in self.checked
            if split or checked or (own and not (id in ends and id in self._cheap)):
                name(id)

    def _statements(self, ends: Iterable[tuple[str, Operand]]) -> list[Statement]:
        """All assignments."""
        self._assigned: dict[int, dict[Region, list[Statement]]] = {}
        found: dict[Statement, None] = {}
        for id in self._order:
            if id not in self.named:
                continue
            step = self.steps[id]
            self._assigned[id] = {}
            for region in self.regions.of[id]:
                if id in self._split:
                    c, *parts = step.inputs
                    a, b = parts if len(parts) > 1 else (*parts, *parts)
                    if step.operation != "if":
                        a, b = (a, "false") if step.operation == "and" else ("true", b)
                    some = [
                        *self._side(id, a, self.regions.branch(region, c, True)),
                        *self._side(id, b, self.regions.branch(region, c, False)),
                    ]
                else:
                    some = [Statement(id, id, region)]
                self._assigned[id][region] = some
                found.update(dict.fromkeys(some))
        #: The results that are nodes have their names, the first of them if several.
        self._results: dict[int, str] = {}
        for target, operand in ends:
            if operand in self.named and operand not in self._results:
                self._results[int(operand)] = target
            else:
                found[Statement(target, operand, self.regions.root)] = None
        return list(found)

    def _side(self, id: int, operand: Operand, region: Region) -> list[Statement]:
        """What gives a choice its value on one side: it may be another choice's."""
        if operand in self._split and self._uses[int(operand)] == 1:
            some = self._assigned[int(operand)][region]
            if len(some) < LARGEST:
                for statement in some:
                    statement.target = id
                return some
        return [Statement(id, operand, region)]

    # ---- In which order --------------------------------------------------------------

    def _reads(self, operand: Operand, top: bool) -> Iterator[int]:
        """The nodes with a local that are in an expression; at the top it is none."""
        stack = [operand]
        while stack:
            id = stack.pop()
            if isinstance(id, str) or self.steps[id].name:
                continue
            if id in self.named and not top:
                yield id
            else:
                stack += self.steps[id].inputs
            top = False

    def _behind(self, statement: Statement) -> list[Statement]:
        """The statements that have to come before one."""
        before = self._made(
            statement.operand, statement.region, statement.operand == statement.target
        )
        for region in statement.region.path:
            if region.before is None:
                assert region.parent is not None
                if len(region.path) == 1 < region.depth:
                    region.guard = self.fresh(f"inside{len(self.guards) + 1}")
                    guard = Statement(region.guard, region.condition, region.parent)
                    self.guards[region.guard] = region
                    region.before = [guard]
                else:
                    region.before = self._made(region.condition, region.parent)
            before += region.before
        return before

    def _made(
        self, operand: Operand, region: Region, top: bool = False
    ) -> list[Statement]:
        """The statements that make what an expression in a region uses."""
        found: list[Statement] = []
        for id in self._reads(operand, top):
            for place, some in self._assigned[id].items():
                if place.depth <= region.depth and region.up(place.depth) is place:
                    found += some
                    break
        return found

    def _sorted(self, statements: list[Statement]) -> list[Statement]:
        """The statements in an order in which each is behind what it needs."""
        #: The locals that tell whether a region is entered that is deep in others.
        self.guards: dict[str, Region] = {}
        self._groups: dict[tuple[Region, int], int] = {}
        found: list[Statement] = []
        stack = statements[::-1]
        opened: dict[Statement, list[Statement]] = {}
        while stack:
            statement = stack[-1]
            if statement.key:
                stack.pop()
            elif statement in opened:
                statement.key = self._key(statement, opened[statement], len(found))
                found.append(statement)
            else:
                opened[statement] = self._behind(statement)
                stack += [other for other in opened[statement][::-1] if not other.key]
        return sorted(found, key=lambda statement: statement.key)

    def _key(
        self, statement: Statement, before: Iterable[Statement], number: int
    ) -> tuple[tuple[int, ...], ...]:
        """The place of a statement.

        In a region phases take turns: the even ones are of its own statements, the odd
        ones of blocks, so that blocks with the same condition are one where they can.
        """
        key: list[tuple[int, ...]] = []
        for level, region in enumerate(statement.region.path):
            outside = region if region.guard else region.parent
            assert outside is not None
            group = self._groups.setdefault(
                (outside, region.condition), len(self._groups)
            )
            phase = 1
            for other in before:
                theirs, them = other.key[level][:2]
                gap = 1 if them < 0 else 0 if them == group else 2
                phase = max(phase, theirs + gap)
            before = [one for one in before if one.key[level][:2] == (phase, group)]
            key.append((phase, group, not region.holds and not region.guard))
        phase = 0
        for other in before:
            phase = max(phase, other.key[len(key)][0] + (other.key[len(key)][1] >= 0))
        return *key, (phase, -1, number)

    def _give_names(self, statements: Iterable[Statement]) -> None:
        """Give locals their names, in order."""
        counts = {"v": 0, "c": 0}
        #: What is declared before it gets its value: names, and whether of a condition.
        self.early: dict[str, bool] = {}
        for statement in statements:
            id = statement.target
            if isinstance(id, str):
                if id in self.guards:
                    self.early[id] = True
                continue
            condition = self.steps[id].operation in CONDITIONS
            if not self.named[id]:
                name = self._results.get(id, "")
                letter = "c" if condition else "v"
                while not name or (name in self.taken and id not in self._results):
                    counts[letter] += 1
                    name = f"{letter}{counts[letter]}"
                self.named[id] = name
            if id in self._split or statement.region is not self.regions.root:
                self.early[self.named[id]] = condition

    # ---- Lines -----------------------------------------------------------------------

    def expression(self, operand: Operand, top: bool = False) -> str:
        """The text of an operand; at the top it is no name."""
        if operand in ("true", "false"):
            return self.constants[str(operand)]
        if operand in self.named and not top:
            return self.named[int(operand)]
        return self.write(operand)

    def _nested(self, statements: Iterable[Statement], level: int) -> Block:
        block: Block = []
        for (_, group), some in groupby(statements, lambda one: one.key[level][:2]):
            if group < 0:
                for statement in some:
                    block += self._assignment(statement)
                continue
            sides: list[list[Statement]] = [[], []]
            for statement in some:
                sides[statement.key[level][2]].append(statement)
            region = (sides[0] or sides[1])[0].region.path[level]
            test = region.guard or self.expression(region.condition)
            if not sides[0]:
                sides.reverse()
                test = self._negated(region.condition)
            then, otherwise = (self._nested(side, level + 1) for side in sides)
            block.append((test, then, otherwise))
        return block

    def _negated(self, condition: int) -> str:
        return self.negation.format(self.expression(condition))

    def _assignment(self, statement: Statement) -> Iterator[str]:
        target, operand = statement.target, statement.operand
        if target in self.guards:
            region = self.guards[str(target)]
            text = self.expression(operand)
            yield self.assign(
                str(target),
                text if region.holds else self._negated(region.condition),
                True,
            )
            return
        name = target if isinstance(target, str) else self.named[target]
        condition = (
            isinstance(target, int) and self.steps[target].operation in CONDITIONS
        )
        yield self.assign(name, self.expression(operand, operand == target), condition)
        if target in self.checked and self.blocks and not self.raises:
            yield from self.check(name)

    def assign(self, name: str, text: str, condition: bool) -> str:
        """A line that gives a local its value."""
        return f"{name} = {text}"

    def check(self, name: str) -> Iterable[str]:
        """Lines that leave the function where a number is none, or infinite."""
        return ()

    def lines(self, block: Block, indent: str) -> Iterator[str]:
        """The lines of a block; there are no more than DEEPEST in each other."""
        start, again, other, end = self.syntax
        for line in block:
            if isinstance(line, str):
                yield indent + line
                continue
            test, then, otherwise = line
            yield indent + start.format(test)
            yield from self.lines(then, indent + "    ")
            while len(otherwise) == 1 and not isinstance(otherwise[0], str):
                test, then, otherwise = otherwise[0]
                yield indent + again.format(test)
                yield from self.lines(then, indent + "    ")
            if otherwise:
                yield indent + other
                yield from self.lines(otherwise, indent + "    ")
            if end:
                yield indent + end

    def formula(self) -> list[str]:
        """The lines of the expression, all of them visible and not too long."""
        return [shorten(line, LONGEST) for line in self.program.expression.split("\n")]

    def renamed(self) -> Iterator[str]:
        """What there is to say of variables whose names are not their own."""
        for name, parameter in self.parameters.items():
            if name != parameter:
                yield f"{parameter} is the variable {shorten(name)}."

    def order(self, row: int = 0) -> str:
        """What there is to say of the order of derivatives."""
        names = [self.parameters[name] for name in self.slopes[row]]
        return (
            f"with respect to {', '.join(names)}" if names else "of which there is none"
        )

    def written(self) -> list[str]:
        """The source of the helpers that are used, each behind those that it calls."""
        needed = dict.fromkeys(self.used)
        for name in reversed(self.helpers):
            if name in needed:
                called = re.findall(r"(?<![.\w])(\w+)\(", self.helpers[name])
                needed |= dict.fromkeys(set(called) & self.helpers.keys())
        return [text for name, text in self.helpers.items() if name in needed]


def filled(head: str, parts: list[str], tail: str, indent: str = "") -> list[str]:
    """Parts between commas, in one line or as many as it takes."""
    if len(line := f"{indent}{head}{', '.join(parts)}{tail}") <= WIDTH:
        return [line]
    lines = fill(", ".join(parts), WIDTH - len(indent) - 4, break_long_words=False)
    inside = [f"{indent}    {line}" for line in lines.split("\n")]
    return [f"{indent}{head}", *inside, f"{indent}{tail}"]


def _number(literal: str) -> float:
    return float(CONSTANTS.get(literal, literal))
