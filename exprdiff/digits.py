"""Values and derivatives to as many digits as are asked for, all of them certain.

A formula is run in balls, with more and more bits, until whatever the true numbers are,
they are rounded to the same digits. Where that does not come about, the numbers are
given as ``midpoint ± radius``, and the nodes that are the reason are named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias, TypeVar

from . import messages
from .errors import DomainError, ExprdiffError, UsageError, by_name, shorten
from .executor import Executor
from .expression import Expression, constant_formula, unreadable
from .graph import Node
from .operations import Eq, Ge, Gt, Le, Lt, Ne
from .render import library
from .trace import Point

try:
    from flint import arb, ctx, fmpq, fmpz

    from .numbers.balls import HALF, Ball, Balls, Undecided
except ImportError:
    library("flint", "exact")  # which tells what to do about it
    raise

#: Bits are doubled up to so many for each digit, within these bounds, and no further
#: than to so many for all nodes together.
BITS_A_DIGIT, LEAST, MOST, WORK = 64, 2**14, 2**20, 2**29

#: The exponents of an exact number that is written without one.
PLAIN = range(-4, 21)

COMPARISONS = Lt, Le, Gt, Ge, Eq, Ne

#: Where a number of a node comes from: another node, the factor, and whose that is.
Flow: TypeAlias = tuple[Node, Any, Node]

T = TypeVar("T")


class Number(str):
    """A number as text.

    Args:
        text: its digits, or ``midpoint ± radius``.
        certain: whether all digits are.
    """

    certain: bool

    def __new__(cls, text: str, certain: bool = True) -> Number:  # noqa: D102
        number = super().__new__(cls, text)
        number.certain = certain
        return number


class Certified(Point):
    """What a formula has at one point: a point with a Number for each number.

    Args:
        point: it.
        bits: the working precision.
        problems: for each number that is not certain, which node is the reason.
    """

    def __init__(self, point: Point, bits: int, problems: list[DomainError]) -> None:
        super().__init__(point.inputs, point.values, point.jacobian, point.notes)
        self.direction, self.derivatives = point.direction, point.derivatives
        self.bits = bits
        self.problems = problems

    @property
    def certain(self) -> bool:
        """Whether all digits that were asked for are."""
        return not self.problems


def certify(
    formula: Expression,
    values: Mapping[str, Any],
    digits: int,
    wrt: Collection[str] | None = None,
    direction: Mapping[str, Any] | None = None,
) -> Certified:
    """Values and derivatives, correctly rounded to so many significant digits.

    Args:
        formula: any.
        values: for each variable the text of a constant expression, or a number.
        digits: how many; exact numbers that are shorter have no more than they need.
        wrt: the names of the variables whose derivatives are asked for; by default all.
        direction: or, for forward mode, its components by name, given as the values.

    Raises:
        UsageError: a value cannot be read; and as Expression.evaluate.
        DomainError: the formula is undefined, or may be and no bits tell.
        RangeError: a number on the way is too large.
    """
    formula, values = _point(formula, values)
    most = min(max(BITS_A_DIGIT * digits, LEAST), MOST, WORK // formula.graph.size)
    if direction is not None:
        direction = by_name(direction)
        wrt = formula.check_wrt(direction)
        direction = {name: _formula(name, x) for name, x in direction.items()}
    asked = None if wrt is None else formula.check_wrt(wrt)
    bits = 64 + math.ceil(digits * math.log2(10))
    while True:
        numbers, last = Balls(bits), 2 * bits > most
        with numbers.working():
            try:
                run = _executor(formula, values, numbers, asked, direction)
                run.forward()
                return run.result(digits, last)
            except _Open:
                if last:
                    raise
        bits *= 2


def enclosure(
    formula: Expression, values: Mapping[str, Any], bits: int
) -> tuple[Ball, ...]:
    """The values of a formula, calculated with so many bits.

    Args:
        formula: any.
        values: as those of ``certify``.
        bits: the working precision.

    Raises as ``certify``, even if more bits might tell.
    """
    formula, values = _point(formula, values)
    numbers = Balls(bits)
    with numbers.working():
        return _executor(formula, values, numbers).forward()


def decimal(x: Ball, digits: int) -> str | None:
    """The number correctly rounded to so many digits, or None if they are not certain.

    Of two numbers that are equally near it is the even one. An exact number has no
    zeros at the end.
    """
    if not x:
        return "0"
    size: Any = abs(x.arb if x.exact is None else x.exact)
    ten = arb(10) if x.exact is None else fmpq(10)
    with ctx.workprec(ctx.prec + 64):
        if not size > 0:
            return None
        decades = float(abs(x.arb.mid()).log() / arb(10).log())
        if math.isinf(decades):  # of 0, or of what is not to be told from it
            return None
        guess = math.floor(decades)
        for exponent in (guess + 1, guess, guess - 1):
            scaled = size * ten ** (digits - 1 - exponent)
            if scaled >= fmpz(10) ** (digits - 1):
                break
        else:
            return None
        if isinstance(scaled, arb) and scaled.is_exact():
            scaled = scaled.fmpq()
        exact = isinstance(scaled, fmpq)
        whole = round(scaled) if exact else (scaled + HALF).floor().unique_fmpz()
    if whole is None:
        return None
    text = whole.str()
    exponent += len(text) - digits  # which is 1 more than guessed for 9.99...
    exact = exact and scaled == whole
    text = text.rstrip("0") if exact else text[:digits]
    sign, length = "-" if x < 0 else "", len(text)
    if not PLAIN.start <= exponent < max(length, PLAIN.stop * exact):
        return f"{sign}{text[0]}{'.' * (length > 1)}{text[1:]}e{exponent:+03d}"
    text = "0" * -exponent + text.ljust(exponent + 1, "0")
    point = max(exponent, 0) + 1
    return f"{sign}{text[:point]}{'.' * (len(text) > point)}{text[point:]}"


class _Open(DomainError):
    """Something is not certain, and may be with more bits."""


def _point(
    formula: Expression, values: Mapping[str, Any]
) -> tuple[Expression, dict[str, Any]]:
    """The formula, and its values as numbers and formulas."""
    values = by_name(values)
    formula = formula.taking(values)
    formula.check(values)
    return formula, {name: _formula(name, x) for name, x in values.items()}


def _formula(name: str, x: Any) -> Any:
    """What a value's text says; other numbers as they are."""
    try:
        return constant_formula(x) if isinstance(x, str) else x
    except ExprdiffError as error:
        raise unreadable(name, error) from None


def _executor(
    formula: Expression,
    values: Mapping[str, Any],
    numbers: Balls,
    wrt: Collection[str] | None = (),
    direction: Mapping[str, Any] | None = None,
) -> _Executor:
    """What runs a formula, with the numbers of its variables."""

    def read(name: str, x: Any) -> Ball:
        try:
            if not isinstance(x, Expression):
                return numbers.number(x)
            y = _executor(x, {}, numbers).forward()[0]
        except _Open as error:
            error.message = unreadable(name, error).message
            raise
        except ExprdiffError as error:
            raise unreadable(name, error) from None
        except (AttributeError, ArithmeticError, ValueError):
            raise unreadable(name, UsageError("not a number")) from None
        return y

    graph = formula.graph
    return _Executor(
        *graph.outputs,
        numbers=numbers,
        variables=graph.variables,
        values={name: read(name, x) for name, x in values.items()},
        text=formula.text,
        wrt=wrt,
        order=graph.order,
        direction={name: read(name, x) for name, x in (direction or {}).items()},
    )


class _Executor(Executor):
    """An executor in balls, which knows at which node it is."""

    at: Node

    def _begin(self) -> None:
        super()._begin()
        self._using: dict[Any, dict[Node, None]] = {}

    def forward(self) -> tuple[Any, ...]:
        try:
            return super().forward()
        except Undecided:
            raise self._open() from None

    def _calculate_all(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self.at = node
            self.primals[node] = self._calculated(node)

    def _reversed(self, output: Node) -> Iterator[Node]:
        for node in super()._reversed(output):
            self.at = node
            yield node

    def partials(self, node: Node) -> tuple[Any, ...]:
        self.at = node
        return super().partials(node)

    def is_at(self, node: Node, edge: str) -> bool:
        try:
            return super().is_at(node, edge)
        except Undecided:
            return False

    def _open(self) -> _Open:
        """The error that it is not certain whether the present node has a value."""
        node, operands = self.at, self.operands(self.at)
        operation = node.operation
        message = f"with {self.numbers.bits} bits it is not certain whether "
        if isinstance(operation, COMPARISONS):
            a, b = operands
            message += f"{self._text(node)}: the difference is {(a - b).within(15)}"
        else:
            message += f"{messages.call(node, operands)} is defined"
            if operation.domain:
                message += f": {operation.signature} needs {operation.domain}"
            message += messages.where(self, node, operands, "but", named=True)
        return _Open(message, self.text, node.span)

    def result(self, digits: int, last: bool) -> Certified:
        """What all is, after ``forward``, to so many digits.

        Raises:
            _Open: some number is not certain, and this is not the last try.
        """
        self.digits = digits
        problems: list[DomainError] = []

        def number(what: str, x: Any, reason: Callable[[], tuple[Node, str]]) -> Number:
            if x is not None and not isinstance(x, Ball):
                return Number(x)
            if x is not None and (text := decimal(x, digits)) is not None:
                return Number(text)
            if not last:
                raise _Open("more bits are needed")
            node, why = reason()
            message = f"{what} is not certain to {digits} digits: {why}"
            problems.append(DomainError(message, self.text, node.span))
            return Number("0 ± inf" if x is None else x.within(digits), certain=False)

        def given(numbers: Mapping[str, Ball]) -> dict[str, Any]:
            return {
                name: Number(decimal(x, digits) or x.within(digits))
                for name, x in numbers.items()
            }

        several = len(self.outputs) > 1
        of = [f" of f{k}" * several for k, _ in enumerate(self.outputs, 1)]
        values = []
        for k, f in enumerate(self.outputs):
            reason = partial(self._reason, f, self.primals, self._inputs_of)
            values.append(number(f"the value{of[k]}", self.primals[f], reason))
        point = Point(given(self._inputs()), tuple(values), [{} for _ in values], [])
        if self.direction:
            point.direction = given(self.direction)
            tangents = self._sweep(self.tangents)
            for k, f in enumerate(self.outputs):
                x = None if tangents is None else self._adjoint(f, tangents)
                reason = partial(self._reason, f, tangents, self._sources)
                name = f"the derivative{of[k]}"
                point.derivatives.append(number(name, x, reason))
        else:
            for k, f in enumerate(self.outputs if self._asked else ()):
                adjoints = self._sweep(partial(self.reverse, f, all=last))
                for node in self._asked:
                    x = None if adjoints is None else self._adjoint(node, adjoints)
                    reason = partial(self._reason, node, adjoints, self._users)
                    name = f"the derivative{of[k]} in {node.name}"
                    point.jacobian[k][str(node.name)] = number(name, x, reason)
        with suppress(Undecided):
            point.notes = self.notes()
        return Certified(point, self.numbers.bits, problems)

    def _sweep(self, sweep: Callable[[], T]) -> T | None:
        """What a sweep gives, if need be without looking for kinks; or None."""
        for decides in (True, False):
            self.numbers.decides = decides
            try:
                return sweep()
            except Undecided:
                pass
            finally:
                self.numbers.decides = True
        return None

    def _reason(
        self,
        node: Node,
        numbers: Mapping[Any, Any] | None,
        flows: Callable[[Mapping[Any, Any], Node], Iterator[Flow]],
    ) -> tuple[Node, str]:
        """The node in which the digits of a node's number are lost, and how.

        It is found by following what is not certain up to where everything else is.
        """
        if numbers is None:
            return self.at, f"the derivative of {self._text(self.at)} may not exist"
        what = "" if numbers is self.primals else "the derivative in "
        if self.direction and what:
            what = "the derivative of "
        x = numbers[node]
        while True:
            lost = []
            for flow in flows(numbers, node):
                term = numbers[flow[0]] * flow[1]
                if self._lost(term):
                    lost.append((term.arb.rad(), *flow))
            if not lost:
                break
            _, source, factor, owner = max(lost, key=lambda flow: flow[0])
            if not self._lost(numbers[source]):
                node, x, what = owner, factor, "the slope of "
                break
            node, x = source, numbers[source]
        what += self._text(node)
        if not self._lost(x):
            ends = f"two numbers of {self.digits} digits"
            return node, f"{what} may be halfway between {ends}"
        why = f"{what} is {x.within(15)}"
        for edge in ("kink", "jump"):
            try:
                super().is_at(node, edge)
            except Undecided:
                return node, f"{why}, since it may be at a {edge}"
        may_be_0 = isinstance(x == 0, Undecided)
        return node, f"{why}, which may be 0" if may_be_0 else why

    def _lost(self, x: Any) -> bool:
        return isinstance(x, Ball) and x.accuracy() < self.digits * math.log2(10)

    def _inputs_of(self, numbers: Mapping[Any, Any], node: Node) -> Iterator[Flow]:
        chosen = self._chosen.get(node)
        for k, source in enumerate(node.inputs):
            if isinstance(source, Node) and chosen in (None, k):
                yield source, 1, node

    def _sources(self, numbers: Mapping[Any, Any], node: Node) -> Iterator[Flow]:
        for _, source, factor in self._flows(node, numbers):
            assert isinstance(source, Node)
            yield source, factor, node

    def _users(self, numbers: Mapping[Any, Any], node: Node) -> Iterator[Flow]:
        if not self._using:
            for user in self.topo_list:
                for source in user.inputs:
                    self._using.setdefault(source, {})[user] = None
        for user in self._using.get(node, ()):
            if user in numbers:
                for _, _, factor in self._flows(user, {node: 1}):
                    yield user, factor, user

    def _text(self, node: Node) -> str:
        """The part of the expression that node stands for."""
        if self.text is None or node.span is None:
            return f"node {node.id}"
        return shorten(" ".join(self.text[slice(*node.span)].split()))
