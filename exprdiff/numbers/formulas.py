"""Formulas as texts: a number system that writes down what a rule says."""

from functools import partial
from typing import Any

from .textbook import Textbook

#: How tightly the outermost operator of a formula binds, loosest first.
CONDITION, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)


class Formula:
    """A formula.

    Args:
        text: it.
        level: how tightly its outermost operator binds.
    """

    def __init__(self, text: str, level: int = ATOM) -> None:
        self.text = text
        self.level = level

    def __str__(self) -> str:
        return self.text

    def __add__(self, other: Any) -> "Formula":
        return _infix(self, " + ", other, SUM)

    def __radd__(self, other: Any) -> "Formula":
        return _infix(other, " + ", self, SUM)

    def __sub__(self, other: Any) -> "Formula":
        return _infix(self, " - ", other, SUM)

    def __rsub__(self, other: Any) -> "Formula":
        return _infix(other, " - ", self, SUM)

    def __mul__(self, other: Any) -> "Formula":
        if self.text == str(other):
            return self**2
        return _infix(self, "*", other, PRODUCT)

    def __rmul__(self, other: Any) -> "Formula":
        return _infix(other, "*", self, PRODUCT)

    def __truediv__(self, other: Any) -> "Formula":
        return _infix(self, "/", other, PRODUCT)

    def __rtruediv__(self, other: Any) -> "Formula":
        return _infix(other, "/", self, PRODUCT)

    def __pow__(self, other: Any) -> "Formula":
        return Formula(f"{_within(self, ATOM)}^{_within(other, POWER)}", POWER)

    def __floordiv__(self, other: Any) -> "Formula":
        return _call("floor", self / other)

    def __neg__(self) -> "Formula":
        return Formula(f"-{_within(self, PRODUCT)}", SIGN)

    def __abs__(self) -> "Formula":
        return _call("abs", self)

    def __gt__(self, other: Any) -> "Formula":
        return _infix(self, " > ", other, CONDITION)

    def __lt__(self, other: Any) -> "Formula":
        return _infix(self, " < ", other, CONDITION)

    def __eq__(self, other: Any) -> Any:
        return _infix(self, " == ", other, CONDITION)


def _infix(left: Any, sign: str, right: Any, level: int) -> Formula:
    """Operators group from the left."""
    return Formula(f"{_within(left, level)}{sign}{_within(right, level + 1)}", level)


def _within(part: Any, level: int) -> str:
    """The text of a part, in parentheses if what is around it binds more tightly."""
    own = part.level if isinstance(part, Formula) else ATOM if part >= 0 else SIGN
    return f"({part})" if own < level else str(part)


def _call(name: str, *x: Any) -> Formula:
    return Formula(f"{name}({', '.join(map(str, x))})")


class Formulas(Textbook):
    """The number system."""

    pi = Formula("pi")

    def __getattr__(self, name: str) -> Any:
        return partial(_call, name)

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        """a where the condition holds, else b; None, no derivative, reads as 0."""
        a, b = a or 0, b or 0
        return a if str(a) == str(b) else _call("if", condition, a, b)

    def shares(self, y: Any, x: Any) -> tuple[Formula, ...]:
        """1 for the operand that is y; that equals share it goes without saying."""
        return tuple(self.where(a == y, 1, 0) for a in x)
