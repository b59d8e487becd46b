"""The derivatives of a graph as graphs: its reverse sweeps, run over symbols."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .executor import Executor
from .graph import Building, Node, Order, Origin
from .hessian import upper
from .numbers.symbols import Symbols
from .operations import OPERATIONS
from .parser import Graph
from .program import Assignment, Operand, Program

if TYPE_CHECKING:
    from .graph import Input

IDENTITY = OPERATIONS["identity"]


class _Sweep(Executor):
    """Runs a graph in the number system of symbols.

    Its nodes are not calculated but kept, and those that the derivatives add have the
    places of the nodes that they are derivatives of.
    """

    def _calculate_all(self, nodes: Iterable[Node]) -> None:
        keep, primals = self.numbers.keep, self.primals
        for node in nodes:
            inputs = node.inputs
            if node.name is None:
                inputs = tuple([primals[given].given for given in inputs])
            primals[node] = keep(node, inputs)

    def _reversed(self, output: Node) -> Iterable[Node]:
        for node in super()._reversed(output):
            self.numbers.span = node.span and Origin(node.span)
            yield node


class Derivation:
    """The gradients of a graph, as graphs.

    Args:
        graph: it.
        text: the expression that it was parsed from.
        wrt: the names of the variables whose derivatives are asked for; by default all.

    Raises:
        DomainError: a derivative exists nowhere, as that in the n of polygamma(n, x).
    """

    def __init__(
        self, graph: Graph, text: str, wrt: Collection[str] | None = None
    ) -> None:
        self.text = text
        self.wrt = wrt
        self.variables = graph.variables
        self._symbols = Symbols(first=graph.size - 1)
        with Building():
            kept = self._sweep(graph.outputs, graph.order).primals
            #: The outputs, of which equal parts are one,
            self.values = [self._node(kept[node].given) for node in graph.outputs]
            #: and of each its derivatives: nodes, or literals.
            self.jacobian: list[dict[str, Input]] = _given(
                self._sweep(self.values).jacobian()
            )

    def hessians(self) -> list[dict[tuple[str, str], Input]]:
        """Of each output the derivative in each pair of variables, one way round."""
        hessians = []
        for row in self.jacobian:
            outputs = [self._node(given) for given in row.values()]
            rows = _given(self._sweep(outputs).jacobian()) if outputs else []
            hessians.append(upper(list(row), rows))
        return hessians

    def executor(self) -> Executor:
        """What runs the derivatives in doubles: all of the first output, and so on."""
        return Executor(
            *(self._node(given) for row in self.jacobian for given in row.values()),
            variables=self.variables,
            text=self.text,
            wrt=self.wrt,
        )

    def program(self, hessian: bool = False) -> Program:
        """The formula and its derivatives, as a Wengert list.

        Args:
            hessian: whether second derivatives are among them.
        """
        hessians = self.hessians() if hessian else []
        ends: list[Input] = [*self.values, *self.variables]
        for rows in (self.jacobian, hessians):
            ends += [given for row in rows for given in row.values()]
        return Program(
            expression=self.text,
            variables=tuple(str(node.name) for node in self.variables),
            steps=steps(ends),
            values=tuple(node.id for node in self.values),
            jacobian=[{x: operand(y) for x, y in row.items()} for row in self.jacobian],
            hessians=[{x: operand(y) for x, y in row.items()} for row in hessians],
        )

    def _node(self, given: Input) -> Node:
        """The node of a derivative, which may be a literal."""
        return (
            given if isinstance(given, Node) else self._symbols.node(IDENTITY, (given,))
        )

    def _sweep(self, outputs: Sequence[Node], order: Order | None = None) -> _Sweep:
        sweep = _Sweep(
            *outputs,
            numbers=self._symbols,
            variables=self.variables,
            text=self.text,
            wrt=self.wrt,
            order=order,
        )
        sweep.forward()
        return sweep


def _given(jacobian: list[dict[str, Any]]) -> list[dict[str, Input]]:
    return [{name: symbol.given for name, symbol in row.items()} for row in jacobian]


def steps(ends: Iterable[Input]) -> dict[int, Assignment]:
    """The nodes that lead to these ends by their ids, each behind its inputs."""
    found: dict[int, Assignment] = {}
    stack = list(ends)[::-1]
    while stack:
        node = stack[-1]
        if not isinstance(node, Node) or node.id in found:
            stack.pop()
            continue
        waiting = [i for i in node.inputs if isinstance(i, Node) and i.id not in found]
        if waiting:
            stack += waiting[::-1]
        else:
            inputs = tuple(map(operand, node.inputs))
            found[node.id] = Assignment(
                *(node.id, node.operation.name, node.name, inputs),
                span=node.span,
                derived=isinstance(node.span, Origin),
            )
    return found


def operand(given: Input) -> Operand:
    """What stands for an input of a node in a program."""
    return given.id if isinstance(given, Node) else str(given)
