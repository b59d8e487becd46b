"""The operation graph: nodes, and formulas written with them in Python."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from .operations import OPERATIONS, Identity, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    #: What a node takes: another node, a number, or the text of a literal ("0.1").
    Input: TypeAlias = "Node | int | float | str"


class Literal(str):
    """The text of a number, with its place in the expression or its name there.

    Args:
        text: the number.
        span: where it stands.
        name: what a statement calls it, if it does.
    """

    __slots__ = ("name", "span")

    name: str
    span: tuple[int, int]

    def __new__(  # noqa: D102
        cls, text: str, span: tuple[int, int], name: str = ""
    ) -> Literal:
        literal = super().__new__(cls, text)
        literal.span, literal.name = span, name
        return literal


class Building:
    """While many nodes are built, a context in which Python collects no garbage.

    To look for cycles, of which a graph has none, would take a third of the time.
    """

    def __enter__(self) -> None:
        self._collects = gc.isenabled()
        gc.disable()

    def __exit__(self, *error: object) -> None:
        if self._collects:
            gc.enable()


class Origin(tuple[int, int]):
    """The place of a node that another one is a part of the derivative of."""

    __slots__ = ()


class Node:
    """An operation applied to inputs; the inputs never change once it is built.

    A call of the operation makes it, and checks what it is given.

    Args:
        operation: what it does.
        inputs: nodes and literals, as many as the operation has operands. A literal
            given as text is read by the number system, so that "0.1" is one tenth.
        id: its number in the trace; by default the next one of this process, from -1.
        name: the variable's name, if it is one.
        span: its place [start, end) in the text it was parsed from, in characters.
    """

    __slots__ = ("active", "grad", "id", "inputs", "name", "operation", "span", "value")

    _ids = count(-1)

    def __init__(
        self,
        operation: Operation,
        inputs: Iterable[Input],
        *,
        id: int | None = None,
        name: str | None = None,
        span: tuple[int, int] | None = None,
    ) -> None:
        self.operation = operation
        self.inputs = tuple(inputs)
        self.id = next(Node._ids) if id is None else id
        self.name = name
        self.span = span
        self.value: Any = None  #: the primal, once an executor has calculated it
        self.grad: Any = 0.0  #: the adjoint, once an executor has derived it
        #: Whether it may depend smoothly on a variable. An identity of a number is one.
        self.active = isinstance(operation, Identity)
        if operation.smooth and not self.active:
            for given in self.inputs:
                if isinstance(given, Node) and given.active:
                    self.active = True

    def __repr__(self) -> str:
        from .trace import line

        operands = [i.value if isinstance(i, Node) else i for i in self.inputs]
        if self.value is None:  # not calculated yet, nor what it takes
            operands = list(map(str, operands))
        return line(self.id, operands, self.operation.name, self.value, [self.grad])

    def __add__(self, other: Input) -> Node:
        return ADD(self, other)

    def __radd__(self, other: Input) -> Node:
        return ADD(other, self)

    def __sub__(self, other: Input) -> Node:
        return SUB(self, other)

    def __rsub__(self, other: Input) -> Node:
        return SUB(other, self)

    def __mul__(self, other: Input) -> Node:
        return MUL(self, other)

    def __rmul__(self, other: Input) -> Node:
        return MUL(other, self)

    def __truediv__(self, other: Input) -> Node:
        return DIV(self, other)

    def __rtruediv__(self, other: Input) -> Node:
        return DIV(other, self)

    def __pow__(self, other: Input) -> Node:
        return power(self, other)

    def __rpow__(self, other: Input) -> Node:
        return power(other, self)

    def __neg__(self) -> Node:
        return NEG(self)

    def __pos__(self) -> Node:
        return self

    def __abs__(self) -> Node:
        return ABS(self)


class Order:
    """The order in which the nodes of a graph are calculated, each after its inputs.

    Args:
        wengert: all nodes; where there are choices, those that are calculated at every
            point, and apart from them
        branches: what comes before the value of a branch,
        statements: and before that of a statement.
    """

    def __init__(
        self,
        wengert: Sequence[Node],
        branches: Mapping[Node, Sequence[Node]] | None = None,
        statements: Mapping[Node, Sequence[Node]] | None = None,
    ) -> None:
        self.wengert = wengert
        self.branches = branches or {}
        self.statements = statements or {}
        self.chooses = branches is not None


def apply(operation: Operation, inputs: Iterable[Input], **place: Any) -> Node:
    """The node that applies an operation to inputs.

    Args:
        operation, inputs: as those of a node.
        place: its keyword arguments.

    Raises:
        TypeError: the number of inputs is wrong, or one is no node and no number, or
            depends on a variable where the operation takes a constant.
    """
    inputs = tuple(inputs)
    for given in inputs:
        if not isinstance(given, Node | int | float | str):
            kind = type(given).__name__
            raise TypeError(f"{operation.name} takes nodes and numbers, not {kind}")
    if not operation.takes(len(inputs)):
        more = " or more" * operation.variadic
        raise TypeError(
            f"{operation.signature} takes {len(operation.operands)}{more} inputs,"
            f" not {len(inputs)}"
        )
    for given in inputs[len(inputs) - operation.parameters :]:
        if isinstance(given, Node) and given.active:
            raise TypeError(f"the last input of {operation.name} must be constant")
    return Node(operation, inputs, **place)


def power(base: Input, exponent: Input) -> Node:
    """The node of base^exponent.

    Args:
        base, exponent: nodes and literals.

    Raises:
        TypeError: one of them is no node and no number.
    """
    operation = raising(exponent)
    return operation(base) if operation is SQUARE else operation(base, exponent)


def raising(exponent: Input) -> Operation:
    """The operation of a power.

    It is a square, or a power whose exponent is constant and not differentiated, or a
    power in two variables.
    """
    if exponent == "2" or (type(exponent) is int and exponent == 2):
        return SQUARE
    return POW if isinstance(exponent, Node) and exponent.active else POWER


ADD, SUB, MUL, DIV, NEG, ABS = (
    OPERATIONS[name] for name in ("add", "sub", "mul", "div", "neg", "abs")
)
SQUARE, POWER, POW = (OPERATIONS[name] for name in ("square", "power", "pow"))
