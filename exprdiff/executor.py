"""Evaluating and differentiating a graph: one forward sweep, and reverse sweeps."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from . import messages
from .errors import MissingValues, UsageError, shorten
from .graph import Input, Node
from .numbers import floats
from .operations import Identity, Operation
from .trace import Point, Step, Trace

Operation.floats = floats

#: The most derivatives that a trace of several values holds: one for each of its nodes
#: and each value.
LARGEST_TRACE = 10_000_000


class Executor:
    """Runs a graph in a number system.

    Args:
        outputs: the nodes whose values and derivatives are wanted.
        numbers: the number system.
        variables: nodes that are calculated even if nothing uses them.
        values: the number of each variable that has a name. Others may take their
            place between two runs.
        text: the expression that the graph was parsed from, for messages and traces.
        wrt: the names of the variables whose derivatives are asked for; by default all.
    """

    def __init__(
        self,
        *outputs: Node,
        numbers: Any = floats,
        variables: Collection[Node] = (),
        values: Mapping[str, Any] | None = None,
        text: str | None = None,
        wrt: Collection[str] | None = None,
    ) -> None:
        if not outputs or not all(isinstance(node, Node) for node in outputs):
            raise TypeError("an executor runs one node or several")
        self.outputs = outputs
        self.numbers = numbers
        self.variables = variables
        self.values = values or {}
        self.text = text
        self.wrt = wrt
        self._reset()

    def _reset(self) -> None:
        self.topo_list: list[Node] = []  #: the Wengert list, after ``forward``
        self._straight = False  #: whether that is the same at every point
        self._places: dict[Node, int] = {}
        self._named: list[Node] = []  #: the variables that have a name, by their ids
        #: The nodes that depend smoothly on a variable whose derivative is asked for.
        self.active: set[Node] = set()
        self._begin()

    def _begin(self) -> None:
        self.operands: dict[Node, tuple[Any, ...]] = {}
        self.primals: dict[Node, Any] = {}
        self.partials: dict[Node, tuple[Any, ...]] = {}
        #: The nodes of which some derivative may not exist, and is not needed.
        self.lacking: set[Node] = set()

    def forward(self) -> tuple[Any, ...]:
        """Calculate the primal of every node that counts, and return the outputs'.

        The Wengert list is the order of a depth-first walk, inputs from left to right;
        the walk keeps its own stack, so the graph may be of any depth. Of an operation
        that makes a choice, only what is chosen is calculated.

        Raises:
            DomainError: some node is undefined at its operands.
            RangeError: some node, or a literal, is beyond the largest number.
        """
        if self._straight:
            self._begin()
            for node in self.topo_list:
                self._calculate(node)
            return tuple([self.primals[node] for node in self.outputs])
        self._reset()
        primals = self.primals
        stack = list(reversed(self.outputs))
        while stack:
            node = stack[-1]
            if node in primals:
                stack.pop()
                continue
            waiting = [
                given
                for given in self._needed(node)
                if isinstance(given, Node) and given not in primals
            ]
            if waiting:
                stack.extend(reversed(waiting))
            else:
                self._visit(stack.pop())
        unseen = [node for node in self.variables if node not in primals]
        for node in unseen:
            self._visit(node)
        if unseen:
            seen = self.topo_list[: -len(unseen)]
            self.topo_list = unseen + seen
        named = [node for node in self.topo_list if node.name is not None]
        self._named = sorted(named, key=lambda node: node.id)
        self._straight = all(node.operation.branch is None for node in self.topo_list)
        return tuple(primals[node] for node in self.outputs)

    def _needed(self, node: Node) -> tuple[Input, ...]:
        """The inputs that have to be calculated before node, as far as that is known.

        Of a choice that is the condition, and then what it chooses.
        """
        first = node.inputs[0]
        if node.operation.branch is None:
            return node.inputs
        if isinstance(first, Node) and first not in self.primals:
            return (first,)
        return (node.inputs[self._chosen(node)],)

    def _chosen(self, node: Node) -> int:
        """The index of the input that a choice chooses."""
        condition = self._number(node.inputs[0], node)
        assert node.operation.branch
        chosen: int = node.operation.branch(self.numbers, condition)
        return chosen

    def _number(self, given: Input, node: Node) -> Any:
        """The number that an input of node stands for."""
        return (
            self.primals[given] if isinstance(given, Node) else self._read(given, node)
        )

    def _visit(self, node: Node) -> None:
        """Calculate a node, and put it on the Wengert list."""
        self._calculate(node)
        self.topo_list.append(node)
        operation, flows = node.operation, node.inputs
        if isinstance(operation, Identity):
            active = self.wrt is None or node.name in self.wrt
        else:
            if operation.branch is not None:
                flows = (flows[self._chosen(node)],)
            active = operation.smooth and not self.active.isdisjoint(flows)
        if active:
            self.active.add(node)

    def _calculate(self, node: Node) -> None:
        """Set the primal of a node whose inputs are calculated, as far as needed."""
        m, operation, inputs = self.numbers, node.operation, node.inputs
        if node.name is not None:
            if node.name not in self.values:
                raise MissingValues([node.name])
            operands: tuple[Any, ...] = (self.values[node.name],)
        elif operation.branch is None:
            operands = tuple([self._number(given, node) for given in inputs])
        else:
            chosen = self._chosen(node)
            operands = tuple(
                self._number(given, node) if k in (0, chosen) else None
                for k, given in enumerate(inputs)
            )
        try:
            value = operation.value(m, *operands)
            if operation.branch is None:
                value = m.settle(value, operands)
        except OverflowError:
            what = messages.call(node, operands)
            raise messages.overflow(self, what, node, operands) from None
        except (ValueError, ZeroDivisionError):
            raise messages.undefined(self, node, operands) from None
        self.operands[node] = operands
        self.primals[node] = value

    def reverse(self, output: Node) -> dict[Node, Any]:
        """The adjoint of every node that output depends on, after ``forward``.

        Raises:
            DomainError: the derivative with respect to some variable does not exist.
            RangeError: some adjoint is beyond the largest number.
        """
        isfinite = self.numbers.isfinite
        adjoints = {output: self.numbers.one}
        for node in self._reversed(output):
            if node not in adjoints or node.name is not None:
                continue
            adjoint = adjoints[node]
            for k, (source, partial) in enumerate(
                zip(node.inputs, self._partials(node), strict=True)
            ):
                if partial is None or not isinstance(source, Node):
                    continue
                total = adjoint * partial
                if source in adjoints:
                    total = adjoints[source] + total
                if not isfinite(total):
                    total = self._not_finite(node, k, adjoints, total)
                adjoints[source] = total
        return adjoints

    def _reversed(self, output: Node) -> Iterable[Node]:
        """The nodes that output may depend on, in reverse of the Wengert list."""
        if len(self.outputs) == 1:
            return reversed(self.topo_list)
        if not self._places:
            self._places = {node: place for place, node in enumerate(self.topo_list)}
        below, stack = {output}, [output]
        while stack:
            for source in stack.pop().inputs:
                if source in self.primals and source not in below:
                    below.add(source)
                    stack.append(source)
        return sorted(below, key=self._places.__getitem__, reverse=True)

    def _partials(self, node: Node) -> tuple[Any, ...]:
        """The partial derivatives of node, NaN where there is none."""
        if node in self.partials:
            return self.partials[node]
        m, operands = self.numbers, self.operands[node]
        try:
            partials = node.operation.partials(m, self.primals[node], *operands)
        except OverflowError:
            partials = (m.inf,) * len(operands)
        except (ValueError, ZeroDivisionError):
            partials = ()
        # Parameters have no partial derivative.
        partials += (m.nan,) * (len(operands) - len(partials))
        self.partials[node] = partials
        return partials

    def _not_finite(
        self, node: Node, k: int, adjoints: Mapping[Node, Any], total: Any
    ) -> Any:
        """The adjoint of input k of node, which node has brought to no finite total.

        It is NaN where it does not matter, as for a constant, and infinite from a
        vertical tangent on. Raises as ``reverse`` in all other cases.
        """
        m, source = self.numbers, node.inputs[k]
        assert isinstance(source, Node)
        adjoint, operands = adjoints[node], self.operands[node]
        partial = self.partials[node][k]
        if source not in self.active:
            self.lacking.add(node)
            return m.nan
        terms = operands
        if m.isfinite(partial):
            terms = (adjoint, adjoints.get(source, m.one))
        elif self.is_at(node, "vertical"):
            terms = (partial,)
        overflows = partial == partial and all(map(m.isfinite, terms))
        if overflows and adjoint == 0:  # 0 times a number that is only large
            return adjoints.get(source, 0 * m.one)
        if overflows:
            what = messages.derivative(self, node, k)
            if m.isfinite(partial):
                what = f"the gradient that {messages.call(node, operands)} passes on"
            raise messages.overflow(self, what, node, operands)
        if total != total:
            raise messages.no_gradient(self, node, k)
        return total

    def is_at(self, node: Node, edge: str) -> bool:
        """Whether node is where its rule has a kink, a jump or a vertical tangent."""
        rule = getattr(node.operation, edge)
        operands = self.operands[node]
        return bool(rule and rule(self.numbers, self.primals[node], *operands))

    def node_calculate(self) -> Any:
        """Set ``value`` of every node, and return the first output's.

        Raises as ``forward``.
        """
        self.forward()
        for node, primal in self.primals.items():
            node.value = primal
        return self.primals[self.outputs[0]]

    def derivation(self) -> None:
        """Set ``grad`` of every node: the derivative of the first output.

        Raises as ``forward`` and ``reverse``.
        """
        self.node_calculate()
        adjoints = self.reverse(self.outputs[0])
        for node in self.topo_list:
            node.grad = self._adjoint(node, adjoints)

    def jacobian(self) -> list[dict[str, Any]]:
        """For each output its derivative in each variable, after ``forward``.

        Raises as ``reverse``.
        """
        if not self.active:
            return [{} for _ in self.outputs]
        return [self._gradient(self.reverse(output)) for output in self.outputs]

    def point(self) -> Point:
        """Run all sweeps and tell what they give. Raises as they do.

        Where no derivative is asked for, there is none, nor a note about it.
        """
        values = self.forward()
        return Point(
            inputs=self._inputs(),
            values=values,
            jacobian=self.jacobian(),
            notes=list(messages.notes(self)) if self.active else [],
        )

    def trace(self) -> Trace:
        """Run all sweeps and tell what happened. Raises as they do."""
        values = self.forward()
        if len(values) > 1 and len(values) * len(self.topo_list) > LARGEST_TRACE:
            raise UsageError(
                f"the trace of {len(values):,} values would have more than"
                f" {LARGEST_TRACE:,} derivatives; ask for fewer values"
            )
        sweeps = [self.reverse(output) for output in self.outputs]
        return Trace(
            expression=self.text or "",
            values=values,
            inputs=self._inputs(),
            jacobian=[self._gradient(adjoints) for adjoints in sweeps],
            outputs=tuple(node.id for node in self.outputs),
            steps=[self._step(node, sweeps) for node in reversed(self.topo_list)],
            notes=list(messages.notes(self)),
        )

    def _adjoint(self, node: Node, adjoints: Mapping[Node, Any]) -> Any:
        """The adjoint of node; a condition has none."""
        m = self.numbers
        adjoint = adjoints.get(node)
        if adjoint is None:
            return m.nan if isinstance(self.primals[node], bool) else 0 * m.one
        return adjoint + 0  # which makes -0 the 0 that it is

    def _inputs(self) -> dict[str, Any]:
        return {str(node.name): self.primals[node] for node in self._named}

    def _gradient(self, adjoints: Mapping[Node, Any]) -> dict[str, Any]:
        return {
            str(node.name): self._adjoint(node, adjoints)
            for node in self._named
            if node in self.active
        }

    def _step(self, node: Node, sweeps: list[dict[Node, Any]]) -> Step:
        operands = self.operands[node]
        # A variable's input is the literal that is its value.
        inputs = node.inputs if node.name is None else operands
        return Step(
            id=node.id,
            operation=node.operation.name,
            name=node.name,
            inputs=tuple(i.id if isinstance(i, Node) else str(i) for i in inputs),
            operands=operands,
            partials=self.partials.get(node, (None,) * len(inputs)),
            value=self.primals[node],
            adjoints=tuple([self._adjoint(node, adjoints) for adjoints in sweeps]),
            span=node.span,
        )

    def _read(self, literal: int | float | str, node: Node) -> Any:
        try:
            return self.numbers.number(literal)
        except ValueError:
            raise UsageError(f"{shorten(str(literal))} is no number") from None
        except OverflowError:
            raise messages.large_literal(self, literal, node) from None
