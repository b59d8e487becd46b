"""Evaluating and differentiating a graph: one forward sweep, and reverse sweeps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from .errors import MissingValues, UsageError, shorten
from .graph import Node, Order
from .numbers import floats
from .operations import Identity
from .trace import Point, Step, Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .graph import Input

#: The most derivatives that a trace of several values holds: one for each of its nodes
#: and each value.
LARGEST_TRACE = 10_000_000


def _messages() -> Any:
    """What there is to say of nodes, which is needed for few graphs."""
    from . import messages

    return messages


class _Numbers(dict["Input", "Any"]):
    """The number of each node that is calculated, and of each literal once it is read.

    Of literals only texts are kept: as keys, 1 and 1.0 would be the same.
    """

    def __init__(self, system: Any) -> None:
        self.system = system

    def __missing__(self, literal: Input) -> Any:
        number = self.system.number(literal)
        if isinstance(literal, str):
            self[literal] = number
        return number


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
        order: the order of the nodes, if it is known.
        direction: by name the tangent of each variable that changes, for forward mode.
    """

    def __init__(
        self,
        *outputs: Node,
        numbers: Any = floats,
        variables: Collection[Node] = (),
        values: Mapping[str, Any] | None = None,
        text: str | None = None,
        wrt: Collection[str] | None = None,
        order: Order | None = None,
        direction: Mapping[str, Any] | None = None,
    ) -> None:
        if not outputs or not all(isinstance(node, Node) for node in outputs):
            raise TypeError("an executor runs one node or several")
        self.outputs = outputs
        self.numbers = numbers
        self.variables = variables
        self.values = values or {}
        self.text = text
        self.wrt = wrt
        self.direction = direction or {}
        self.primals = _Numbers(self.numbers)
        self.order = order
        #: Whether there is a Wengert list, and it is the same at every point.
        self._straight = order is not None and not order.chooses
        self._list(order.wengert if order and self._straight else ())
        self._begin()

    def _list(self, wengert: Sequence[Node]) -> None:
        """Take wengert for the Wengert list."""
        self.topo_list = wengert
        self._places: dict[Node, int] = {}
        named = [node for node in wengert if node.name is not None]
        #: The variables that have a name, in order of their ids,
        self._named = sorted(named, key=lambda node: node.id)
        #: and those of them whose derivatives are asked for.
        self._asked = [
            node for node in self._named if self.wrt is None or node.name in self.wrt
        ]

    def _begin(self) -> None:
        self._active: set[Node] | None = None
        #: Of each choice that is calculated the index of the input that it chooses.
        self._chosen: dict[Node, int] = {}
        #: The conditions that change here, which no reverse sweep comes to.
        self.changing: set[Node] = set()
        #: The nodes that a reverse sweep has found at a kink, a jump or the like.
        self.met: set[Node] = set()
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
        self._begin()
        if self._straight:
            self._calculate_all(self.topo_list)
        else:
            self.primals = _Numbers(self.numbers)
            self._calculate_all(self._walk())
        return tuple([self.primals[node] for node in self.outputs])

    def _walk(self) -> Iterator[Node]:
        """The nodes on the way to the outputs, each once its inputs are calculated.

        Choices are not among them, since there is nothing to calculate.
        """
        m, primals, number = self.numbers, self.primals, self.primals.__getitem__
        order, wengert = self.order if m.decides else None, []
        stack = list(reversed(order.wengert if order else self.outputs))
        branches = order.branches if order else {}
        statements = dict(order.statements) if order else {}
        while stack:
            node = stack[-1]
            if node in primals:
                stack.pop()
                continue
            if statements and node in statements:
                stack.extend(reversed(statements.pop(node)))
                continue
            operation = node.operation
            if operation.branch is not None and m.decides:
                missing = self._choose(node, operation.branch)
                if missing is None:
                    wengert.append(stack.pop())
                else:
                    stack.append(missing)
                    stack.extend(reversed(branches.get(missing, ())))
                continue
            if order is None:
                depth = len(stack)
                for given in node.inputs[::-1]:
                    if given not in primals and isinstance(given, Node):
                        stack.append(given)
                if len(stack) > depth:
                    continue
            wengert.append(stack.pop())
            yield node
            changes = operation.jump
            if (
                changes is not None
                and isinstance(primals[node], bool)
                and changes(m, primals[node], *map(number, node.inputs))
            ):
                self.changing.add(node)
        unused = [node for node in self.variables if node not in primals]
        yield from unused
        # Only now, since a run that fails on the way has not seen all of it.
        self._straight = not self._chosen
        self._list([*unused, *wengert])

    def _choose(self, node: Node, branch: Callable[..., int]) -> Node | None:
        """Give a choice the number of what it chooses, or tell what that waits for."""
        primals, chosen, given = self.primals, self._chosen, node.inputs[0]
        try:
            if node not in chosen:
                if given not in primals and isinstance(given, Node):
                    return given
                chosen[node] = branch(self.numbers, primals[given])
            given = node.inputs[chosen[node]]
            if given not in primals and isinstance(given, Node):
                return given
            primals[node] = primals[given]
        except (OverflowError, ValueError):
            self._number(given, node)  # which raises, if given is to blame
            raise
        return None

    def _calculate_all(self, nodes: Iterable[Node]) -> None:
        """Set the primals of nodes, in this order."""
        m, primals, settled = self.numbers, self.primals, self.numbers.settled
        number = primals.__getitem__
        for node in nodes:
            operation, inputs = node.operation, node.inputs
            if node.name is None:
                try:
                    # Python calls fastest what it knows the number of arguments of.
                    if len(inputs) == 2:
                        a, b = inputs
                        value = operation.value(m, primals[a], primals[b])
                    elif len(inputs) == 1:
                        value = operation.value(m, primals[inputs[0]])
                    else:
                        value = operation.value(m, *map(number, inputs))
                    if -settled <= value <= settled:
                        primals[node] = value
                        continue
                except (ArithmeticError, ValueError):
                    pass  # which is said below, with the reason
            primals[node] = self._calculated(node)

    def _calculated(self, node: Node) -> Any:
        """The primal of a node whose inputs are calculated, as far as needed.

        Raises as ``forward``.
        """
        m, operation, operands = self.numbers, node.operation, self.operands(node)
        try:
            return m.settle(operation.value(m, *operands), operands)
        except OverflowError:
            what = _messages().call(node, operands)
            raise _messages().overflow(self, what, node, operands) from None
        except (ValueError, ZeroDivisionError):
            raise _messages().undefined(self, node, operands) from None

    def operands(self, node: Node) -> tuple[Any, ...]:
        """The numbers of the inputs of node; None for what is not evaluated."""
        if node.name is not None:
            if node.name not in self.values:
                raise MissingValues([node.name])
            return (self.values[node.name],)
        if node not in self._chosen:
            try:
                return tuple(map(self.primals.__getitem__, node.inputs))
            except (OverflowError, ValueError):  # of a literal: which one?
                return tuple([self._number(given, node) for given in node.inputs])
        operands: list[Any] = [None] * len(node.inputs)
        for k in (0, self._chosen[node]):
            operands[k] = self.primals[node.inputs[k]]
        return tuple(operands)

    def _number(self, given: Input, node: Node) -> Any:
        """The number of an input of node; of a literal, raises if there is none."""
        try:
            return self.primals[given]
        except ValueError:
            raise UsageError(f"{shorten(str(given))} is no number") from None
        except OverflowError:
            raise _messages().large_literal(self, given, node) from None

    def reverse(self, output: Node, all: bool = True) -> dict[Node, Any]:
        """The adjoint of every node that output depends on, after ``forward``.

        Args:
            output: one of the outputs.
            all: whether the adjoints of other nodes than variables are kept; to forget
                them saves memory and so time.

        Raises:
            DomainError: the derivative with respect to some variable does not exist.
            RangeError: some adjoint is beyond the largest number.
        """
        m, primals, chosen = self.numbers, self.primals, self._chosen
        number, inf = primals.__getitem__, m.inf
        adjoints = {output: m.one}
        take = adjoints.get if all else adjoints.pop
        for node in self._reversed(output):
            if (adjoint := take(node, None)) is None:
                continue
            operation, inputs = node.operation, node.inputs
            if node.name is not None:
                adjoints[node] = adjoint
                continue
            if node not in chosen:
                value = primals[node]
                try:
                    if len(inputs) == 2:
                        a, b = inputs
                        partials = operation.partials(m, value, primals[a], primals[b])
                    elif len(inputs) == 1:
                        partials = operation.partials(m, value, primals[inputs[0]])
                    else:
                        partials = operation.partials(m, value, *map(number, inputs))
                except (ArithmeticError, ValueError):
                    partials = self.partials(node)
                if not operation.plain:
                    partials += (m.nan,) * (len(inputs) - len(partials))
                    for is_at in operation.edges if m.decides else ():
                        if is_at(m, value, *map(number, inputs)):
                            self.met.add(node)
            else:
                inputs, partials = (inputs[chosen[node]],), (1,)
            for k, source in enumerate(inputs):
                if isinstance(source, Node) and (partial := partials[k]) is not None:
                    total = adjoint * partial
                    if source in adjoints:
                        total += adjoints[source]
                    if not -inf < total < inf:
                        total = self._not_finite(node, k, adjoint, adjoints, total)
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
                if source in self._places and source not in below:
                    below.add(source)
                    stack.append(source)
        return sorted(below, key=self._places.__getitem__, reverse=True)

    def partials(self, node: Node) -> tuple[Any, ...]:
        """The partial derivatives of node, NaN where there is none."""
        m, operands = self.numbers, self.operands(node)
        try:
            partials = node.operation.partials(m, self.primals[node], *operands)
        except OverflowError:
            partials = (m.inf,) * len(operands)
        except (ValueError, ZeroDivisionError):
            partials = ()
        # Parameters have no partial derivative.
        return (*partials, *(m.nan,) * (len(operands) - len(partials)))

    def _not_finite(
        self,
        node: Node,
        k: int,
        adjoint: Any,
        adjoints: Mapping[Node, Any],
        total: Any,
    ) -> Any:
        """The adjoint of input k of node, which node has brought to no finite total.

        It is NaN where it does not matter, as for a constant, and infinite from a
        vertical tangent on. Raises as ``reverse`` in all other cases.
        """
        k = self._chosen.get(node, k)  # a choice passes all on to one input
        m, source = self.numbers, node.inputs[k]
        assert isinstance(source, Node)
        operands = self.operands(node)
        partial = self.partials(node)[k]
        if source not in self.active:
            self.lacking.add(node)
            return m.nan
        terms = operands
        if m.isfinite(partial):
            terms = (adjoint, adjoints.get(source, m.one))
        elif self.is_at(node, "vertical"):
            terms = (partial,)
            self.met.add(node)
        overflows = partial == partial and all(map(m.isfinite, terms))
        if overflows and adjoint == 0:  # 0 times a number that is only large
            return adjoints.get(source, 0 * m.one)
        if overflows:
            what = _messages().derivative(self, node, k)
            if m.isfinite(partial):
                what = f"the gradient that {_messages().call(node, operands)} passes on"
            raise _messages().overflow(self, what, node, operands)
        if total != total:
            raise _messages().no_gradient(self, node, k)
        return total

    def tangents(self) -> dict[Input, Any]:
        """The tangent of each node that changes along the direction, after ``forward``.

        Raises:
            DomainError: the derivative of an output does not exist.
            RangeError: a tangent on the way to an output is beyond the largest number.
        """
        tangents: dict[Input, Any] = {}
        for node in self.topo_list:
            if component := self.direction.get(node.name or "", 0):
                tangents[node] = component * self.numbers.one
            elif not tangents.keys().isdisjoint(node.inputs):
                for _, source, partial in self._flows(node, tangents):
                    term = partial * tangents[source]
                    tangents[node] = tangents[node] + term if node in tangents else term
        for output in self.outputs:
            if output in tangents and not self.numbers.isfinite(tangents[output]):
                self._check_tangent(output, tangents)
        if any(node.operation.edges for node in self.topo_list):
            for node in self._counting():
                if self.is_at(node, "kink") or self.is_at(node, "jump"):
                    self.met.add(node)
        return tangents

    def _flows(
        self, node: Node, tangents: Collection[Input] | None = None
    ) -> Iterator[tuple[int, Input, Any]]:
        """The inputs on which node depends, and its partials in them.

        Where tangents are given, they are only the inputs that have one.
        """
        partials: Sequence[Any] = (None,) * len(node.inputs)
        if node in self._chosen:
            partials = [k == self._chosen[node] or None for k in range(len(partials))]
        elif node.name is None:
            partials = self.partials(node)
        for k, (source, partial) in enumerate(zip(node.inputs, partials, strict=True)):
            if partial is not None and (tangents is None or source in tangents):
                yield k, source, partial

    def _counting(self) -> set[Node]:
        """The nodes on which an output depends."""
        counting: set[Node] = set()
        stack: list[Input] = list(self.outputs)
        while stack:
            node = stack.pop()
            if isinstance(node, Node) and node not in counting:
                counting.add(node)
                stack += [source for _, source, _ in self._flows(node)]
        return counting

    def _check_tangent(self, node: Node, tangents: Mapping[Input, Any]) -> None:
        """Make sure that an infinite tangent is so from a vertical tangent on.

        Raises as ``tangents``.
        """
        m, lost = self.numbers, None
        while True:
            flows = list(self._flows(node, tangents))
            odd = [(k, s) for k, s, _ in flows if not m.isfinite(tangents[s])]
            none = [(k, s) for k, s in odd if tangents[s] != tangents[s]]
            if tangents[node] != tangents[node] and not none:
                steep = [k for k, _, partial in flows if not m.isfinite(partial)]
                lost = node, [*steep, *(k for k, _ in odd)][0]
            if not odd:
                break
            _, source = (none or odd)[0]
            assert isinstance(source, Node)
            node = source
        overflows = all(partial == partial for _, _, partial in flows)
        if overflows and not self.is_at(node, "vertical"):
            what = f"the tangent of {_messages().call(node, self.operands(node))}"
            raise _messages().overflow(self, what, node, self.operands(node))
        if lost:
            raise _messages().no_gradient(self, *lost)
        self.met.add(node)

    @property
    def active(self) -> set[Node]:
        """The nodes that depend smoothly on a variable that is asked for."""
        if self._active is None:
            self._active = set()
            for node in self.topo_list:
                operation, flows = node.operation, node.inputs
                if isinstance(operation, Identity):
                    active = self.wrt is None or node.name in self.wrt
                else:
                    if node in self._chosen:
                        flows = (flows[self._chosen[node]],)
                    active = operation.smooth and not self._active.isdisjoint(flows)
                if active:
                    self._active.add(node)
        return self._active

    def is_at(self, node: Node, edge: str) -> bool:
        """Whether node is where its rule has a kink, a jump or a vertical tangent."""
        rule = getattr(node.operation, edge)
        operands = self.operands(node)
        return bool(rule and rule(self.numbers, self.primals[node], *operands))

    def node_calculate(self) -> Any:
        """Set ``value`` of every node, and return the first output's.

        Raises as ``forward``.
        """
        self.forward()
        for node in self.topo_list:
            node.value = self.primals[node]
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
        if not self._asked:
            return [{} for _ in self.outputs]
        sweeps = (self.reverse(output, all=False) for output in self.outputs)
        return [self._gradient(adjoints) for adjoints in sweeps]

    def point(self) -> Point:
        """Run all sweeps and tell what they give. Raises as they do.

        Where no derivative is asked for, there is none, nor a note about it.
        """
        values, tangents = self.forward(), None
        jacobian: list[dict[str, Any]] = [{} for _ in values]
        if self.direction:
            tangents = self.tangents()
        else:
            jacobian = self.jacobian()
        point = self._point(values, jacobian, tangents)
        if self._asked or self.direction:
            point.notes = self.notes()
        return point

    def _point(
        self,
        values: tuple[Any, ...],
        jacobian: list[dict[str, Any]],
        tangents: Mapping[Input, Any] | None,
    ) -> Point:
        point = Point(self._inputs(), values, jacobian, notes=[])
        if tangents is not None:
            point.direction = dict(self.direction)
            point.derivatives = [self._adjoint(f, tangents) for f in self.outputs]
        return point

    def trace(self, whole: bool = False) -> Trace:
        """Run all sweeps and tell what happened. Raises as they do.

        Args:
            whole: whether adjoints are wanted in forward mode as well, and the nodes
                that no choice has taken.
        """
        values, tangents = self.forward(), None
        if len(values) > 1 and len(values) * len(self.topo_list) > LARGEST_TRACE:
            raise UsageError(
                f"the trace of {len(values):,} values would have more than"
                f" {LARGEST_TRACE:,} derivatives; ask for fewer values"
            )
        jacobian: list[dict[str, Any]] = [{} for _ in values]
        sweeps, nodes = [], self.topo_list[::-1]
        if self.direction:
            tangents = self.tangents()
        if whole or not self.direction:
            sweeps = [self.reverse(output) for output in self.outputs]
            jacobian = [self._gradient(adjoints) for adjoints in sweeps]
        else:
            nodes = self.topo_list
        point = self._point(values, jacobian, tangents)
        point.notes = self.notes()
        trace = Trace(
            point,
            expression=self.text or "",
            outputs=tuple(node.id for node in self.outputs),
            steps=[self._step(node, sweeps, tangents) for node in nodes],
        )
        if whole:
            trace.skipped = [self._skipped_step(node) for node in self._skipped()]
            trace.remarks = {
                node.id: notes
                for node in self._marked()
                if (notes := list(_messages().notes(self, [node])))
            }
        return trace

    def _skipped(self) -> list[Node]:
        """The nodes that no choice has taken, each behind what it uses."""
        skipped: dict[Node, None] = {}
        stack = [i for node in self._chosen for i in node.inputs]
        while stack:
            node = stack[-1]
            if not isinstance(node, Node) or node in self.primals or node in skipped:
                stack.pop()
                continue
            waiting = [
                i
                for i in node.inputs
                if isinstance(i, Node) and i not in self.primals and i not in skipped
            ]
            if waiting:
                stack += waiting[::-1]
            else:
                skipped[node] = None
        return list(skipped)

    def notes(self) -> list[str]:
        """What is said of the nodes where a derivative is a matter of convention."""
        nodes = self._marked()
        return list(_messages().notes(self, nodes)) if nodes else []

    def _marked(self) -> list[Node]:
        """The nodes of which something may have to be said."""
        marked = self.met | self.lacking | self.changing
        return [node for node in self.topo_list if node in marked] if marked else []

    def _adjoint(self, node: Node, adjoints: Mapping[Any, Any]) -> Any:
        """The adjoint of node, or its tangent; a condition has none."""
        m = self.numbers
        adjoint = adjoints.get(node)
        if adjoint is None:
            return m.nan if isinstance(self.primals[node], bool) else 0 * m.one
        return adjoint + 0  # which makes -0 the 0 that it is

    def _inputs(self) -> dict[str, Any]:
        return {str(node.name): self.primals[node] for node in self._named}

    def _gradient(self, adjoints: Mapping[Node, Any]) -> dict[str, Any]:
        return {str(node.name): self._adjoint(node, adjoints) for node in self._asked}

    def _step(
        self,
        node: Node,
        sweeps: list[dict[Node, Any]],
        tangents: Mapping[Input, Any] | None,
    ) -> Step:
        operands = self.operands(node)
        reached = any(node in adjoints for adjoints in sweeps)
        # A variable's input is the literal that is its value.
        inputs = node.inputs if node.name is None else operands
        return Step(
            id=node.id,
            operation=node.operation.name,
            name=node.name,
            inputs=_ids(inputs),
            operands=operands,
            partials=self.partials(node)
            if reached or (sweeps and tangents is not None)
            else (None,) * len(inputs),
            value=self.primals[node],
            adjoints=tuple([self._adjoint(node, adjoints) for adjoints in sweeps]),
            span=node.span,
            tangent=None if tangents is None else self._adjoint(node, tangents),
        )

    def _skipped_step(self, node: Node) -> Step:
        """What there is to tell of a node that no choice has taken."""
        nothing = (None,) * len(node.inputs)
        return Step(
            id=node.id,
            operation=node.operation.name,
            name=node.name,
            inputs=_ids(node.inputs),
            operands=nothing,
            partials=nothing,
            value=None,
            adjoints=(None,) * len(self.outputs),
            span=node.span,
        )


def _ids(inputs: Iterable[Any]) -> tuple[int | str, ...]:
    """Ids of nodes, and texts of literals."""
    return tuple([i.id if isinstance(i, Node) else str(i) for i in inputs])
