"""From text to graph.

The grammar's rules are reduced from left to right as the text is read; what each of
them makes is below. No step recurses, so nesting may be of any depth.
"""

from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import ParseError, did_you_mean, normalize, shorten
from .graph import Input, Literal, Node, power
from .operations import FUNCTIONS, OPERATIONS, OPERATORS, Operation
from .tokens import Statements, span

if TYPE_CHECKING:
    from lark import Lark, Token

#: The constants of the language, and what number systems call them.
CONSTANTS = {"pi": "pi", "π": "pi", "tau": "tau", "τ": "tau", "e": "e"}

#: Pasted signs, and what they mean.
SIGNS = {"−": "-", "×": "*", "·": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!="}


class Graph(NamedTuple):
    """A parsed expression."""

    outputs: tuple[Node, ...]  #: one for each value of the result
    variables: tuple[Node, ...]  #: in order of appearance
    assigned: tuple[str, ...]  #: the names that statements give to parts of it
    unused: tuple[str, ...]  #: those of them that nothing uses


class Part(NamedTuple):
    """What a piece of the text stands for, and where that is, parentheses included."""

    input: Input
    start: int
    end: int
    #: Of a comparison the operand with which a chain goes on.
    last: "Part | None" = None


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
    from lark.exceptions import UnexpectedInput

    with _BUILDER.lock:
        _BUILDER.begin(text, variables)
        try:
            _lark().parse(text)
            return _BUILDER.finish()
        except UnexpectedInput as error:
            from .syntax import explain

            raise explain(error, text, _lark().lex(text), _parses) from None
        finally:
            _BUILDER.begin("", ())  # keep nothing of what may be large


def _parses(text: str) -> bool:
    """Whether text is an expression; only while nothing else is read."""
    from lark.exceptions import UnexpectedInput

    _BUILDER.begin(text, ())
    try:
        _lark().parse(text)
    except (ParseError, UnexpectedInput):
        return False
    return "#" not in text


@cache
def _lark() -> "Lark":
    from lark import Lark

    here = Path(__file__).parent
    # Beside the package is where the grammar is in a checkout and an editable install.
    files = (place / "grammar" / "expression.lark" for place in (here, here.parent))
    return Lark(
        next(file for file in files if file.exists()).read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        postlex=Statements(),
        keep_all_tokens=True,
        transformer=_BUILDER,
    )


class _Builder:
    """Makes nodes out of reductions: a method for each rule of the grammar.

    Lark binds its callbacks once, so there is one builder, and a lock on it.
    """

    def __init__(self) -> None:
        self.lock = Lock()

    def begin(self, text: str, variables: Collection[str]) -> None:
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

    def finish(self) -> Graph:
        outputs = tuple(
            part.input
            if isinstance(part.input, Node)
            else self._apply(OPERATIONS["identity"], [part.input], part.start, part.end)
            for part in self.values_of_last
        )
        variables = tuple(self.variables.values())
        for id, node in enumerate((*variables, *self.built), -1):
            node.id = id
        unused = tuple(name for name in self.unused if name != self.name_of_last)
        return Graph(outputs, variables, tuple(self.assigned), unused)

    def assignment(self, children: list[Any]) -> None:
        token, _, value = children
        name = self._identifier(token)
        problem = ""
        if name in self.assigned:
            problem = "assigned twice; give this one another name"
        elif name in self.variables or name in self.constants:
            problem = "used before it is assigned"
        if problem:
            message = f"{shorten(name)} is {problem}"
            raise ParseError(message, self.text, span(token))
        self._statement(name, [value])
        given = value.input
        if isinstance(given, Literal):
            given = Literal(given, given.span, name)
        self.assigned[name] = given
        self.unused[name] = None

    def result(self, children: list[list[Part]]) -> None:
        self._statement(None, children[0])

    def _statement(self, name: str | None, values: list[Part]) -> None:
        if self.values_of_last and self.name_of_last is None:
            first, last = self.values_of_last[0], self.values_of_last[-1]
            message = (
                "only the last statement is the result; give this one a name"
                " (s = ...), or end its line with an operator if the next one goes on"
            )
            raise ParseError(message, self.text, (first.start, last.end))
        self.name_of_last, self.values_of_last = name, values

    def number(self, children: "list[Token]") -> Part:
        (token,) = children
        place = span(token)
        return Part(Literal(token, place), *place)

    def name(self, children: "list[Token]") -> Part:
        (token,) = children
        place = span(token)
        name = self._identifier(token)
        if name in self.assigned:
            self.unused.pop(name, None)
            return Part(self.assigned[name], *place)
        if name in CONSTANTS and name not in self.shadowed:
            self.constants.add(name)
            return Part(Literal(CONSTANTS[name], place), *place)
        node = self.variables.get(name)
        if node is None:
            node = Node(OPERATIONS["identity"], [name], id=0, name=name, span=place)
            self.variables[name] = node
        return Part(node, *place)

    def call(self, children: list[Any]) -> Part:
        name, end = self._identifier(children[0]), span(children[-1])[1]
        arguments = children[2] if len(children) == 4 else []
        start, name_end = span(children[0])
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
        for operation in choices:
            if operation.takes(count):
                inputs = [argument.input for argument in arguments]
                make = power if operation is OPERATIONS["pow"] else operation
                return Part(self._apply(make, inputs, start, end), start, end)
        message = (
            f"{takes(name, choices)}, and here"
            f" {count or 'none'} {'is' if count == 1 else 'are'} given"
        )
        raise ParseError(message, self.text, (start, end))

    def choice(self, children: list[Any]) -> Part:
        start, end = span(children[0])[0], span(children[-1])[1]
        inputs = [part.input for part in children[2:-1:2]]
        return Part(self._apply(OPERATIONS["if"], inputs, start, end), start, end)

    def first_value(self, children: list[Part]) -> list[Part]:
        return children

    def next_value(self, children: list[Any]) -> list[Part]:
        values, _, value = children
        values.append(value)
        return values

    def parentheses(self, children: list[Any]) -> Part:
        opening, inner, closing = children
        return Part(inner.input, span(opening)[0], span(closing)[1])

    def pos(self, children: list[Any]) -> Part:
        sign, operand = children
        return Part(operand.input, span(sign)[0], operand.end)

    def neg(self, children: list[Any]) -> Part:
        return self._prefix("neg", children)

    def negation(self, children: list[Any]) -> Part:
        return self._prefix("not", children)

    def _prefix(self, name: str, children: list[Any]) -> Part:
        sign, operand = children
        start = span(sign)[0]
        node = self._apply(OPERATIONS[name], [operand.input], start, operand.end)
        return Part(node, start, operand.end)

    def raised(self, children: list[Any]) -> Part:
        base, sign = children
        end, exponent = span(sign)[1], {"²": "2", "³": "3"}[sign]
        inputs = [base.input, exponent]
        node = self._apply(power, inputs, base.start, end)
        return Part(node, base.start, end)

    def pow(self, children: list[Any]) -> Part:
        base, _, exponent = children
        inputs = [base.input, exponent.input]
        node = self._apply(power, inputs, base.start, exponent.end)
        return Part(node, base.start, exponent.end)

    def infix(self, children: list[Any]) -> Part:
        left, sign, right = children
        operation = OPERATORS[SIGNS.get(sign, sign)]
        inputs = [left.input, right.input]
        node = self._apply(operation, inputs, left.start, right.end)
        return Part(node, left.start, right.end, right)

    comparison = infix

    def chain(self, children: list[Any]) -> Part:
        """A comparison that goes on: a < b < c is a < b and b < c."""
        left, sign, right = children
        following = self.infix([left.last, sign, right])
        inputs = [left.input, following.input]
        node = self._apply(OPERATIONS["and"], inputs, left.start, right.end)
        return Part(node, left.start, right.end, right)

    def _apply(
        self, make: Callable[..., Node], inputs: list[Input], start: int, end: int
    ) -> Node:
        node = make(*inputs, id=0, span=(start, end))
        self.built.append(node)
        return node

    def _identifier(self, token: "Token") -> str:
        name = normalize(str(token))
        if not name.isidentifier():
            from .syntax import bad_name

            raise bad_name(token, self.text)
        return name


_BUILDER = _Builder()


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
