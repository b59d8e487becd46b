"""Evaluating and differentiating a graph: one forward sweep and one reverse sweep."""

import re
from collections.abc import Mapping
from typing import Any

from .errors import DomainError, RangeError, UsageError, shorten
from .graph import Node
from .numbers import floats
from .operations import Operation
from .trace import Step, Trace

Operation.floats = floats


def topological_order(root: Node) -> list[Node]:
    """The nodes that root depends on, itself last, each once and after its inputs.

    It is the order of a depth-first walk, inputs from left to right; the walk keeps
    its own stack, so the graph may be of any depth.
    """
    order: list[Node] = []
    opened: set[Node] = set()
    closed: set[Node] = set()
    stack = [root]
    while stack:
        node = stack[-1]
        if node not in opened:
            opened.add(node)
            for source in reversed(node.inputs):
                if isinstance(source, Node) and source not in opened:
                    stack.append(source)
        else:
            stack.pop()
            if node not in closed:
                closed.add(node)
                order.append(node)
    return order


class Executor:
    """Runs a graph in a number system.

    Args:
        root: the node whose value and gradient are wanted.
        numbers: the number system.
        values: the number of each variable that has a name.
        text: the expression that the graph was parsed from, for messages and traces.
    """

    def __init__(
        self,
        root: Node,
        numbers: Any = floats,
        values: Mapping[str, Any] | None = None,
        text: str | None = None,
    ) -> None:
        self.root = root
        self.numbers = numbers
        self.values = values or {}
        self.text = text
        self.topo_list = topological_order(root)  #: the Wengert list
        self.operands: dict[Node, tuple[Any, ...]] = {}
        self.primals: dict[Node, Any] = {}
        self.partials: dict[Node, tuple[Any, ...]] = {}
        self.adjoints: dict[Node, Any] = {}
        self.notes: list[str] = []

    def forward(self) -> Any:
        """Calculate the primal of every node, and return the root's.

        Raises:
            DomainError: some node is undefined at its operands.
            RangeError: some node, or a literal, is beyond the largest number.
        """
        m, primals = self.numbers, self.primals
        for node in self.topo_list:
            if node.name is not None:
                operands: tuple[Any, ...] = (self.values[node.name],)
            else:
                operands = tuple(
                    primals[i] if isinstance(i, Node) else self._read(i, node)
                    for i in node.inputs
                )
            try:
                value = m.settle(node.operation.value(m, *operands), operands)
            except OverflowError:
                raise self._overflow(self._call(node, operands), node) from None
            except (ValueError, ZeroDivisionError):
                domain = node.operation.domain
                needs = domain and f": {node.operation.signature} needs {domain}"
                message = f"{self._call(node, operands)} is undefined{needs}"
                raise DomainError(message, self.text, node.span) from None
            self.operands[node] = operands
            primals[node] = value
        return primals[self.root]

    def reverse(self) -> None:
        """Calculate the adjoint of every node, after ``forward``.

        Raises:
            DomainError: the derivative with respect to some variable does not exist.
            RangeError: some adjoint is beyond the largest number.
        """
        m = self.numbers
        self.adjoints = adjoints = {self.root: m.one}
        self.notes = []
        for node in reversed(self.topo_list):
            primal, operands = self.primals[node], self.operands[node]
            try:
                partials = node.operation.partials(m, primal, *operands)
            except OverflowError:
                if node.active:
                    raise self._overflow(self._derivative(node), node) from None
                partials = ()
            # Parameters have no partial derivative.
            partials += (m.nan,) * (len(operands) - len(partials))
            self.partials[node] = partials
            for k, (source, partial) in enumerate(
                zip(node.inputs, partials, strict=True)
            ):
                if isinstance(source, Node):
                    total = adjoints[node] * partial
                    if source in adjoints:
                        total = adjoints[source] + total
                    if not m.isfinite(total):
                        total = self._not_finite(node, k, source, total)
                    adjoints[source] = total

    def _not_finite(self, node: Node, k: int, source: Node, total: Any) -> Any:
        """The adjoint of source, which input k of node has brought to no finite total.

        It is NaN for a constant, where it is of no consequence, and infinite, with a
        note, from a vertical tangent on. Raises as ``reverse`` in all other cases.
        """
        m, operation = self.numbers, node.operation
        operands, partial = self.operands[node], self.partials[node][k]
        what = self._derivative(node, k)
        if not source.active:
            return m.nan
        if total != total:
            reason = (
                f"{what} does not exist"
                if partial != partial
                else f"at {self._call(node, operands)} the chain rule multiplies"
                " an infinite derivative by 0, or adds it to its opposite"
            )
            message = f"the gradient is undefined: {reason}"
            raise DomainError(message, self.text, node.span)
        if m.isfinite(partial):
            what = f"the gradient that {self._call(node, operands)} passes on"
            terms = (self.adjoints[node], self.adjoints.get(source, m.one))
        else:
            terms = operands
            if operation.vertical and operation.vertical(m, *operands):
                where = self._place(node)
                self.notes.append(f"{where}{what} is infinite, and counts as {partial}")
                return total
        if all(map(m.isfinite, terms)):
            raise self._overflow(what, node)
        return total

    def node_calculate(self) -> Any:
        """Set ``value`` of every node, and return the root's. Raises as ``forward``."""
        value = self.forward()
        for node, primal in self.primals.items():
            node.value = primal
        return value

    def derivation(self) -> None:
        """Set ``grad`` of every node. Raises as ``forward`` and ``reverse``."""
        self.node_calculate()
        self.reverse()
        for node, adjoint in self.adjoints.items():
            node.grad = adjoint

    def trace(self) -> Trace:
        """Run both sweeps and tell what happened. Raises as they do."""
        value = self.forward()
        self.reverse()
        return Trace(
            expression=self.text or "",
            value=value,
            inputs=self._by_name(self.primals),
            gradient=self.gradient(),
            steps=[self._step(node) for node in reversed(self.topo_list)],
            notes=self.notes,
        )

    def gradient(self) -> dict[str, Any]:
        """The adjoint of each variable that has a name, after ``reverse``."""
        return self._by_name(self.adjoints)

    def _by_name(self, numbers: Mapping[Node, Any]) -> dict[str, Any]:
        variables = [node for node in self.topo_list if node.name is not None]
        variables.sort(key=lambda node: node.id)
        return {str(node.name): numbers[node] for node in variables}

    def _step(self, node: Node) -> Step:
        operands = self.operands[node]
        # A variable's input is the literal that is its value.
        inputs = node.inputs if node.name is None else operands
        return Step(
            id=node.id,
            operation=node.operation.name,
            name=node.name,
            inputs=tuple(i.id if isinstance(i, Node) else str(i) for i in inputs),
            operands=operands,
            partials=self.partials[node],
            value=self.primals[node],
            gradient=self.adjoints[node],
            span=node.span,
        )

    def _read(self, literal: int | float | str, node: Node) -> Any:
        try:
            return self.numbers.number(literal)
        except ValueError:
            raise UsageError(f"{shorten(str(literal))} is no number") from None
        except OverflowError:
            if not isinstance(literal, str):
                raise self._overflow("a number", node) from None
            error = self._overflow(f"the number {shorten(literal)}", node)
            if node.span and self.text is not None:
                # The first of this text it is: inputs to the left were read before.
                place = re.compile(rf"(?<![\w.]){re.escape(literal)}(?![\w.])")
                found = place.search(self.text, *node.span)
                error.span = found.span() if found else node.span
            raise error from None

    def _place(self, node: Node) -> str:
        if self.text is None or node.span is None:
            return ""
        return f"{shorten(self.text[slice(*node.span)])}: "

    def _call(self, node: Node, operands: tuple[Any, ...]) -> str:
        return f"{node.operation.name}({', '.join(map(str, operands))})"

    def _derivative(self, node: Node, k: int | None = None) -> str:
        operation = node.operation
        towards = "" if k is None else f" in {operation.operands[k]}"
        call = self._call(node, self.operands[node])
        return f"the derivative of {operation.signature}{towards} at {call}"

    def _overflow(self, what: str, node: Node) -> RangeError:
        message = f"{what} is beyond {self.numbers.limit}"
        return RangeError(message, self.text, node.span)
