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
from .graph import Input, Node, power
from .operations import FUNCTIONS, OPERATIONS

if TYPE_CHECKING:
    from lark import Lark, Token

#: The constants of the language, and what number systems call them.
CONSTANTS = {"pi": "pi", "π": "pi", "tau": "tau", "τ": "tau", "e": "e"}


class Graph(NamedTuple):
    """A parsed expression."""

    root: Node
    variables: tuple[str, ...]  #: in order of appearance


class Part(NamedTuple):
    """What a piece of the text stands for, and where that is, parentheses included."""

    input: Input
    start: int
    end: int


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
            result: Any = _lark().parse(text)
            return _BUILDER.finish(result)
        except UnexpectedInput as error:
            from .syntax import explain

            raise explain(error, text, _lark().lex(text)) from None
        finally:
            _BUILDER.begin("", ())  # keep nothing of what may be large


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
        self.built: list[Node] = []

    def finish(self, result: Part) -> Graph:
        root = result.input
        if not isinstance(root, Node):
            root = self._apply(OPERATIONS["identity"], [root], result.start, result.end)
        for id, node in enumerate((*self.variables.values(), *self.built), -1):
            node.id = id
        return Graph(root, tuple(self.variables))

    def number(self, children: "list[Token]") -> Part:
        (token,) = children
        return Part(str(token), *_span(token))

    def name(self, children: "list[Token]") -> Part:
        (token,) = children
        span = _span(token)
        name = self._identifier(token)
        if name in CONSTANTS and name not in self.shadowed:
            return Part(CONSTANTS[name], *span)
        node = self.variables.get(name)
        if node is None:
            node = Node(OPERATIONS["identity"], [name], id=0, name=name, span=span)
            self.variables[name] = node
        return Part(node, *span)

    def call(self, children: list[Any]) -> Part:
        name, end = self._identifier(children[0]), _span(children[-1])[1]
        arguments = children[2] if len(children) == 4 else []
        start, name_end = _span(children[0])
        operation = FUNCTIONS.get(name)
        if operation is None:
            hint = did_you_mean(name, FUNCTIONS) if len(name) > 1 else ""
            if not hint and len(arguments) == 1:
                inner = shorten(self.text[name_end:end].strip())
                hint = f"; for a product write {shorten(name)}*{inner}"
            message = f"{shorten(name)} is no function{hint}"
            raise ParseError(message, self.text, (start, name_end))
        arity = len(operation.operands)
        if len(arguments) != arity:
            message = (
                f"{name} takes {arity} argument{'s' * (arity > 1)}:"
                f" {operation.signature}, and here {len(arguments) or 'none'}"
                f" {'is' if len(arguments) == 1 else 'are'} given"
            )
            raise ParseError(message, self.text, (start, end))
        inputs = [argument.input for argument in arguments]
        make = power if operation is OPERATIONS["pow"] else operation
        return Part(self._apply(make, inputs, start, end), start, end)

    def first_argument(self, children: list[Part]) -> list[Part]:
        return children

    def next_argument(self, children: list[Any]) -> list[Part]:
        arguments, _, argument = children
        arguments.append(argument)
        return arguments

    def parentheses(self, children: list[Any]) -> Part:
        opening, inner, closing = children
        return Part(inner.input, _span(opening)[0], _span(closing)[1])

    def pos(self, children: list[Any]) -> Part:
        sign, operand = children
        return Part(operand.input, _span(sign)[0], operand.end)

    def neg(self, children: list[Any]) -> Part:
        sign, operand = children
        start = _span(sign)[0]
        node = self._apply(OPERATIONS["neg"], [operand.input], start, operand.end)
        return Part(node, start, operand.end)

    def raised(self, children: list[Any]) -> Part:
        base, sign = children
        end, exponent = _span(sign)[1], {"²": "2", "³": "3"}[sign]
        inputs = [base.input, exponent]
        node = self._apply(power, inputs, base.start, end)
        return Part(node, base.start, end)

    @staticmethod
    def _infix(make: Callable[..., Node]) -> Callable[["_Builder", list[Any]], Part]:
        def reduce(self: "_Builder", children: list[Any]) -> Part:
            left, _, right = children
            inputs = [left.input, right.input]
            node = self._apply(make, inputs, left.start, right.end)
            return Part(node, left.start, right.end)

        return reduce

    add = _infix(OPERATIONS["add"])
    sub = _infix(OPERATIONS["sub"])
    mul = _infix(OPERATIONS["mul"])
    div = _infix(OPERATIONS["div"])
    pow = _infix(power)

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


def _span(token: "Token") -> tuple[int, int]:
    assert token.start_pos is not None and token.end_pos is not None
    return token.start_pos, token.end_pos
