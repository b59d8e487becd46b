"""The derivatives as formulas of the language: ``d/dx = 1/x + y``, a line each.

In a long one, the parts that are used more than once are statements before it.
"""

from collections.abc import Collection, Iterator, Mapping

from ..errors import visible
from ..program import Assignment, Operand, Program
from ..style import Style
from .notation import Notation, shared


def render(program: Program, style: Style) -> str:
    """A line for each derivative."""
    lines = (
        f"{style.paint('operation', visible(name))} ="
        f" {text(operand, program.steps, program.variables)}\n"
        for name, operand in _derivatives(program)
    )
    return "".join(lines)


def text(
    operand: Operand, steps: Mapping[int, Assignment], variables: Collection[str]
) -> str:
    """The formula of an operand: statements, the last of them its own.

    Args:
        operand: it.
        steps: the nodes, by their ids.
        variables: the names that have a meaning already.
    """
    named = shared([operand], steps, variables)
    notation = Notation(steps, named)
    parts = [f"{name} = {notation.define(id)}" for id, name in named.items()]
    return "; ".join([*parts, notation.write(operand)])


def _derivatives(program: Program) -> Iterator[tuple[str, Operand]]:
    """What there is, and what it is called."""
    several = len(program.values) > 1
    for k, row in enumerate(program.jacobian, 1):
        f = f"f{k}" if several else ""
        for name, operand in row.items():
            yield f"d{f}/d{name}", operand
    for k, hessian in enumerate(program.hessians, 1):
        f = f"f{k}" if several else ""
        for (a, b), operand in hessian.items():
            below = f"d{a}^2" if a == b else f"d{a} d{b}"
            yield f"d^2{f}/{below}", operand
