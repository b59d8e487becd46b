"""Graphs as numbers: a number system in which to calculate is to build nodes.

A rule that is run in it writes down a formula, and the adjoints of a reverse sweep are
the graphs of the derivatives. Equal nodes are built once, and what is built is made
simple at once: with 0 and 1, with constants as far as they stay exact, x + x, x*x and
-(-x); a factor goes into an ``if`` that has 0 on one side, so that nothing is evaluated
of a branch that is not taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from ..graph import ADD, DIV, MUL, NEG, Node, raising
from ..operations import OPERATIONS, Operation
from .floats import CONSTANTS
from .textbook import Textbook

if TYPE_CHECKING:
    from ..graph import Input

#: An input of a node, or a condition that is known to hold or not, or None, which is
#: a derivative that does not exist.
Given: TypeAlias = "Input | None"

#: The number of a constant.
Exact: TypeAlias = "int | Fraction"

#: The operations whose operands may change places.
COMMUTATIVE = {"add", "mul", "hypot", "min", "max", "logaddexp"}

#: The most digits of a constant that is calculated, and of an exponent in it.
DIGITS, EXPONENT = 15, 20

#: How many ``if`` with 0 on one side stand in each other, before conditions are joined.
DEEPEST = 8

IF, AND, OR, NOT = (OPERATIONS[name] for name in ("if", "and", "or", "not"))


class Symbol:
    """A formula: a node or a literal, with the system that it is calculated in."""

    __slots__ = ("given", "system")

    # Rules compare symbols to build conditions.
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, system: Symbols, given: Given) -> None:
        self.system = system
        self.given = given

    def __str__(self) -> str:
        if isinstance(self.given, Node):
            return self.given.name or f"{self.given.operation.name}(...)"
        return str(self.given)

    def __bool__(self) -> bool:
        raise TypeError("whether a condition on symbols holds is not known")

    def __add__(self, other: Any) -> Symbol:
        return self.system.call("add", self, other)

    def __radd__(self, other: Any) -> Symbol:
        return self.system.call("add", other, self)

    def __sub__(self, other: Any) -> Symbol:
        return self.system.call("sub", self, other)

    def __rsub__(self, other: Any) -> Symbol:
        return self.system.call("sub", other, self)

    def __mul__(self, other: Any) -> Symbol:
        return self.system.call("mul", self, other)

    def __rmul__(self, other: Any) -> Symbol:
        return self.system.call("mul", other, self)

    def __truediv__(self, other: Any) -> Symbol:
        return self.system.call("div", self, other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return self.system.call("div", other, self)

    def __pow__(self, other: Any) -> Symbol:
        return self.system.pow(self, other)

    def __mod__(self, other: Any) -> Symbol:
        return self.system.call("mod", self, other)

    def __floordiv__(self, other: Any) -> Symbol:
        # The floor of x/y, which itself may be rounded up to the next integer.
        return self.system.call("round", (self - self % other) / other)

    def __neg__(self) -> Symbol:
        return self.system.call("neg", self)

    def __abs__(self) -> Symbol:
        return self.system.call("abs", self)

    def __eq__(self, other: object) -> Any:
        return self.system.compare("eq", self, other)

    def __ne__(self, other: object) -> Any:
        return self.system.compare("ne", self, other)

    def __lt__(self, other: Any) -> Any:
        return self.system.compare("lt", self, other)

    def __le__(self, other: Any) -> Any:
        return self.system.compare("le", self, other)

    def __gt__(self, other: Any) -> Any:
        return self.system.compare("gt", self, other)

    def __ge__(self, other: Any) -> Any:
        return self.system.compare("ge", self, other)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


class Symbols(Textbook):
    """The number system, with all nodes that have been built in it.

    Args:
        first: the id of the first node that it builds.
    """

    decides = False
    inf = settled = math.inf

    def __init__(self, first: int = 0) -> None:
        self.span: tuple[int, int] | None = None  #: the place that new nodes have
        self._ids = count(first)
        self._merging = 0  # how deep in each other
        self._nodes: dict[tuple[Operation, tuple[Input, ...]], Node] = {}
        self._values: dict[Input, Exact | None] = {}
        self.one, self.pi = Symbol(self, "1"), Symbol(self, "pi")
        self.nan = Symbol(self, None)

    def __getattr__(self, name: str) -> Callable[..., Symbol]:
        if name not in OPERATIONS:
            raise AttributeError(f"symbols have no {name}")
        return lambda *x: self.call(name, *x)

    def number(self, literal: Input) -> Symbol:
        """The symbol of a literal."""
        return Symbol(self, literal)

    def isfinite(self, x: Any) -> bool:
        """Whether x exists."""
        return self.given(x) is not None

    # ---- What rules ask for ----------------------------------------------------------

    def call(self, name: str, *x: Any) -> Symbol:
        """The symbol of an operation that is applied to x."""
        given = [self.given(part) for part in x]
        if None in given:
            return self.nan
        simple = _SIMPLER.get(name)
        result = simple(self, *given) if simple else None
        if result is None:
            result = self.node(OPERATIONS[name], given)
        return Symbol(self, result)

    def compare(self, name: str, a: Any, b: Any) -> Any:
        """A condition: a symbol, or whether it holds, as far as that is known."""
        if type(b) is float:  # infinite, and a number is within
            return a.given is not None and COMPARISONS[name](0, b)
        a, b = self.given(a), self.given(b)
        if a is None or b is None:
            return name == "ne"
        if a is b:
            return COMPARISONS[name](0, 0)
        p, q = self._size(a), self._size(b)
        if p is not None and q is not None:
            return COMPARISONS[name](p, q)
        return Symbol(self, self.node(OPERATIONS[name], (a, b)))

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        """a where the condition holds, else b; None, no derivative, is 0."""
        if isinstance(condition, bool):
            return a if condition else b
        a, b = (0 if x is None else x for x in (a, b))
        if a is True:
            return b if b is True else self._condition(OR, condition, b)
        if a is False:
            return (
                b
                if b is False
                else self._condition(AND, self.call("not", condition), b)
            )
        if b is False:
            return a if a is False else self._condition(AND, condition, a)
        given = [self.given(x) for x in (condition, a, b)]
        if None in given:
            return self.nan
        return Symbol(self, self._choice(*given))

    def _condition(self, operation: Operation, a: Any, b: Any) -> Symbol:
        if isinstance(b, bool):  # which would have made no difference
            return a
        return Symbol(self, self.node(operation, (a.given, b.given)))

    def pow(self, x: Any, n: Any) -> Symbol:
        """x^n."""
        base, exponent = self.given(x), self.given(n)
        if base is None or exponent is None:
            return self.nan
        value, whole = self._value(base), self._value(exponent)
        if whole in (0, 1):
            return self._symbol(x if whole else 1)
        if whole == -1:
            return 1 / self._symbol(x)
        if whole is not None and value and whole.denominator == 1 and -50 < whole < 50:
            power = self._constant(Fraction(value) ** int(whole), base)
            if power is not None:
                return Symbol(self, power)
        operation = raising(exponent)
        inputs = (base,) if operation.name == "square" else (base, exponent)
        return Symbol(self, self.node(operation, inputs))

    def quotient(self, a: Any, b: Any, c: Any) -> Symbol:
        """a/b/c: so that nothing of it overflows sooner than it does."""
        a, b, c = map(self._symbol, (a, b, c))
        return a / b / c if b.given is c.given else a / (b * c)

    def exponent_slope(self, x: Any, y: Any) -> Any:
        """The derivative of x^y in y: to the right of x = 0 it is 0."""
        return self.where(x == 0, 0, self.pow(x, y) * self.ln(x))

    def cosine(self, x: Any, y: Any) -> Any:
        """The cosine of the angle of (x, y); 0 at the origin."""
        r = self.hypot(x, y)
        return self.where(r == 0, 0, x / r)

    def reciprocal(self, x: Any, y: Any) -> Symbol:
        """The real part of 1/(x + iy), whose square may underflow."""
        if self._value(self.given(x)) == 1:
            return 1 / (1 + y * y)
        r = self.hypot(x, y)
        return x / r / r

    def shares(self, y: Any, x: Sequence[Any]) -> tuple[Any, ...]:
        """Equal parts of 1 for the operands that are y."""
        if len(x) > 2:
            return super().shares(y, x)
        a, b = x
        both = self.one / 2
        return tuple(
            self.where(a == b, both, self.where(part == y, 1, 0)) for part in x
        )

    # ---- Nodes -----------------------------------------------------------------------

    def node(self, operation: Operation, inputs: Sequence[Any]) -> Node:
        """The node that applies an operation to inputs, which may exist already."""
        key = operation, tuple(inputs)
        node = self._nodes.get(key)
        if node is None and operation.name in COMMUTATIVE:
            node = self._nodes.get((operation, key[1][::-1]))
        if node is None:
            node = Node(operation, key[1], id=next(self._ids), span=self.span)
            self._nodes[key] = node
        return node

    def keep(self, node: Node, inputs: Sequence[Any]) -> Symbol:
        """The symbol of a node of the formula itself, or of an equal one before it."""
        if node.operation is NEG and (negated := self._negated(inputs[0])):
            return negated[0]
        key = node.operation, tuple(inputs)
        if key not in self._nodes:
            if key[1] != node.inputs:
                node = Node(
                    node.operation, key[1], id=node.id, name=node.name, span=node.span
                )
            self._nodes[key] = node
        return Symbol(self, self._nodes[key])

    def _symbol(self, x: Any) -> Symbol:
        return x if isinstance(x, Symbol) else Symbol(self, self.given(x))

    def given(self, x: Any) -> Any:
        """The input of a node that a symbol or a number stands for."""
        if isinstance(x, Symbol):
            return x.given
        if isinstance(x, int) and not isinstance(x, bool):
            return str(x) if x >= 0 else self.node(NEG, (str(-x),))
        return x

    # ---- Constants -------------------------------------------------------------------

    def _size(self, given: Any) -> Any:
        """The number of a constant, None if it is none; exact but of pi, tau and e."""
        return CONSTANTS.get(given) or self._value(given)

    def _value(self, given: Any) -> Exact | None:
        """The exact number of a constant that is short enough to calculate with."""
        try:
            return self._values[given]
        except KeyError:
            pass
        value = self._value_of(given) if isinstance(given, Node) else _exact(given)
        self._values[given] = value
        return value

    def _value_of(self, node: Node) -> Exact | None:
        """The number of -a or a/b, where a and b are literals."""
        if node.operation is NEG:
            value = self._value(node.inputs[0])
            return None if value is None else -value
        if node.operation is DIV and not any(isinstance(i, Node) for i in node.inputs):
            a, b = map(self._value, node.inputs)
            return Fraction(a) / b if a is not None and b else None
        return None

    def _constant(self, value: Exact, *sources: Any) -> Any:
        """The input that stands for a number, or None if it is too long.

        It is a decimal if one of its sources is, and else a fraction.
        """
        a, b = abs(value.numerator), value.denominator
        if max(a, b) >= 10**DIGITS:
            return None
        given: Any = str(a)
        if b > 1:
            text = format(a / b, f".{DIGITS}g")
            decimal = any(isinstance(s, str) and not s.isdigit() for s in sources)
            if decimal and "e" not in text and Fraction(text) == abs(value):
                given = text
            else:
                given = self.node(DIV, (given, str(b)))
        return self.node(NEG, (given,)) if value < 0 else given

    def _folded(self, calculate: Callable[..., Exact], *given: Any) -> Any:
        """What constants give, or None."""
        values = [self._value(part) for part in given]
        if None in values:
            return None
        leaves = [i for part in given for i in getattr(part, "inputs", [part])]
        return self._constant(calculate(*values), *leaves)

    # ---- What is simpler -------------------------------------------------------------

    def _plus(self, a: Any, b: Any) -> Any:
        p, q = self._value(a), self._value(b)
        if p == 0 or q == 0:
            return b if p == 0 else a
        if (alike := self._alike(lambda a, b: a + b, a, b)) is not None:
            return alike
        if negated := self._negated(b):
            return self.call("sub", Symbol(self, a), *negated).given
        if negated := self._negated(a):
            return self.call("sub", Symbol(self, b), *negated).given
        if (merged := self._both(lambda a, b: a + b, a, b)) is not None:
            return merged
        if isinstance(b, Node) and b.operation is ADD:
            first, rest = b.inputs
            for merge in (self._alike, self._both):
                if (merged := merge(lambda a, b: a + b, a, first)) is not None:
                    return self.node(ADD, (merged, rest))
        return None

    def _alike(self, calculate: Callable[..., Exact], a: Any, b: Any) -> Any:
        """The sum or difference of multiples of the same, or of constants."""
        (c, u), (d, v) = self._factors(a), self._factors(b)
        if u is not v:
            return None
        factor = self._folded(calculate, c, d)
        if factor is None or u is None:
            return factor
        return self.call("mul", Symbol(self, factor), Symbol(self, u)).given

    def _minus(self, a: Any, b: Any) -> Any:
        p, q = self._value(a), self._value(b)
        if q == 0:
            return a
        if p == 0:
            return self.call("neg", Symbol(self, b)).given
        if (alike := self._alike(lambda a, b: a - b, a, b)) is not None:
            return alike
        if negated := self._negated(b):
            return self.call("add", Symbol(self, a), *negated).given
        return self._both(lambda a, b: a - b, a, b)

    def _times(self, a: Any, b: Any) -> Any:
        p, q = self._value(a), self._value(b)
        if p == 0 or q == 0:
            return "0"
        if p == 1 or q == 1:
            return b if p == 1 else a
        folded = self._folded(lambda a, b: a * b, a, b)
        if folded is not None:
            return folded
        if a is b:
            return self.call("square", Symbol(self, a)).given
        x, y = Symbol(self, a), Symbol(self, b)
        if negated := self._negated(a):
            return (-(negated[0] * y)).given
        if negated := self._negated(b):
            return (-(x * negated[0])).given
        inside = self._within(a, lambda u: u * y) or self._within(b, lambda u: x * u)
        if inside:
            return inside
        for factor, other in ((b, x), (a, y)):
            if _is_quotient(factor):
                top, bottom = factor.inputs
                if self._value(top) == 1 and self._value(factor) is None:
                    return (other / Symbol(self, bottom)).given
        return self._constants_first(a, b)

    def _constants_first(self, a: Any, b: Any) -> Any:
        """A product in which constants have become one, at the left."""
        (c, u), (d, v) = self._factors(a), self._factors(b)
        factor = self._folded(lambda a, b: a * b, c, d)
        if factor is None or (d == "1" and u is not None):
            return None
        if u is None or v is None:
            return v if factor == "1" else self._multiple(factor, u or v)
        return self.node(MUL, (self._multiple(factor, u), v))

    def _multiple(self, factor: Any, given: Any) -> Any:
        """A constant times something, of a quotient into what is above its line."""
        if _is_quotient(given):
            top, bottom = given.inputs
            if self._value(top.inputs[0] if _is_quotient(top) else top) is not None:
                multiple = Symbol(self, factor) * Symbol(self, top)
                return (multiple / Symbol(self, bottom)).given
            reduced = self._reduced(self.node(MUL, (factor, top)), bottom)
            if reduced is not None:
                return reduced
        return given if factor == "1" else self.node(MUL, (factor, given))

    def _factors(self, given: Any) -> tuple[Any, Any]:
        """A constant factor, and the other one, if any."""
        if self._value(given) is not None:
            return given, None
        if isinstance(given, Node) and given.operation is MUL:
            for k, factor in enumerate(given.inputs):
                if self._value(factor) is not None:
                    return factor, given.inputs[1 - k]
        return "1", given

    def _over(self, a: Any, b: Any) -> Any:
        p, q = self._value(a), self._value(b)
        if q == 1:
            return a
        if p == 0:
            return "0"
        if p is not None and q:
            return self._folded(lambda a, b: Fraction(a) / b, a, b)
        x, y = Symbol(self, a), Symbol(self, b)
        if negated := self._negated(a):
            return (-(negated[0] / y)).given
        if negated := self._negated(b):
            return (-(x / negated[0])).given
        if (inside := self._within(a, lambda u: u / y)) is not None:
            return inside
        return self._reduced(a, b)

    def _reduced(self, a: Any, b: Any) -> Any:
        """A quotient whose constant factors have become smaller, or None."""
        (c, u), (d, v) = self._factors(a), self._factors(b)
        p, q = self._value(c), self._value(d)
        if not (p and q and p.denominator == q.denominator == 1):
            return None
        factor = Fraction(p) / q
        if factor.denominator == abs(q):
            return None
        top, bottom = (
            Symbol(self, str(constant)) * Symbol(self, rest or "1")
            for constant, rest in ((factor.numerator, u), (factor.denominator, v))
        )
        return (top / bottom).given

    def _minus_of(self, a: Any) -> Any:
        if (value := self._value(a)) is not None:
            return self._constant(-value, *getattr(a, "inputs", [a]))
        if negated := self._negated(a):
            return negated[0].given
        if isinstance(a, Node) and a.operation.name == "sub":
            x, y = a.inputs
            return (Symbol(self, y) - Symbol(self, x)).given
        return self._within(a, lambda u: -u)

    def _ln(self, a: Any) -> Any:
        return {"1": "0", "e": "1"}.get(a) if isinstance(a, str) else None

    def _negated(self, given: Any) -> list[Symbol]:
        """Of -x the x."""
        if isinstance(given, Node) and given.operation is NEG:
            return [Symbol(self, given.inputs[0])]
        return []

    def _choice(self, condition: Any, a: Any, b: Any) -> Any:
        """The input of an ``if``."""
        if a is b or (self._value(a) is not None and self._value(a) == self._value(b)):
            return a
        if isinstance(condition, Node) and condition.operation is NOT:
            condition, a, b = condition.inputs[0], b, a
        for k, part in enumerate((a, b)):
            other = (b, a)[k]
            if self._depth(part) >= DEEPEST and self._value(other) == 0:
                if k == 1:
                    condition = self.node(NOT, (condition,))
                inner, c, d = part.inputs
                if self._value(c) == 0:
                    inner, c = self.node(NOT, (inner,)), d
                return self.node(IF, (self.node(AND, (condition, inner)), c, "0"))
        return self.node(IF, (condition, a, b))

    def _sides(self, given: Any) -> tuple[Any, Any, Any] | None:
        """Of an ``if`` that has 0 on one side the inputs."""
        if isinstance(given, Node) and given.operation is IF:
            condition, a, b = given.inputs
            if self._value(a) == 0 or self._value(b) == 0:
                return condition, a, b
        return None

    def _depth(self, given: Any) -> int:
        """How many of these stand in each other, counted to one beyond DEEPEST."""
        depth = 0
        while depth <= DEEPEST and (sides := self._sides(given)):
            _, a, b = sides
            given = b if self._value(a) == 0 else a
            depth += 1
        return depth

    def _within(self, given: Any, function: Callable[[Symbol], Symbol]) -> Any:
        """A function of an ``if`` with 0 on one side, which is taken on the other."""
        if (sides := self._sides(given)) is None or self._depth(given) > DEEPEST:
            return None
        condition, a, b = sides
        a, b = (
            part if self._value(part) == 0 else function(Symbol(self, part)).given
            for part in (a, b)
        )
        return self._choice(condition, a, b)

    def _both(
        self, function: Callable[[Symbol, Symbol], Symbol], a: Any, b: Any
    ) -> Any:
        """A function of two ``if`` with the same condition: it goes into them."""
        parts = a, b
        if not all(isinstance(part, Node) and part.operation is IF for part in parts):
            return None
        (condition, *one), (other, *two) = a.inputs, b.inputs
        if condition is not other or self._merging > DEEPEST:
            return None
        self._merging += 1
        c, d = (
            function(Symbol(self, u), Symbol(self, v)).given
            for u, v in zip(one, two, strict=True)
        )
        self._merging -= 1
        return self._choice(condition, c, d)


#: What is tried before a node is built.
_SIMPLER: dict[str, Callable[..., Any]] = {
    "add": Symbols._plus,
    "sub": Symbols._minus,
    "mul": Symbols._times,
    "div": Symbols._over,
    "neg": Symbols._minus_of,
    "ln": Symbols._ln,
}


def _is_quotient(given: Any) -> bool:
    return isinstance(given, Node) and given.operation is DIV


def _exact(given: Any) -> Exact | None:
    """The number that a literal is, unless it is long."""
    if isinstance(given, float) and not given.is_integer():
        return None
    text = str(given)
    if given in CONSTANTS or len(text) > 2 * DIGITS:
        return None
    exponent = text.lower().partition("e")[2]
    if exponent and (len(exponent) > 4 or abs(int(exponent)) > EXPONENT):
        return None
    return int(text) if text.isdecimal() else Fraction(text)
