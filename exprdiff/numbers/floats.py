"""Double precision, with integers that stay exact as long as they fit.

What does not exist raises ValueError or ZeroDivisionError, and what is too large
raises OverflowError, here or in ``settle``.
"""

import math
from collections.abc import Sequence
from math import cos, exp, isfinite, sin, sqrt, tan, tanh
from math import log as ln

__all__ = [
    "cos",
    "exp",
    "isfinite",
    "limit",
    "ln",
    "nan",
    "number",
    "one",
    "pow",
    "settle",
]
__all__ += ["sigmoid", "sign", "sin", "slope", "sqrt", "tan", "tanh", "where"]

#: The largest integer up to which every integer is a double.
LARGEST_INTEGER = 2**53

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
    return settle(float(literal), (literal,) if isinstance(literal, float) else ())


def settle(y: int | float, operands: Sequence[int | float]) -> int | float:
    """The output y of an operation, made sure of.

    An integer beyond 2^53 becomes a float, whichever it came from.

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
    exact = type(x) is int and type(n) is int and n >= 0
    if exact and n * (int(x).bit_length() - 1) <= LARGEST_INTEGER.bit_length():
        return x**n
    return math.pow(x, n)


def sigmoid(x: int | float) -> float:
    """1/(1+e^-x); below -709, where e^-x overflows, e^x is the same to rounding."""
    return 1 / (1 + exp(-x)) if x > -709 else exp(x)
