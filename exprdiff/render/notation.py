"""How formulas are written: what most notations have in common, and the language's own.

A notation tells of an operation how tightly it binds and what its pieces are: texts,
and operands with the tightness that their places ask for. What binds less tightly gets
parentheses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import ClassVar, TypeAlias

from ..program import Assignment, Operand

#: How tightly operations bind, loosest first.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(9)

#: The operations that give no number.
CONDITIONS = {"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"}

#: The operations that have a number for all numbers, if not always a finite one.
TOTAL = CONDITIONS | {
    *("identity", "add", "sub", "mul", "neg", "abs", "sign", "step", "relu", "min"),
    *("max", "if", "atan", "atan2", "tanh", "asinh", "sigmoid", "erf", "leaky_relu"),
}

#: A text, or an operand with the level that its place asks for.
Piece: TypeAlias = "str | tuple[Operand, int]"

#: How tightly something binds, and its pieces.
Pieces: TypeAlias = "tuple[int, list[Piece]]"


class Notation:
    """How the language writes formulas; others differ from it here and there.

    Args:
        steps: the nodes, by their ids.
        named: the nodes that are written as a name, and their names.
    """

    #: The level of each operator, that of its right operand, and how it is written. A
    #: sum needs no parentheses on its right.
    infix: ClassVar[dict[str, tuple[int, int, str]]] = {
        "add": (SUM, SUM, " + "),
        "sub": (SUM, PRODUCT, " - "),
        "div": (PRODUCT, SIGN, "/"),
        "lt": (COMPARISON, SUM, " < "),
        "le": (COMPARISON, SUM, " <= "),
        "gt": (COMPARISON, SUM, " > "),
        "ge": (COMPARISON, SUM, " >= "),
        "eq": (COMPARISON, SUM, " == "),
        "ne": (COMPARISON, SUM, " != "),
        "and": (AND, NOT, " and "),
        "or": (OR, AND, " or "),
    }

    def __init__(
        self, steps: Mapping[int, Assignment], named: Mapping[int, str] | None = None
    ) -> None:
        self.steps = steps
        self.named = named or {}

    def write(self, operand: Operand) -> str:
        """The text of an operand; at the top it is no name."""
        written: list[str] = []
        waiting = self.pieces(operand, top=True)[1][::-1]
        while waiting:
            piece = waiting.pop()
            if isinstance(piece, str):
                written.append(piece)
                continue
            operand, level = piece
            own, pieces = self.pieces(operand)
            if own < level:
                pieces = self.parentheses(operand, pieces)
            waiting += reversed(pieces)
        return "".join(written)

    def pieces(self, operand: Operand, top: bool = False) -> Pieces:
        """How tightly an operand binds, and its pieces."""
        if isinstance(operand, str):
            return self.literal(operand)
        step = self.steps[operand]
        if operand in self.named and not top:
            return self.name(self.named[operand], step.operation in CONDITIONS)
        if step.name is not None:
            return ATOM, [self.variable(step.name)]
        own = getattr(self, f"write_{step.operation}", None)
        if own is not None:
            pieces: Pieces = own(*step.inputs)
            return pieces
        if step.operation in self.infix:
            level, right, sign = self.infix[step.operation]
            a, b = step.inputs
            left = SUM if level == COMPARISON else level
            return level, [(a, left), sign, (b, right)]
        return self.call(step.operation, *step.inputs)

    def parentheses(self, operand: Operand, pieces: list[Piece]) -> list[Piece]:
        """The pieces of an operand, in parentheses."""
        return ["(", *pieces, ")"]

    def literal(self, text: str) -> Pieces:
        """A number or a constant."""
        return SIGN if text.startswith("-") else ATOM, [text]

    def variable(self, name: str) -> str:
        """A variable."""
        return name

    def name(self, name: str, condition: bool) -> Pieces:
        """A name for a node: that of a condition is 1 where it holds."""
        return (COMPARISON, [f"{name} == 1"]) if condition else (ATOM, [name])

    def define(self, id: int) -> str:
        """What is behind the name of a node."""
        text = self.write(id)
        return f"if({text}, 1, 0)" if self.steps[id].operation in CONDITIONS else text

    def call(self, name: str, *inputs: Operand) -> Pieces:
        """A function of operands."""
        return ATOM, [name, "(", *joined(inputs, ", ", 0), ")"]

    def write_identity(self, a: Operand) -> Pieces:
        return self.pieces(a)

    def write_mul(self, a: Operand, b: Operand) -> Pieces:
        # Where the left one is but a number, what comes first makes no difference.
        plain = isinstance(a, str) and len(a) < 7 and "e" not in a
        return PRODUCT, [(a, PRODUCT), "*", (b, PRODUCT if plain else SIGN)]

    def write_neg(self, a: Operand) -> Pieces:
        # A sign before a product is one of the whole, wherever it stands.
        return min(self.pieces(a)[0], SIGN), ["-", (a, PRODUCT)]

    def write_not(self, a: Operand) -> Pieces:
        return NOT, ["not ", (a, NOT)]

    def write_square(self, a: Operand) -> Pieces:
        return POWER, [(a, ATOM), "^2"]

    def write_power(self, a: Operand, n: Operand) -> Pieces:
        return POWER, [(a, ATOM), "^", (n, SIGN)]

    write_pow = write_power

    def write_if(self, *inputs: Operand) -> Pieces:
        *cases, (_, last) = self.cases(*inputs)
        pieces: list[Piece] = []
        for conditions, operand in cases:
            pieces += ["if(", *joined(conditions, self.infix["or"][2], AND)]
            pieces += [", ", (operand, 0), ", "]
        return ATOM, [*pieces, (last, 0), ")" * len(cases)]

    def cases(
        self, condition: Operand, a: Operand, b: Operand
    ) -> list[tuple[list[Operand], Operand]]:
        """The operands of an ``if`` and of those in its place, each with conditions.

        One of the conditions has to hold; the last operand has none.
        """
        cases: list[tuple[list[Operand], Operand]] = []
        while True:
            if cases and cases[-1][1] == a:
                cases[-1][0].append(condition)
            else:
                cases.append(([condition], a))
            if not (isinstance(b, int) and self.is_a(b, "if")):
                return [*cases, ([], b)]
            condition, a, b = self.steps[b].inputs

    def is_a(self, operand: Operand, operation: str) -> bool:
        """Whether an operand is such a node, and written out."""
        return (
            isinstance(operand, int)
            and operand not in self.named
            and self.steps[operand].operation == operation
        )


def joined(operands: Iterable[Operand], sign: str, level: int) -> Iterator[Piece]:
    """Operands with a sign between them."""
    for k, operand in enumerate(operands):
        if k:
            yield sign
        yield operand, level


def sources(step: Assignment) -> Iterator[int]:
    """The ids of the nodes that a node uses, once for each use."""
    for operand in step.inputs:
        if isinstance(operand, int):
            yield operand


def below(ends: Iterable[Operand], steps: Mapping[int, Assignment]) -> list[int]:
    """The ids of the nodes that lead to these ends, each behind those that it uses."""
    found: dict[int, None] = {}
    stack = [end for end in ends if isinstance(end, int)][::-1]
    while stack:
        id = stack[-1]
        waiting = (
            [] if id in found else [i for i in sources(steps[id]) if i not in found]
        )
        if waiting:
            stack += waiting[::-1]
        else:
            found[stack.pop()] = None
    return list(found)


#: How many nodes a formula may have, written out, before its shared parts get names.
LONG = 150


def shared(
    ends: Collection[Operand], steps: Mapping[int, Assignment], taken: Collection[str]
) -> dict[int, str]:
    """Names for the parts that are used more than once, if without them it is long.

    Args:
        ends: what is written.
        steps: the nodes.
        taken: names that have a meaning already.
    """
    order = below(ends, steps)
    sizes: dict[int, int] = {}
    uses = dict.fromkeys(order, 0)
    for id in order:
        parts = list(sources(steps[id]))
        sizes[id] = min(1 + sum(sizes[part] for part in parts), 10**9)
        for part in parts:
            uses[part] += 1
    whole = sum(sizes[end] for end in ends if isinstance(end, int))
    if whole <= max(LONG, len(order) + len(order) // 2):
        return {}
    return dict(
        zip(
            (
                id
                for id in order
                if uses[id] > 1
                and sizes[id] > (3 if steps[id].operation in CONDITIONS else 1)
            ),
            _fresh(taken),
            strict=False,
        )
    )


def _fresh(taken: Collection[str]) -> Iterator[str]:
    """Names s1, s2 and so on, but for those that are taken."""
    k = 0
    while True:
        k += 1
        if (name := f"s{k}") not in taken:
            yield name
