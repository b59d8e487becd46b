"""Balls: numbers of which a midpoint and a radius are known, in Arb's arithmetic.

Whatever is calculated encloses the true number. Fractions are kept beside it as long as
they stay small, and with them whatever is decided is decided exactly. Of a condition
that the bounds leave open the truth is ``Undecided``; with more bits it may be known.

The system is to be used ``with m.working()``, since Arb's precision is a global one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, TypeAlias

from flint import arb, ctx, fmpq, fmpz

from .textbook import Textbook

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from fractions import Fraction

#: The most bits of numerator and denominator in a fraction.
EXACT = 10_000

#: No number is beyond 10^DECADES, and no literal beyond it on either side.
DECADES = 10**9
LARGEST = arb(2) ** int(DECADES * math.log2(10))
LN_LARGEST = int(DECADES * math.log(10))

#: What is smaller is only known to be so: exponents are to have few digits themselves.
SMALLEST = arb(2) ** -(2**40)

HALF = fmpq(1, 2)

#: A number as texts have it.
LITERAL = re.compile(r"(?=\.?[0-9])([0-9]*)\.?([0-9]*)(?:[eE]([-+]?[0-9]+))?")


class Undecided(Exception):
    """What the balls do not tell: as a condition, it is raised where that matters."""

    def __bool__(self) -> bool:
        raise self


def _comparison(holds: Callable[[int], bool]) -> Any:
    def method(self: Ball, other: object) -> Any:
        if not isinstance(other, Ball | int | float):
            return NotImplemented
        order = _compare(self, other)
        return order if isinstance(order, Undecided) else holds(order)

    return method


class Ball:
    """A real number that is somewhere in an enclosure.

    Infinite derivatives, and those that do not exist, are floats instead.

    Args:
        enclosure: midpoint ± radius; without one it is made from the fraction.
        exact: the number itself, if it is known.
    """

    __slots__ = ("_arb", "exact")

    def __init__(self, enclosure: arb | None, exact: fmpq | None = None) -> None:
        self._arb = enclosure
        self.exact = exact

    @property
    def arb(self) -> arb:
        """The enclosure."""
        if self._arb is None:
            assert self.exact is not None
            self._arb = arb(self.exact)
        return self._arb

    def accuracy(self) -> float:
        """How many of its bits are known."""
        return math.inf if self.exact is not None else self.arb.rel_accuracy_bits()

    def bounds(self) -> tuple[Fraction, Fraction]:
        """The fractions between which it is, themselves included.

        Raises:
            OverflowError: they would have millions of digits.
        """
        from fractions import Fraction

        if self.exact is not None:
            return (Fraction(int(self.exact.p), int(self.exact.q)),) * 2
        parts = []
        for part in (self.arb.mid(), self.arb.rad()):
            mantissa, exponent = part.man_exp()
            if abs(exponent) > 100 * EXACT:
                raise OverflowError("too long for a fraction")
            parts.append(int(mantissa) * Fraction(2) ** int(exponent))
        middle, radius = parts
        return middle - radius, middle + radius

    def within(self, digits: int) -> str:
        """``midpoint ± radius``, with no more than so many digits."""
        known = int(max(self.arb.rel_accuracy_bits(), 0) * math.log10(2))
        text = self.arb.str(min(digits, known + 3), more=True).strip("[]")
        middle, _, radius = text.rpartition("+/-")
        return f"{_trimmed(middle.strip()) or 0} ± {radius.strip()}"

    def __str__(self) -> str:
        if self.accuracy() < 53:
            return self.within(15)
        return _trimmed(self.arb.str(15, radius=False))

    def __bool__(self) -> bool:
        """False for 0 itself only, so that ``x or 0`` is as good as x."""
        return self.exact is None or self.exact != 0

    def __hash__(self) -> int:
        return id(self) if self.exact is None else hash(self.exact)

    __eq__ = _comparison(lambda order: order == 0)
    __ne__ = _comparison(lambda order: order != 0)
    __lt__ = _comparison(lambda order: order < 0)
    __le__ = _comparison(lambda order: order <= 0)
    __gt__ = _comparison(lambda order: order > 0)
    __ge__ = _comparison(lambda order: order >= 0)

    def __neg__(self) -> Ball:
        return Ball(-self.arb) if self.exact is None else Ball(None, -self.exact)

    def __abs__(self) -> Ball:
        return (
            Ball(abs(self.arb)) if self.exact is None else Ball(None, abs(self.exact))
        )

    def __add__(self, other: Any) -> Any:
        if isinstance(other, float):
            return other
        other = _lift(other)
        if self.exact is not None and other.exact is not None:
            return _ball(self.exact + other.exact)
        return _ball(self.arb + other.arb)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return ZERO if self is other else self + -other

    def __rsub__(self, other: Any) -> Any:
        return other + -self

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, float):
            order = _compare(self, 0)
            if isinstance(order, Undecided):
                raise order
            return other * order
        other = _lift(other)
        if self.exact is not None and other.exact is not None:
            return _ball(self.exact * other.exact)
        return _ball(self.arb * other.arb)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Ball:
        other = _lift(other)
        if not other:
            raise ZeroDivisionError("division by zero")
        if self.exact is not None and other.exact is not None:
            return _ball(self.exact / other.exact)
        return _ball(self.arb / other.arb)

    def __rtruediv__(self, other: int) -> Ball:
        return _lift(other) / self

    def __pow__(self, other: Any) -> Ball:
        return _power(self, _lift(other))

    def __floordiv__(self, other: Any) -> Ball:
        return FUNCTIONS["floor"](self / other)

    def __mod__(self, other: Any) -> Any:
        return self - other * (self // other)


ZERO, ONE = Ball(None, fmpq(0)), Ball(None, fmpq(1))

#: What rules calculate with besides balls, and what comparisons tell.
Given: TypeAlias = Ball | int
Truth: TypeAlias = bool | Undecided
Function: TypeAlias = Callable[..., Ball]


def _ball(x: arb | fmpq) -> Ball:
    """The ball of an enclosure or of a fraction.

    Raises:
        Undecided: the enclosure has no end.
    """
    if isinstance(x, fmpq):
        return Ball(None, x) if x.height_bits() <= EXACT else Ball(arb(x))
    if not x.is_finite():
        raise Undecided
    if x.is_exact():
        mantissa, exponent = x.man_exp()
        if mantissa.bit_length() + abs(exponent) <= EXACT:
            return Ball(x, x.fmpq())
    return Ball(x)


def _lift(x: Any) -> Ball:
    return x if isinstance(x, Ball) else Ball(None, fmpq(x))


def _trimmed(text: str) -> str:
    """A number's text without zeros at its end."""
    mantissa, e, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + e + exponent


def _compare(a: Ball, b: Given | float) -> int | Undecided:
    """-1, 0 or 1, as a is less, equal or greater; what is too large equals infinity."""
    if a is b:
        return 0
    if isinstance(b, float):
        side = 1 if b > 0 else -1
        return 0 if a.arb * side > LARGEST else -side
    b = _lift(b)
    if a.exact is not None and b.exact is not None:
        return (a.exact > b.exact) - (a.exact < b.exact)
    if a.arb < b.arb:
        return -1
    if a.arb > b.arb:
        return 1
    return 0 if a.arb == b.arb else Undecided()


def _extreme(side: int, *x: Given) -> Ball:
    """The largest or smallest: where that is decided, the operand itself."""

    def further(a: Ball, b: Ball) -> Ball:
        order = _compare(a, b)
        if isinstance(order, Undecided):
            return _ball(a.arb.max(b.arb) if side > 0 else a.arb.min(b.arb))
        return b if order * side < 0 else a

    return reduce(further, map(_lift, x))


def _hull(a: Ball, b: Ball) -> Ball:
    """A ball around two."""
    return a if (a == b) is True else _ball(a.arb.union(b.arb))


def _rising(x: Ball, low: Callable[[arb], arb], high: Callable[[arb], arb]) -> Ball:
    """A rising function, of which low is a lower bound and high an upper one."""
    return _hull(_ball(low(x.arb.lower())), _ball(high(x.arb.upper())))


def _function(
    call: Callable[[arb], arb],
    domain: Callable[[Ball], Truth] = lambda x: True,
    beyond: Callable[[Ball], Truth] = lambda x: False,
) -> Function:
    """A function that Arb has, with where it is defined and where it is too large."""

    def function(x: Given) -> Ball:
        x = _lift(x)
        if not domain(x):
            raise ValueError("outside of the domain")
        if beyond(x) is True:
            raise OverflowError("beyond the largest number")
        return _ball(call(x.arb))

    return function


def _rounding(
    exact: Callable[[fmpq], fmpz],
    low: Callable[[arb], arb],
    high: Callable[[arb], arb],
) -> Function:
    def function(x: Given) -> Ball:
        x = _lift(x)
        if x.exact is not None:
            return _ball(fmpq(exact(x.exact)))
        return _rising(x, low, high)

    return function


def _truncate(x: arb) -> arb:
    return x.floor() if x > 0 else x.ceil()


def _positive(x: Ball) -> bool:
    """Whether its middle is above 0, for a choice of formulas that are all valid."""
    return x.arb.mid() > 0


def _sqrt(x: Given) -> Ball:
    x = _lift(x)
    if x.exact is not None and x.exact.p.is_square() and x.exact.q.is_square():
        return Ball(None, x.exact.sqrt())
    return ROOT(x)


def _cbrt(x: Given) -> Ball:
    x = _lift(x)
    if x.exact is not None:
        root = fmpq(abs(x.exact.p).root(3), x.exact.q.root(3))
        if root**3 == abs(x.exact):
            return Ball(None, root if x.exact > 0 else -root)

    def cbrt(a: arb) -> arb:
        return a.root(3) if a >= 0 else -(-a).root(3)

    return _rising(x, cbrt, cbrt)


def _power(x: Ball, n: Ball) -> Ball:
    """x^n, for a negative x only where n is known to be an integer."""
    if n.exact is not None and n.exact.q == 1:
        return _whole_power(x, int(n.exact.p))
    if n.exact is not None and n.exact.q == 2:
        return _whole_power(_sqrt(x), int(n.exact.p))
    if not x:
        if n > 0:
            return ZERO
        raise ValueError("a power of 0")
    if (x < 0) is True:
        if n.exact is None and n.arb.contains_integer():
            raise Undecided
        raise ValueError("a power of a negative number")
    return EXP(n * LN(x))


def _whole_power(x: Ball, k: int) -> Ball:
    a = x.exact
    if k == 0:
        return ONE
    if a is not None:
        if a == 0 and k < 0:
            raise ZeroDivisionError("a power of 0")
        if a == 0 or abs(a) == 1:
            return x if k % 2 else abs(x)
        if abs(k) * a.height_bits() <= EXACT:
            return _ball(a**k)
    if abs(k) < 2**20:
        return _ball(x.arb**k)
    y = EXP(k * LN(abs(x)))
    return -y if k % 2 and x < 0 else y


def _log(x: Ball, b: Given) -> Ball:
    """Logarithm to base b, exact where b to that power is x."""
    b = _lift(b)
    y = LN(x) / LN(b)
    if x.exact is not None and b.exact is not None:
        n = y.arb.unique_fmpz()
        if n is not None and (_power(b, _lift(n)) == x) is True:
            return _lift(n)
    return y


def _hypot(x: Given, y: Given) -> Ball:
    square = x * _lift(x) + y * _lift(y)
    if isinstance(square > 0, Undecided):
        return _rising(square, lambda a: arb(0), arb.sqrt)
    return _sqrt(square)


def _sigmoid(x: Ball) -> Ball:
    return 1 / (1 + EXP(-x)) if _positive(x) else EXP(x) / (1 + EXP(x))


def _logaddexp(x: Ball, y: Ball) -> Ball:
    x, y = (x, y) if _positive(x - y) else (y, x)
    return x + LOG1P(EXP(y - x))


def _logit(x: Ball) -> Ball:
    if not x > 0 or not x < 1:
        raise ValueError("logit is for numbers between 0 and 1")
    if _positive(4 * x - 1):
        return LOG1P((2 * x - 1) / (1 - x))
    return LN(x / (1 - x))


def _no_pole(x: Ball) -> bool:
    """Whether x is none of 0, -1, -2, ..., or not known to be one."""
    return x.exact is None or x.exact > 0 or x.exact.q != 1


def _lgamma(x: Ball) -> Ball:
    """ln|gamma(x)|, below 0 by reflection, DLMF 5.5.3."""
    if _positive(x) or not _no_pole(x):
        return LGAMMA(x)
    return LN(Ball(arb.pi()) / _ball(abs(x.arb.sin_pi()))) - LGAMMA(1 - x)


def _order(n: Given) -> int:
    """That of a derivative, which may be one more than formulas may ask for."""
    n = _lift(n)
    if n.exact is None and n.arb.contains_integer():
        raise Undecided
    if n.exact is None or n.exact.q != 1 or not 0 <= n.exact <= 1001:
        raise ValueError("the order of a derivative is a whole number up to 1000")
    return int(n.exact.p)


def _polygamma(order: Given, x: Ball) -> Ball:
    """The n-th derivative of digamma: DLMF 25.11.12; below 0 reflected, 5.15.6."""
    n = _order(order)
    if n == 0 or not _no_pole(x):
        return FUNCTIONS["digamma"](x)
    sign, zeta = (1 if n % 2 else -1), arb(n + 1).zeta
    if _positive(x):
        total = zeta(x.arb)
    else:
        part = x - _ball(x.arb.mid().floor())
        total = zeta((1 - part).arb) - zeta((1 - x).arb)
        total = zeta(part.arb) + sign * total
    return _ball(sign * arb(fmpz.fac_ui(fmpz(n))) * total)


def _sinc_n(order: Given, given: Given) -> Ball:
    """The n-th derivative y_n of sinc, from x y_k + k y_(k-1) = sin(x + k pi/2).

    Errors shrink upwards where |x| > k, and downwards where it is not: there the start
    is so far above n that |y_k| < 1 is enough to know of it.
    """
    n, x = _order(order), _lift(given).arb
    if n == 0:
        return _ball(x.sinc())
    sine, cosine = x.sin_cos()
    turned = sine, cosine, -sine, -cosine
    size = min(float(abs(x.mid())), 1e9)
    if size > n:
        y = sine / x
        for k in range(1, n + 1):
            y = (turned[k % 4] - k * y) / x
        return _ball(y)
    start, bits = n + 1, ctx.prec + 64.0
    while bits > 0:
        start += 1
        bits -= math.log2(start / max(size, 1e-300))
    y = arb(0, 1)
    for k in range(start, n, -1):
        y = (turned[k % 4] - x * y) / k
    return _ball(y)


ROOT = _function(arb.sqrt, lambda x: x >= 0)
EXP = _function(arb.exp, beyond=lambda x: x > LN_LARGEST)
LN = _function(arb.log, lambda x: x > 0)
LOG1P = _function(arb.log1p, lambda x: x > -1)
ERFC = _function(arb.erfc)
LGAMMA = _function(arb.lgamma, _no_pole)

#: What rules may call.
FUNCTIONS: dict[str, Function] = {
    "sqrt": _sqrt,
    "cbrt": _cbrt,
    "pow": lambda x, n: _power(_lift(x), _lift(n)),
    "hypot": _hypot,
    "exp": EXP,
    "exp2": lambda x: _power(_lift(2), x),
    "expm1": _function(arb.expm1, beyond=lambda x: x > LN_LARGEST),
    "ln": LN,
    "log": _log,
    "log2": lambda x: _log(x, 2),
    "log10": lambda x: _log(x, 10),
    "log1p": LOG1P,
    "sin": _function(arb.sin),
    "cos": _function(arb.cos),
    "tan": _function(arb.tan),
    "asin": _function(arb.asin, lambda x: abs(x) <= 1),
    "acos": _function(arb.acos, lambda x: abs(x) <= 1),
    "atan": _function(arb.atan),
    "atan2": lambda y, x: _ball(arb.atan2(y.arb, x.arb)),
    "sinc": partial(_sinc_n, 0),
    "sinc_n": _sinc_n,
    "sinh": _function(arb.sinh, beyond=lambda x: abs(x) > LN_LARGEST),
    "cosh": _function(arb.cosh, beyond=lambda x: abs(x) > LN_LARGEST),
    "tanh": _function(arb.tanh),
    "sech": _function(arb.sech),
    "csch": _function(arb.csch, lambda x: x != 0),
    "asinh": _function(arb.asinh),
    "acosh": _function(arb.acosh, lambda x: x >= 1),
    "atanh": _function(arb.atanh, lambda x: abs(x) < 1),
    "max": partial(_extreme, 1),
    "min": partial(_extreme, -1),
    "floor": _rounding(math.floor, arb.floor, arb.floor),
    "ceil": _rounding(math.ceil, arb.ceil, arb.ceil),
    "trunc": _rounding(math.trunc, _truncate, _truncate),
    "round": _rounding(
        round, lambda x: (x - HALF).ceil(), lambda x: (x + HALF).floor()
    ),
    "sigmoid": _sigmoid,
    "softplus": lambda x: _logaddexp(x, ZERO),
    "silu": lambda x: x * _sigmoid(x),
    "gelu": lambda x: x * FUNCTIONS["normcdf"](x),
    "logit": _logit,
    "logaddexp": _logaddexp,
    "erf": _function(arb.erf),
    "erfc": ERFC,
    "gamma": _function(arb.gamma, _no_pole, lambda x: x > 2 * 10**8),
    "lgamma": _lgamma,
    "digamma": _function(arb.digamma, _no_pole),
    "polygamma": _polygamma,
    "factorial": lambda x: FUNCTIONS["gamma"](x + 1),
    "normpdf": lambda x: EXP(-x * x / 2) / _sqrt(2 * Ball(arb.pi())),
    "normcdf": lambda x: ERFC(-x / _sqrt(2)) / 2,
}


class Balls(Textbook):
    """The number system; its functions are in FUNCTIONS.

    Args:
        bits: the working precision.
    """

    inf, nan = math.inf, math.nan
    #: Every output is to come to ``settle``, which makes balls of integers.
    settled = math.nan
    limit = f"1e±{DECADES}, the range of certified digits"
    one = ONE

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.decides = True

    def __getattr__(self, name: str) -> Function:
        return FUNCTIONS[name]

    def working(self) -> AbstractContextManager[None]:
        """The context in which Arb has this precision."""
        return ctx.workprec(self.bits)

    @property
    def pi(self) -> Ball:
        """The constant."""
        return Ball(arb.pi())

    def number(self, literal: Any) -> Ball:
        """The number that a literal stands for, or another number.

        Raises:
            OverflowError: it is out of range.
            ValueError: not a number.
        """
        if not isinstance(literal, str):
            return _ball(fmpq(*literal.as_integer_ratio()))
        if literal in ("pi", "tau", "e"):
            return EXP(1) if literal == "e" else self.pi * (1 + (literal == "tau"))
        match = LITERAL.fullmatch(literal)
        if match is None:
            raise ValueError("not a number of the language")
        whole, part, places = match.groups(default="")
        digits = (whole + part).lstrip("0")
        if not digits:
            return ZERO
        # Python makes no integers of texts of thousands of digits.
        exponent = int(places or 0) - len(part) if len(places) < 100 else 2 * DECADES
        if abs(exponent + len(digits)) > DECADES:
            raise OverflowError("out of range")
        if abs(exponent) < EXACT:
            return _ball(fmpq(fmpz(digits)) * fmpq(10) ** exponent)
        return _ball(arb(fmpz(digits)) * arb(10) ** exponent)

    def settle(self, y: Any, operands: Sequence[Any]) -> Any:
        """The output y of an operation, checked: a ball, or whether a condition holds.

        Raises:
            ValueError: y is not a number.
            OverflowError: it is out of range.
            Undecided: y is a condition that is.
        """
        if isinstance(y, bool):
            return y
        if isinstance(y, Undecided):
            raise y
        if isinstance(y, float):
            raise ValueError("not a number")
        y = _lift(y)
        if y.exact is None:
            if abs(y.arb) > LARGEST:
                raise OverflowError("beyond the largest number")
            if abs(y.arb) < SMALLEST:
                return Ball(arb(0, SMALLEST))
        return y

    def isfinite(self, x: Any) -> bool:
        """Whether x is neither infinite nor none."""
        return not isinstance(x, float) or math.isfinite(x)

    def copysign(self, x: float, y: Any) -> float:
        """X with the sign of y."""
        return math.copysign(x, 1 if y >= 0 else -1)

    def neighbours(self, x: Ball) -> tuple[Ball, Ball]:
        """Numbers next to x, below and above."""
        step = abs(x or ONE) * fmpq(1, 2) ** (self.bits if x else 4 * self.bits)
        return x - step, x + step

    def where(self, condition: Truth, a: Any, b: Any) -> Any:
        """a where the condition holds, else b; around both where that is undecided."""
        if not isinstance(condition, Undecided):
            return a if condition else b
        if a is b:
            return a
        if any(isinstance(x, bool | float | Undecided) for x in (a, b)):
            return condition
        return _hull(_lift(a or 0), _lift(b or 0))

    def sign(self, x: Given) -> Ball:
        """-1, 0 or 1, or around them."""
        order = _compare(_lift(x), 0)
        return Ball(arb(0, 1)) if isinstance(order, Undecided) else _lift(order)

    def slope(self, rise: Given, run: Given) -> Any:
        """rise/run as a derivative: where nothing rises 0, over no run infinite."""
        rise, run = _lift(rise), _lift(run)
        if not rise:
            return ZERO
        return rise / run if run else rise * math.inf

    def shares(self, y: Ball, x: Sequence[Ball]) -> tuple[Ball | None, ...]:
        """Equal parts of 1 for the operands that are y; None for others."""
        equal = [a == y for a in x]
        if any(isinstance(truth, Undecided) for truth in equal):
            share = _hull(ZERO, ONE)
        else:
            share = ONE / equal.count(True)
        return tuple([None if truth is False else share for truth in equal])

    def clamp(self, x: Ball, lo: Ball, hi: Ball) -> Ball:
        """x, but no less than lo and no more than hi."""
        if lo > hi:
            raise ValueError("lo > hi")
        return _extreme(-1, _extreme(1, x, lo), hi)

    def power_slope(self, x: Ball, n: Ball, y: Ball) -> Any:
        """n x^(n-1), the derivative of the power y = x^n in x."""
        if not n:
            return ZERO
        if not x and n < 1:
            return math.inf
        return n * _power(x, n - 1)

    def exponent_slope(self, x: Ball, y: Ball) -> Any:
        """x^y ln x, the derivative of the power in y; at 0 it is 0, below it none."""
        if not x:
            return ZERO
        return math.nan if x < 0 else _power(x, y) * LN(x)

    def cosine(self, x: Ball, y: Ball) -> Ball:
        """x/hypot(x, y); at the origin 0, and around -1 and 1 where that may be."""
        r = _hypot(x, y)
        origin = r == 0
        if isinstance(origin, Undecided):
            return Ball(arb(0, 1))
        return ZERO if origin else x / r
