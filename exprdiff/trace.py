"""The evaluation trace: all that a renderer may see of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .style import PLAIN, Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .budget import Budget
    from .rules import Rules

    #: An operation, and for each operand the text of a literal in its place, or None.
    Kind = tuple[str, tuple[str | None, ...]]

#: The most nodes of a trace that a notebook shows.
LARGEST_SHOWN = 500


def line(
    id: int,
    operands: Sequence[Any],
    operation: str,
    value: Any,
    adjoints: Sequence[Any],
    style: Style = PLAIN,
    kind: str = "grad",
) -> str:
    """A node as the trace shows it, with its adjoints so far, one for each output.

    In forward mode it has its tangent in their place, and that is the kind.
    """
    given = ", ".join(
        "not taken" if operand is None else style.number(operand)
        for operand in operands
    )
    result = style.paint("value", style.number(value))
    grads = style.paint("gradient", ", ".join(map(style.adjoint, adjoints)))
    return (
        f"Node {id} : [{given}] {style.paint('operation', operation)} = {result},"
        f" {kind}: {grads}"
    )


class Point:
    """What a formula has at one point; None stands for what it has not.

    Args:
        inputs: the variables' values, in order of appearance.
        values: those of the outputs.
        jacobian: for each output its derivative in each variable.
        notes: what the numbers alone do not tell.
    """

    def __init__(
        self,
        inputs: dict[str, Any],
        values: tuple[Any, ...],
        jacobian: list[dict[str, Any]],
        notes: list[str],
    ) -> None:
        self.inputs = inputs
        self.values = values
        self.jacobian = jacobian
        self.notes = notes
        #: In forward mode the direction, and for each output the derivative along it.
        self.direction: dict[str, Any] = {}
        self.derivatives: list[Any] = []
        #: For each output, if they are asked for, its derivative in each pair of
        #: variables, one way round,
        self.hessians: list[dict[tuple[str, str], Any]] = []
        #: or in its one variable that of each order from 0 on, and the coefficients of
        #: its Taylor polynomial.
        self.orders: list[list[Any]] = []
        self.taylor: list[list[Any]] = []
        #: For each output, if inputs have uncertainties, its own and their parts in it.
        self.budgets: list[Budget | None] = []

    def names(self) -> Iterator[str]:
        """The names that the values and derivatives have in a table."""
        several = len(self.values) > 1
        outputs = [f"f{k}" if several else "" for k, _ in enumerate(self.values, 1)]
        for f in outputs:
            yield f or "value"
        for f, _ in zip(outputs, self.derivatives, strict=False):
            yield f"d_{f}" if several else "derivative"
        for f, gradient in zip(outputs, self.jacobian, strict=True):
            for name in gradient:
                yield _column("d", f, name)
        for f, hessian in zip(outputs, self.hessians, strict=False):
            for a, b in hessian:
                yield _column("d2", f, *((a, b) if a != b else (a,)))
        for f, orders in zip(outputs, self.orders, strict=False):
            (name,) = self.jacobian[0]
            for k in range(2, len(orders)):
                yield _column(f"d{k}", f, name)
        for f, _ in zip(outputs, self.budgets, strict=False):
            yield _column("u", f)

    def numbers(self) -> list[Any]:
        """The values and derivatives, in the order of their names."""
        numbers = [*self.values, *self.derivatives]
        for gradient in self.jacobian:
            numbers += gradient.values()
        for hessian in self.hessians:
            numbers += hessian.values()
        for orders in self.orders:
            numbers += orders[2:]
        numbers += [budget and budget.uncertainty for budget in self.budgets]
        return numbers


def _column(*parts: str) -> str:
    return "_".join(filter(None, parts))


class Step:
    """What a run did at one node.

    Args:
        id: the node's.
        operation: its name.
        name: the variable's, at a variable.
        inputs: ids of nodes, and texts of literals.
        operands: the inputs' numbers; None for what was not evaluated.
        partials: the derivative in each operand, NaN or None.
        value: the output.
        adjoints: the derivative of each output of the graph with respect to value,
        span: [start, end) of its part of the expression.
        tangent: and in forward mode that of value along the direction.
    """

    __slots__ = (
        *("id", "operation", "name", "inputs", "operands"),
        *("partials", "value", "adjoints", "span", "tangent"),
    )

    def __init__(
        self,
        id: int,
        operation: str,
        name: str | None,
        inputs: tuple[int | str, ...],
        operands: tuple[Any, ...],
        partials: tuple[Any, ...],
        value: Any,
        adjoints: tuple[Any, ...],
        span: tuple[int, int] | None,
        tangent: Any = None,
    ) -> None:
        self.id = id
        self.operation = operation
        self.name = name
        self.inputs = inputs
        self.operands = operands
        self.partials = partials
        self.value = value
        self.adjoints = adjoints
        self.span = span
        self.tangent = tangent

    @property
    def kind(self) -> Kind:
        """What tells which rule it follows."""
        literals = (given if isinstance(given, str) else None for given in self.inputs)
        return self.operation, tuple(literals)


class Trace(Point):
    """What a run did: one step a node, every user above what it uses.

    In forward mode it is the other way round, as the nodes are calculated.

    Args:
        point: what came of it.
        expression: the text.
        outputs: the ids of the outputs' nodes.
        steps: the nodes.
    """

    def __init__(
        self,
        point: Point,
        expression: str,
        outputs: tuple[int, ...],
        steps: list[Step],
    ) -> None:
        super().__init__(point.inputs, point.values, point.jacobian, point.notes)
        self.direction, self.derivatives = point.direction, point.derivatives
        self.expression = expression
        self.outputs = outputs
        self.steps = steps
        #: If all is asked for that there is: the nodes that no choice has taken, in the
        #: order of calculation,
        self.skipped: list[Step] = []
        #: the nodes that statements give a name to, by it,
        self.named: dict[str, int] = {}
        #: and what is said of nodes where a derivative is a matter of convention.
        self.remarks: dict[int, list[str]] = {}
        self._rules: Rules | None = None

    def nodes(self) -> dict[int, Step]:
        """All nodes by their ids, taken or not, each behind those that it uses."""
        steps = sorted((*self.steps, *self.skipped), key=lambda step: step.id)
        return {step.id: step for step in steps}

    @property
    def rules(self) -> Rules:
        """The rules of the operations in symbols, by the kinds of steps."""
        if self._rules is None:
            from .rules import Rules  # which few renderers need

            self._rules = Rules()
        return self._rules

    def __str__(self) -> str:
        """The trace as the command line prints it."""
        from .render.trace import render

        return render(self, PLAIN)

    def __repr__(self) -> str:
        values = ", ".join(map(str, self.values))
        at = "".join(f", {name}={x}" for name, x in self.inputs.items())
        return f"<Trace of {self.expression or 'nodes'}: {values}{at}>"

    def _repr_html_(self) -> str | None:
        """The sweeps as tables and the graph as a picture, for notebooks."""
        from .render.html import part

        return part(self) if self._is_small() else None

    def _repr_svg_(self) -> str | None:
        """The graph as a picture, for notebooks."""
        from .render.svg import render

        return render(self, PLAIN) if self._is_small() else None

    def _is_small(self) -> bool:
        return len(self.steps) + len(self.skipped) <= LARGEST_SHOWN
