"""A formula and its derivatives at any point: all that a renderer may see of them."""

from __future__ import annotations

#: An operand: the id of a node, or the text of a literal.
Operand = int | str


class Assignment:
    """A node of a program.

    Args:
        id: the node's.
        operation: its name.
        name: the variable's, at a variable.
        inputs: ids of nodes, and texts of literals.
        span: its place [start, end) in the expression, or that of the node that it is
            part of the derivative of: then ``derived``.
    """

    __slots__ = ("derived", "id", "inputs", "name", "operation", "span")

    def __init__(
        self,
        id: int,
        operation: str,
        name: str | None,
        inputs: tuple[Operand, ...],
        span: tuple[int, int] | None = None,
        derived: bool = False,
    ) -> None:
        self.id = id
        self.operation = operation
        self.name = name
        self.inputs = inputs
        self.span = span
        self.derived = derived


class Program:
    """A formula and its derivatives at any point, as a Wengert list.

    Args:
        expression: the text.
        variables: their names, in order of appearance.
        steps: the nodes by their ids, each behind those that it uses.
        values: of each output the id of its node,
        jacobian: for each output its derivative in each variable, and
        hessians: that in each pair of variables, if they are asked for: the id of a
            node, or the text of a literal.
    """

    def __init__(
        self,
        expression: str,
        variables: tuple[str, ...],
        steps: dict[int, Assignment],
        values: tuple[int, ...],
        jacobian: list[dict[str, Operand]],
        hessians: list[dict[tuple[str, str], Operand]],
    ) -> None:
        self.expression = expression
        self.variables = variables
        self.steps = steps
        self.values = values
        self.jacobian = jacobian
        self.hessians = hessians


class Rule(Program):
    """The rule of an operation, applied to variables that have its operands' names.

    The output is node 0. A derivative that exists nowhere, or is 0 everywhere, is not
    in the Jacobian.
    """

    #: Its derivative in each operand, None where there is none;
    partials: tuple[Operand | None, ...] = ()
    #: the conditions that it is at a kink or a jump, and that an infinite derivative is
    #: a vertical tangent; and of a choice the number of the input that it takes.
    edge: Program | None = None
    vertical: Program | None = None
    branch: Program | None = None
