"""Double precision, with integers that stay exact as long as they fit.

What does not exist raises ValueError or ZeroDivisionError, and what is too large
raises OverflowError, here or in ``settle``.
"""

import math
from collections.abc import Sequence
from contextlib import suppress
from math import cos, exp, isfinite, sin, sqrt, tan, tanh  # noqa: F401
from math import log as ln  # noqa: F401

#: The largest integer up to which every integer is a double.
LARGEST_INTEGER = 2**53

#: The smallest double with all its digits.
SMALLEST_NORMAL = 2.0**-1022

CONSTANTS = {"pi": math.pi, "tau": math.tau, "e": math.e}

#: What an overflow is beyond, in words.
limit = "1.8e308, the largest double"

one = 1.0
nan = math.nan


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
        if literal.isdigit() and len(digits := literal.lstrip("0")) <= 16:
            return settle(int(digits or "0"), ())
        return settle(float(literal), ())
    if type(literal) is int:
        return settle(literal, ())
    # A float may be infinite; what is larger than any float may not become so.
    return settle(float(literal), (literal,) if isinstance(literal, float) else ())


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
    if x == 0 and n < 1:
        return math.inf
    if x == 0 or not isfinite(x):
        return n * math.pow(x, n - 1)
    if n - 1 + 1 == n and abs(n) < LARGEST_INTEGER:
        with suppress(OverflowError):
            lower = math.pow(x, n - 1)
            if abs(lower) >= SMALLEST_NORMAL:
                return n * lower
    if abs(y) >= SMALLEST_NORMAL:
        return n * y / x
    root = math.pow(abs(x), n / 2)
    return math.copysign(n, n * y) * root / x * root


def sigmoid(x: int | float) -> float:
    """1/(1+e^-x); below -709, where e^-x overflows, e^x is the same to rounding."""
    return 1 / (1 + exp(-x)) if x > -709 else exp(x)
