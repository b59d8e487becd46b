"""The rules of operations in symbols, for whoever wants to read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .derivation import operand, steps
from .graph import Node
from .numbers.symbols import Symbols
from .operations import OPERATIONS, Operation
from .program import Program, Rule

if TYPE_CHECKING:
    from .graph import Input
    from .trace import Kind

IDENTITY = OPERATIONS["identity"]


def rule(operation: Operation, inputs: Sequence[str | None]) -> Rule:
    """An operation applied to variables.

    Args:
        operation: it.
        inputs: for each operand the text of a literal that stands in its place, or
            None.
    """
    m = Symbols(first=1)
    x: list[Input] = []
    names = list(_names(operation, len(inputs)))
    for k, (name, literal) in enumerate(zip(names, inputs, strict=True)):
        variable = Node(IDENTITY, (name,), id=-1 - k, name=name)
        x.append(variable if literal is None else literal)
    variables = [a for a in x if isinstance(a, Node)]
    output = Node(operation, x, id=0)
    y = m.keep(output, x)
    operands = [m.keep(a, a.inputs) if isinstance(a, Node) else m.number(a) for a in x]
    row, places = {}, list[Any]([None] * len(x))
    # Of parameters there are no partials.
    for k, partial in enumerate(operation.partials(m, y, *operands)):
        given = None if partial is None else m.given(partial)
        if given is not None and isinstance(x[k], Node):
            row[names[k]], places[k] = given, operand(given)
    found = Rule(
        expression=operation.written,
        variables=tuple(str(node.name) for node in variables),
        steps=steps([output, *variables, *row.values()]),
        values=(0,),
        jacobian=[{name: operand(given) for name, given in row.items()}],
        hessians=[],
    )
    found.partials = tuple(places)
    edge: Any = False
    for is_at in operation.edges:
        edge = m.where(is_at(m, y, *operands), True, edge)
    found.edge = _program(m.given(edge), variables)
    if operation.vertical is not None:
        steep = operation.vertical(m, y, *operands)
        found.vertical = _program(m.given(steep), variables)
    if operation.branch is not None:
        taken = operation.branch(m, operands[0])
        found.branch = _program(m.given(taken), variables[:1])
    return found


def _program(end: Any, variables: Sequence[Node]) -> Program | None:
    """What calculates a node, if it is one."""
    if not isinstance(end, Node):
        return None
    return Program(
        expression="",
        variables=tuple(str(node.name) for node in variables),
        steps=steps([end, *variables]),
        values=(end.id,),
        jacobian=[{}],
        hessians=[],
    )


class Rules(dict["Kind", Rule]):
    """The rules that nodes follow, by their kinds, each made when it is asked for."""

    def __missing__(self, kind: Kind) -> Rule:
        operation, literals = kind
        self[kind] = rule(OPERATIONS[operation], literals)
        return self[kind]


def _names(operation: Operation, count: int) -> Iterator[str]:
    """The names of so many operands."""
    yield from operation.operands
    for k in range(len(operation.operands) + 1, count + 1):
        yield f"x{k}"
