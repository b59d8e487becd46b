"""Double precision, with integers that stay exact as long as they fit.

What does not exist raises ValueError or ZeroDivisionError, and what is too large
raises OverflowError, here or in ``settle``. What takes more than a line or two to get
right to the last digit is in ``special``, which is loaded only when it is needed.
"""

from __future__ import annotations

import math
from builtins import max, min  # noqa: UP029
from builtins import round as _round
from collections.abc import Callable, Sequence
from math import (  # noqa: F401
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    copysign,
    cosh,
    exp,
    expm1,
    frexp,
    hypot,
    inf,
    isfinite,
    ldexp,
    log1p,
    log2,
    log10,
    nan,
    pi,
    sinh,
    sqrt,
    tanh,
)
from math import log as ln

from .angles import cos, sin, tan  # noqa: F401

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The largest integer up to which every integer is a double.
LARGEST_INTEGER = 2**53

#: The smallest double with all its digits.
SMALLEST_NORMAL = 2.0**-1022

CONSTANTS = {"pi": math.pi, "tau": math.tau, "e": math.e}

#: Whether a condition has but one truth, so that a choice is made.
decides = True

#: What an overflow is beyond, in words.
limit = "1.8e308, the largest double"

one = 1.0


def number(literal: str | int | float) -> int | float:
    """The number that a literal stands for.

    Args:
        literal: the text of an unsigned number or the name of a constant, or a number.

    Raises:
        OverflowError: the text stands for a number beyond the largest double.
        ValueError: not a number.
    """
    if isinstance(literal, str):
        if literal in CONSTANTS:
            return CONSTANTS[literal]
        if not (literal[:1].isdigit() or literal[:1] == ".") or "_" in literal:
            raise ValueError("not a number of the language")
        if literal.isdigit() and len(digits := literal.lstrip("0")) <= 16:
            return settle(int(digits or "0"), ())
        return settle(float(literal), ())
    if type(literal) is int:
        return settle(literal, ())
    # A float may be infinite; what is larger than any float may not become so.
    return settle(float(literal), (literal,) if isinstance(literal, float) else ())


#: Up to this size, of either sign, ``settle`` has nothing to do.
settled = LARGEST_INTEGER


def settle(y: int | float, operands: Sequence[int | float]) -> int | float:
    """The output y of an operation, checked; an integer beyond 2^53 becomes a float.

    Raises:
        ValueError: y is not a number.
        OverflowError: y is infinite although the operands are finite.
    """
    if type(y) is int:
        return y if -LARGEST_INTEGER <= y <= LARGEST_INTEGER else float(y)
    if isfinite(y):
        return y
    if y != y:
        raise ValueError("not a number")
    if all(map(isfinite, operands)):
        raise OverflowError("beyond the largest double")
    return y


def neighbours(x: int | float) -> tuple[float, float]:
    """The doubles next to x, below and above."""
    return math.nextafter(x, -inf), math.nextafter(x, inf)


def where(condition: bool, a: int | float, b: int | float) -> int | float:
    """a where the condition holds, else b."""
    return a if condition else b


def sign(x: int | float) -> int:
    """-1, 0 or 1."""
    return (x > 0) - (x < 0)


def slope(rise: int | float, run: int | float) -> int | float:
    """rise/run as a derivative: where nothing rises 0, over no run infinite."""
    if rise == 0:
        return 0.0
    return rise / run if run else math.copysign(math.inf, rise)


def pow(x: int | float, n: int | float) -> int | float:
    """x^n: an integer where both are, n >= 0 and the result is small; else a float."""
    integers = type(x) is int and type(n) is int and n >= 0
    if integers and n * (int(x).bit_length() - 1) <= LARGEST_INTEGER.bit_length():
        return x**n
    return math.pow(x, n)


def power_slope(x: int | float, n: int | float, y: int | float) -> float:
    """n x^(n-1), the derivative of the power y = x^n with respect to x.

    Where n-1 is rounded (an error that counts ln x times) or x^(n-1) is out of range,
    it is n y/x instead, with y as the square of a root if y has lost digits, too.
    """
    if n == 0:
        return 0.0
    if x == 0:
        return math.inf if n < 1 else n * math.pow(x, n - 1)
    if n - 1 + 1 == n and abs(n) < LARGEST_INTEGER:
        try:
            lower = math.pow(x, n - 1)
            if abs(lower) >= SMALLEST_NORMAL or abs(n) <= 2:
                return n * lower
        except OverflowError:
            pass
    if not isfinite(x):
        return n * math.pow(x, n - 1)
    if abs(y) >= SMALLEST_NORMAL:
        return n * y / x
    root = math.pow(abs(x), n / 2)
    return math.copysign(n, n * y) * root / x * root


def exponent_slope(x: int | float, y: int | float) -> float:
    """x^y ln x, the derivative of the power with respect to y; NaN for x < 0.

    At x = 0 it is 0, as to the right of 0 unless y = 0, where the power jumps.
    """
    if x == 0:
        return 0.0
    if x < 0:
        return nan
    # As the square of a root, since x^y itself may have lost its digits.
    root = math.pow(x, y / 2)
    return root * ln(x) * root


def cbrt(x: int | float) -> float:
    """Cube root: a power, and a Newton step for the digits that 1/3 has not."""
    if x == 0 or not isfinite(x):
        return float(x)
    mantissa, exponent = frexp(abs(x))
    thirds, rest = divmod(exponent, 3)
    cube = ldexp(mantissa, rest)
    root = math.pow(cube, 1 / 3)
    root -= (root * root * root - cube) / (3 * root * root)
    return copysign(ldexp(root, thirds), x)


def exp2(x: int | float) -> float:
    """2^x."""
    return math.pow(2, x)


def log(x: int | float, b: int | float) -> float:
    """Logarithm to base b; the nearest integer where b to that power is x."""
    y = ln(x) / ln(b)
    whole = round(y)
    try:
        if abs(y - whole) <= math.ulp(y) and math.pow(b, whole) == x:
            return float(whole)
    except OverflowError:
        pass
    return y


def sigmoid(x: int | float) -> float:
    """1/(1+e^-x); below -709, where e^-x overflows, e^x is the same to rounding."""
    return 1 / (1 + exp(-x)) if x > -709 else exp(x)


def sech(x: int | float) -> float:
    """1/cosh(x), also where cosh overflows."""
    t = exp(-abs(x))
    return 2 * t / (1 + t * t)


def tanh_slope(x: int | float) -> float:
    """1/cosh(x)^2, the derivative of tanh. 1 - tanh(x)^2 is 0 from x = 19 on."""
    t = exp(-2 * abs(x))
    return 4 * t / ((1 + t) * (1 + t))


def csch(x: int | float) -> float:
    """1/sinh(x), also where sinh overflows."""
    return copysign(2 * exp(-abs(x)) / -expm1(-2 * abs(x)), x)


def clamp(x: int | float, lo: int | float, hi: int | float) -> int | float:
    """x, but no less than lo and no more than hi."""
    if lo > hi:
        raise ValueError("lo > hi")
    return min(max(x, lo), hi)


def shares(y: int | float, x: Sequence[int | float]) -> tuple[float | None, ...]:
    """Equal parts of 1 for the operands x that are the output y; None for others."""
    share = 1 / x.count(y)
    return tuple([share if a == y else None for a in x])


def _whole(rounding: Callable[[Any], int]) -> Callable[[int | float], int | float]:
    """A rounding that leaves infinities as they are."""
    return lambda x: rounding(x) if isfinite(x) else x


floor, ceil, trunc = _whole(math.floor), _whole(math.ceil), _whole(math.trunc)
round = _whole(_round)


def quotient(a: int | float, b: int | float, c: int | float) -> float:
    """a/b/c, with all its digits although a/b may be out of range."""
    y = a / b
    if abs(y) >= SMALLEST_NORMAL or y == 0 == a:
        return y / c
    (a, k), (b, i), (c, j) = map(frexp, (a, b, c))
    return _scale(a / b / c, k - i - j)


def cosine(x: int | float, y: int | float) -> float:
    """x/hypot(x, y), the cosine of the angle of (x, y); 0 at the origin."""
    x, y, _ = _scaled(x, y)
    return float(slope(x, hypot(x, y)))


def reciprocal(x: int | float, y: int | float) -> float:
    """x/(x^2 + y^2), the real part of 1/(x + iy)."""
    if not (isfinite(x) and isfinite(y)):
        return 0.0
    a, b, scale = _scaled(x, y)
    mantissa, exponent = frexp(x)
    return _scale(mantissa / (a * a + b * b), exponent + 2 * scale)


def _scaled(x: int | float, y: int | float) -> tuple[float, float, int]:
    """x and y times a power of 2 such that the larger is about 1, and its exponent."""
    scale = -frexp(max(abs(x), abs(y)))[1]
    return ldexp(x, scale), ldexp(y, scale), scale


def _scale(x: float, exponent: int) -> float:
    """x times a power of 2, infinite where that is beyond the largest double."""
    try:
        return ldexp(x, exponent)
    except OverflowError:
        return copysign(inf, x)


def __getattr__(name: str) -> Any:
    from . import special

    globals()[name] = value = getattr(special, name)
    return value
