"""Formulas made at random: as trees, as texts, and as functions of mpmath."""

from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st
from mpmath import mpf
from rules import RULES

from exprdiff import Node
from exprdiff.operations import FUNCTIONS

NAMES = ("x", "y", "Δz", "x_1")
COMPARED = ("lt", "le", "gt", "ge", "eq", "ne")


@dataclass(frozen=True)
class Tree:
    """An operation and its parts; of a "number" or "name" the part is a text."""

    operation: str
    parts: tuple[Any, ...]

    def names(self) -> set[str]:
        """The variables in it."""
        if self.operation == "number":
            return set()
        if self.operation == "name":
            return set(self.parts)
        return set().union(*(part.names() for part in self.parts))

    def moves(self) -> bool:
        """Whether it may depend smoothly on a variable."""
        if self.operation in ("number", "name"):
            return self.operation == "name"
        steps = {*COMPARED, "and", "or", "not"}
        steps |= {name for name in FUNCTIONS if not FUNCTIONS[name][0].smooth}
        return self.operation not in steps and any(part.moves() for part in self.parts)


# ---- Texts ---------------------------------------------------------------------------

#: The operators, from the loosest level to the tightest, as the grammar has them.
SIGNS = {
    **{"or": (0, ["or"]), "and": (1, ["and"]), "not": (2, ["not"])},
    **{"lt": (3, ["<"]), "le": (3, ["<=", "≤"]), "gt": (3, [">"])},
    **{"ge": (3, [">=", "≥"]), "eq": (3, ["=="]), "ne": (3, ["!=", "≠"])},
    **{"add": (4, ["+"]), "sub": (4, ["-", "−"])},
    **{"mul": (5, ["*", "×", "·"]), "div": (5, ["/", "÷"])},
    **{"neg": (6, ["-", "−"]), "pow": (7, ["^", "**"])},
}
ATOM = 8


def write(tree: Tree, random: Random) -> str:
    """A formula that stands for the tree, one of many."""
    text, _ = _write(tree, random)
    return text


def _write(tree: Tree, random: Random) -> tuple[str, int]:
    def part(index: int, level: int) -> str:
        text, own = _write(tree.parts[index], random)
        if own < level or random.random() < 0.1:
            text = f"({text})"
        return random.choice(["", "", " "]) + text

    name = tree.operation
    if name in ("number", "name"):
        return tree.parts[0], ATOM
    if name not in SIGNS:
        arguments = ",".join(part(k, 0) for k in range(len(tree.parts)))
        return f"{name}({arguments})", ATOM
    level, signs = SIGNS[name]
    sign = random.choice(signs)
    if name == "not":
        return f"not {part(0, level)}", level
    if name == "neg":
        return f"{sign}{part(0, level)}", level
    if name in ("or", "and"):
        return f"{part(0, level)} {sign} {part(1, level + 1)}", level
    if name == "pow":
        # The exponent may begin with a sign, and powers group from the right.
        return f"{part(0, ATOM)}{sign}{part(1, level - 1)}", level
    left = level + 1 if level == SIGNS["lt"][0] else level
    return f"{part(0, left)} {sign}{part(1, level + 1)}", level


# ---- Graphs --------------------------------------------------------------------------


def expected(tree: Tree) -> Any:
    """The graph that a tree must become: operations by name, with their inputs."""
    name, parts = tree.operation, tree.parts
    if name in ("number", "name"):
        return parts[0]
    if name == "pow":
        if parts[1] == Tree("number", ("2",)):
            return ("square", expected(parts[0]))
        name = "pow" if parts[1].moves() else "power"
    elif name in FUNCTIONS:
        (name,) = {op.name for op in FUNCTIONS[name] if op.takes(len(parts))}
    return (name, *map(expected, parts))


def shape(given: Any) -> Any:
    """A graph in the form of ``expected``."""
    if not isinstance(given, Node):
        return given
    if given.operation.name == "identity":
        return given.name or given.inputs[0]
    return (given.operation.name, *map(shape, given.inputs))


# ---- Values --------------------------------------------------------------------------


def evaluate(tree: Tree, values: dict[str, Any]) -> Any:
    """The tree's value in mpmath, at the working precision."""
    name, parts = tree.operation, tree.parts
    if name == "number":
        return mpf(parts[0])
    if name == "name":
        return values[parts[0]]
    if name == "pow":
        base, exponent = (evaluate(part, values) for part in parts)
        return base**exponent
    (name,) = {op.name for op in FUNCTIONS[name] if op.takes(len(parts))}
    return RULES[name].reference(*(evaluate(part, values) for part in parts))


# ---- Strategies ----------------------------------------------------------------------

NUMBERS = ["2", "3", "0.5", "10", "1.25", ".1", "7.", "2e-1"]
COMPARISONS = [*COMPARED]
CONDITIONS = {*COMPARISONS, "and", "or", "not"}

#: The functions that formulas call, and those of them that are smooth.
CALLED = sorted(FUNCTIONS.keys() - SIGNS.keys())
SMOOTH = [
    name
    for name in CALLED
    if not any(op.kink or op.jump or op.variadic for op in FUNCTIONS[name])
]


@st.composite
def trees(draw: Any, functions: list[str], choices: bool = False) -> Tree:
    """Formulas of these functions and the operators, and if with conditions."""

    def several(count: int, depth: int) -> tuple[Tree, ...]:
        return tuple(tree(depth - 1) for _ in range(count))

    def condition(depth: int) -> Tree:
        name = draw(st.sampled_from([*COMPARISONS, "and", "or", "not"]))
        if name in COMPARISONS or depth <= 0:
            name = name if name in COMPARISONS else "lt"
            return Tree(name, several(2, depth))
        count = 1 if name == "not" else 2
        return Tree(name, tuple(condition(depth - 1) for _ in range(count)))

    def tree(depth: int) -> Tree:
        ways = ["number", "name"]
        if depth > 0:
            ways = ["name", "infix", "infix", "neg", "call", "call", "call"]
            ways += ["if"] * choices
        way = draw(st.sampled_from(ways))
        if way == "number":
            return Tree("number", (draw(st.sampled_from(NUMBERS)),))
        if way == "name":
            return Tree("name", (draw(st.sampled_from(NAMES)),))
        if way == "infix":
            name = draw(st.sampled_from(["add", "sub", "mul", "div", "pow"]))
            return Tree(name, several(2, depth))
        if way == "neg":
            return Tree("neg", several(1, depth))
        if way == "if":
            return Tree("if", (condition(depth - 1), *several(2, depth)))
        name = draw(st.sampled_from(functions))
        counts = {n for op in FUNCTIONS[name] for n in range(1, 5) if op.takes(n)}
        return Tree(name, several(draw(st.sampled_from(sorted(counts))), depth))

    return tree(draw(st.integers(0, 4)))
