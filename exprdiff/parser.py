"""From text to graph.

The grammar's rules are reduced from left to right as the text is read; what each of
them makes is below. No step recurses, so nesting may be of any depth.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from . import lalr
from .errors import ParseError, did_you_mean, normalize, shorten
from .graph import SQUARE, Building, Literal, Node, Order, raising
from .operations import FUNCTIONS, OPERATIONS, OPERATORS, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .graph import Input

    #: What a piece of the text stands for, and its place, parentheses included.
    Part = tuple[Input, int, int]

#: The constants of the language, and what number systems call them.
CONSTANTS = {"pi": "pi", "π": "pi", "tau": "tau", "τ": "tau", "e": "e"}

#: Pasted signs, and what they mean.
SIGNS = {"−": "-", "×": "*", "·": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!="}

#: The length from which on a number without an exponent may be beyond a double.
SHORT = 300

IDENTITY, IF, AND, NEG, NOT, POW = (
    OPERATIONS[name] for name in ("identity", "if", "and", "neg", "not", "pow")
)


class Graph:
    """A parsed expression.

    Args:
        outputs: a node for each value of the result.
        variables: in order of appearance.
        assigned: the parts of it that statements give a name to, by these.
        unused: those of them that nothing uses.
        size: how many nodes it has, unused ones included.
        order: that of the nodes; none if one of several values is but a number.
    """

    def __init__(
        self,
        outputs: tuple[Node, ...],
        variables: tuple[Node, ...],
        assigned: Mapping[str, Input],
        unused: tuple[str, ...],
        size: int,
        order: Order | None,
    ) -> None:
        self.outputs = outputs
        self.variables = variables
        self.assigned = assigned
        self.unused = unused
        self.size = size
        self.order = order


def parse(text: str, variables: Collection[str] = ()) -> Graph:
    """The operation graph of an expression.

    Every node knows its place in the text. The variables are numbered first, from -1
    in order of appearance, then the operations in the order in which they are built.

    Args:
        text: the expression.
        variables: names that are variables even where the language has a constant.

    Raises:
        ParseError: text is not in the language.
        TypeError: text is not a string.
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression is a string, not {type(text).__name__}")
    with Building():
        try:
            return _graph(text, variables)
        except lalr.Unexpected:
            from .syntax import explain

            raise explain(text, _parses) from None


def _graph(text: str, variables: Collection[str]) -> Graph:
    builder = _Builder(text, variables)
    lalr.reduce(text, builder)
    return builder.finish()


def _parses(text: str) -> bool:
    """Whether text is an expression, on one line and without a comment."""
    try:
        _graph(text, ())
    except (ParseError, lalr.Unexpected):
        return False
    return "#" not in text


class _Builder:
    """Makes nodes out of reductions: a method for each rule of the grammar.

    Args:
        text: the expression.
        variables: names that are variables even where the language has a constant.

    A rule has the places where its symbols begin, the place where it ends, and the
    symbols: tokens as texts, and what the rules of the others have made, mostly inputs
    of nodes.
    """

    def __init__(self, text: str, variables: Collection[str]) -> None:
        self.text = text
        self.shadowed = variables
        self.variables: dict[str, Node] = {}
        self.constants: set[str] = set()
        self.assigned: dict[str, Input] = {}
        self.unused: dict[str, None] = {}
        #: Of the statement read last, the name, if it has one, and the values.
        self.name_of_last: str | None = None
        self.values_of_last: list[Part] = []
        self.built: list[Node] = []
        #: The nodes of the present statement, as they are come to from left to right,
        self.order: list[Node] = []
        #: the same of the statement read last, and what comes before the values of
        #: earlier ones and of branches, which are not calculated where they stand.
        self.order_of_last: list[Node] = []
        self.statements: dict[Node, list[Node]] = {}
        self.branches: dict[Node, tuple[Node, ...]] = {}
        self.chooses = False
        #: Of comparisons the operand with which a chain goes on, and where it begins.
        self.compared: dict[Input, tuple[Input, int]] = {}

    def finish(self) -> Graph:
        """The graph, when all is reduced."""
        givens = [given for given, _, _ in self.values_of_last]
        known = len(givens) == 1 or all(isinstance(given, Node) for given in givens)
        outputs = tuple(
            given if isinstance(given, Node) else self._node(IDENTITY, (given,), *place)
            for given, *place in self.values_of_last
        )
        variables = tuple(self.variables.values())
        for id, node in enumerate((*variables, *self.built), -1):
            node.id = id
        unused = tuple(name for name in self.unused if name != self.name_of_last)
        size = len(variables) + len(self.built)
        order = self._order() if known else None
        return Graph(outputs, variables, self.assigned, unused, size, order)

    def _order(self) -> Order:
        if not self.chooses:
            return Order(self._walk())
        wengert = list(dict.fromkeys(self.order_of_last + self.order))
        return Order(wengert, self.branches, self.statements)

    def _walk(self) -> list[Node]:
        """The nodes in an executor's order: a statement's where it is first used."""
        walk: dict[Node, None] = {}
        waiting = [iter(self.order_of_last + self.order)]
        while waiting:
            for node in waiting[-1]:
                if node in self.statements:
                    waiting.append(iter((*self.statements.pop(node), node)))
                    break
                walk[node] = None
            else:
                waiting.pop()
        unused = [node for node in self.variables.values() if node not in walk]
        return [*unused, *walk]

    def assignment(self, starts: list[int], end: int, symbols: list[Any]) -> None:
        name, _, given = symbols
        name, place = (
            self._identifier(name, starts[0]),
            (starts[0], starts[0] + len(name)),
        )
        problem = ""
        if name in self.assigned:
            problem = "assigned twice; give this one another name"
        elif name in self.variables or name in self.constants:
            problem = "used before it is assigned"
        if problem:
            message = f"{shorten(name)} is {problem}"
            raise ParseError(message, self.text, place)
        self._statement(name, [(given, starts[2], end)])
        if isinstance(given, str):
            given = Literal(given, (starts[2], end), name)
        self.assigned[name] = given
        self.unused[name] = None

    def result(self, starts: list[int], end: int, symbols: list[list[Part]]) -> None:
        self._statement(None, symbols[0])

    def _statement(self, name: str | None, values: list[Part]) -> None:
        if self.values_of_last and self.name_of_last is None:
            (_, start, _), (_, _, end) = self.values_of_last[0], self.values_of_last[-1]
            message = (
                "only the last statement is the result; give this one a name"
                " (s = ...), or end its line with an operator if the next one goes on"
            )
            raise ParseError(message, self.text, (start, end))
        if self.values_of_last:
            value, before = self.values_of_last[0][0], self.order_of_last
            if isinstance(value, Node) and len(before) > 1:
                self.statements[value] = before[:-1]
        self.name_of_last, self.values_of_last = name, values
        self.order_of_last, self.order = self.order, []

    def _put_off(self, condition: Node, *branches: Input) -> None:
        """Take the branches out of the order: which is needed, the condition tells."""
        order: list[Node] = []
        while self.order[-1] is not condition:
            order.append(self.order.pop())
        order.reverse()
        for given in branches:
            if isinstance(given, Node):
                place = order.index(given)
                if place:
                    self.branches[given] = tuple(dict.fromkeys(order[:place]))
                order = order[place + 1 :]

    def next_statement(self, starts: list[int], end: int, symbols: list[Any]) -> None:
        pass

    def number(self, starts: list[int], end: int, symbols: list[str]) -> str:
        (digits,) = symbols
        # Nobody asks for the place of one that is too short to overflow.
        if len(digits) < SHORT and "e" not in digits and "E" not in digits:
            return digits
        return Literal(digits, (starts[0], end))

    def name(self, starts: list[int], end: int, symbols: list[str]) -> Input:
        name = self._identifier(symbols[0], starts[0])
        given: Input | None = self.variables.get(name)
        if given is None and name in self.assigned:
            self.unused.pop(name, None)
            given = self.assigned[name]
        elif given is None:
            place = starts[0], end
            if name in CONSTANTS and name not in self.shadowed:
                self.constants.add(name)
                return Literal(CONSTANTS[name], place)
            given = Node(IDENTITY, (name,), id=0, name=name, span=place)
            self.variables[name] = given
        if isinstance(given, Node):
            self.order.append(given)
        return given

    def call(self, starts: list[int], end: int, symbols: list[Any]) -> Node:
        start, name_end = starts[0], starts[0] + len(symbols[0])
        name = self._identifier(symbols[0], start)
        arguments: list[Part] = symbols[2] if len(symbols) == 4 else []
        choices = FUNCTIONS.get(name)
        if choices is None:
            hint = did_you_mean(name, FUNCTIONS) if len(name) > 1 else ""
            if not hint and len(arguments) == 1:
                inner = shorten(self.text[name_end:end].strip())
                product = f"{shorten(name)}*{inner}"
                divided = self.text[:start].rstrip()[-1:] in ("/", "÷")
                hint = f"; for a product write {f'({product})' if divided else product}"
            message = f"{shorten(name)} is no function{hint}"
            raise ParseError(message, self.text, (start, name_end))
        count = len(arguments)
        inputs = tuple([given for given, _, _ in arguments])
        for operation in choices:
            if operation is POW and count == 2:
                base, exponent = inputs
                return self._power(base, exponent, start, end)
            if operation.takes(count):
                return self._node(operation, inputs, start, end)
        message = (
            f"{takes(name, choices)}, and here"
            f" {count or 'none'} {'is' if count == 1 else 'are'} given"
        )
        raise ParseError(message, self.text, (start, end))

    def choice(self, starts: list[int], end: int, symbols: list[Any]) -> Node:
        self.chooses = True
        condition, *branches = inputs = tuple(symbols[2:-1:2])
        self._put_off(condition, *branches)
        return self._node(IF, inputs, starts[0], end)

    def first_value(
        self, starts: list[int], end: int, symbols: list[Input]
    ) -> list[Part]:
        return [(symbols[0], starts[0], end)]

    def next_value(self, starts: list[int], end: int, symbols: list[Any]) -> list[Part]:
        values, _, value = symbols
        values.append((value, starts[2], end))
        return values

    def parentheses(self, starts: list[int], end: int, symbols: list[Any]) -> Input:
        return symbols[1]

    def pos(self, starts: list[int], end: int, symbols: list[Any]) -> Input:
        return symbols[1]

    def neg(self, starts: list[int], end: int, symbols: list[Any]) -> Node:
        return self._node(NEG, (symbols[1],), starts[0], end)

    def negation(self, starts: list[int], end: int, symbols: list[Any]) -> Node:
        return self._node(NOT, (symbols[1],), starts[0], end)

    def raised(self, starts: list[int], end: int, symbols: list[Any]) -> Node:
        base, sign = symbols
        return self._power(base, {"²": "2", "³": "3"}[sign], starts[0], end)

    def pow(self, starts: list[int], end: int, symbols: list[Any]) -> Node:
        base, _, exponent = symbols
        return self._power(base, exponent, starts[0], end)

    def infix(self, starts: list[int], end: int, symbols: list[Any]) -> Node:
        left, sign, right = symbols
        operation = OPERATORS[SIGNS.get(sign, sign)]
        if operation.branch is not None:
            self._put_off(left, right)
        return self._node(operation, (left, right), starts[0], end)

    def comparison(self, starts: list[int], end: int, symbols: list[Any]) -> Node:
        node = self.infix(starts, end, symbols)
        self.compared[node] = symbols[2], starts[2]
        return node

    def chain(self, starts: list[int], end: int, symbols: list[Any]) -> Node:
        """A comparison that goes on: a < b < c is a < b and b < c."""
        before, sign, right = symbols
        left, start = self.compared[before]
        following = self.infix([start], end, [left, sign, right])
        self._put_off(before, following)
        node = self._node(AND, (before, following), starts[0], end)
        self.compared[node] = right, starts[2]
        return node

    def _power(self, base: Input, exponent: Input, start: int, end: int) -> Node:
        operation = raising(exponent)
        inputs = (base,) if operation is SQUARE else (base, exponent)
        return self._node(operation, inputs, start, end)

    def _node(
        self, operation: Operation, inputs: tuple[Input, ...], start: int, end: int
    ) -> Node:
        node = Node(operation, inputs, id=0, span=(start, end))
        self.built.append(node)
        self.order.append(node)
        return node

    def _identifier(self, word: str, start: int) -> str:
        name = normalize(word)
        if not name.isidentifier():
            from .syntax import bad_name

            raise bad_name(word, start, self.text)
        return name


def takes(name: str, choices: Collection[Operation]) -> str:
    """What the function of this name takes, in words."""
    counts = [
        f"{len(operation.operands)}{' or more' * operation.variadic}"
        for operation in choices
    ]
    signatures = [
        operation.signature.replace(operation.name, name, 1) for operation in choices
    ]
    arguments = "argument" if counts == ["1"] else "arguments"
    return f"{name} takes {' or '.join(counts)} {arguments}: {' or '.join(signatures)}"
