"""Taylor polynomials as numbers: what a formula is near a point, to any order.

A function of them is the integral of its derivative, y = y0 + ∫ ∂y/∂x x' dt, in which
the partial derivative is that of its rule: so the rule gives every order. Coefficients
are calculated when they are asked for, which lets y be in its own derivative, as for
exp, and a sine in that of its cosine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from ..operations import OPERATIONS
from . import floats
from .textbook import Textbook

#: The coefficient of each power: given the number of the power, which is not 0.
Rest: TypeAlias = "Callable[[int], Any]"


class Series:
    """A Taylor polynomial, with as many coefficients as have been asked for.

    Args:
        system: the number system.
        first: the coefficient of the power 0, which is the value.
        rest: gives the others, when those before them are known.
    """

    __slots__ = ("_rest", "coefficients", "system")

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, system: Polynomials, first: Any, rest: Rest) -> None:
        self.system = system
        self.coefficients = [first]
        self._rest = rest

    def __getitem__(self, k: int) -> Any:
        while k >= len(self.coefficients):
            self.coefficients.append(self._rest(len(self.coefficients)))
        return self.coefficients[k]

    def __str__(self) -> str:
        return str(self.coefficients[0])

    def __add__(self, other: Any) -> Series:
        return Series(
            self.system, self[0] + at(other, 0), lambda k: self[k] + at(other, k)
        )

    __radd__ = __add__

    def __sub__(self, other: Any) -> Series:
        return self + -other

    def __rsub__(self, other: Any) -> Series:
        return -self + other

    def __neg__(self) -> Series:
        return Series(self.system, -self[0], lambda k: -self[k])

    def __mul__(self, other: Any) -> Series:
        def coefficient(k: int) -> Any:
            if not isinstance(other, Series):
                return self[k] * other
            return sum(self[j] * other[k - j] for j in range(k + 1))

        return Series(self.system, self[0] * at(other, 0), coefficient)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Series:
        return _quotient(self.system, self, other)

    def __rtruediv__(self, other: Any) -> Series:
        return _quotient(self.system, other, self)

    def __pow__(self, exponent: Any) -> Any:
        return self.system.pow(self, exponent)

    def __mod__(self, other: Any) -> Any:
        return self.system.apply("mod", at(self, 0) % at(other, 0), self, other)

    def __rmod__(self, other: Any) -> Any:
        return self.system.apply("mod", other % self[0], other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self[0] // at(other, 0)

    def __rfloordiv__(self, other: Any) -> Any:
        return other // self[0]

    def __abs__(self) -> Any:
        return self.system.apply("abs", abs(self[0]), self)

    def __eq__(self, other: object) -> bool:
        return bool(self[0] == at(other, 0))

    def __lt__(self, other: Any) -> bool:
        return bool(self[0] < at(other, 0))

    def __le__(self, other: Any) -> bool:
        return bool(self[0] <= at(other, 0))

    def __gt__(self, other: Any) -> bool:
        return bool(self[0] > at(other, 0))

    def __ge__(self, other: Any) -> bool:
        return bool(self[0] >= at(other, 0))


def at(number: Any, k: int) -> Any:
    """Coefficient k of a number, which may be constant."""
    return number[k] if isinstance(number, Series) else 0 if k else number


def _slope(k: int, partial: Any, x: Any) -> Any:
    """Coefficient k-1 of partial * x'."""
    if partial is None or not isinstance(x, Series):
        return 0
    return sum(at(partial, j) * (k - j) * x[k - j] for j in range(k))


def _quotient(system: Polynomials, a: Any, b: Any) -> Series:
    def coefficient(k: int) -> Any:
        known = sum(quotient[j] * at(b, k - j) for j in range(k)) if k else 0
        return (at(a, k) - known) / at(b, 0)

    quotient = Series(system, at(a, 0) / at(b, 0), coefficient)
    return quotient


class Polynomials(Textbook):
    """The number system.

    Args:
        order: the highest power that counts.
    """

    decides = True
    one, pi, inf, nan = 1, math.pi, math.inf, math.nan
    limit = floats.limit
    number = staticmethod(floats.number)
    settled = -1  # nothing is, before all coefficients are known

    def __init__(self, order: int) -> None:
        self.order = order
        #: The order up to which the last polynomial is known, if it is not to the end.
        self.known = -1
        self._made: dict[tuple[Any, ...], Series] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A function by its name: its value is that of floats."""
        value = getattr(floats, name)

        def function(*x: Any) -> Any:
            first = value(*(at(part, 0) for part in x))
            return self.apply(name, first, *x)

        return function

    def variable(self, value: Any) -> Series:
        """A variable that has this value at the point."""
        return Series(self, value, lambda k: int(k == 1))

    def where(self, condition: bool, a: Any, b: Any) -> Any:
        """a where the condition holds, else b."""
        return a if condition else b

    def isfinite(self, x: Any) -> bool:
        """Whether the value of x is finite."""
        return math.isfinite(at(x, 0))

    def pow(self, x: Any, n: Any) -> Any:
        """x^n."""
        name = "pow" if isinstance(n, Series) else "power"
        return self.apply(name, floats.pow(at(x, 0), at(n, 0)), x, n)

    def power_slope(self, x: Any, n: Any, y: Any) -> Any:
        """The derivative of y = x^n in x, which for a constant is 0."""
        constant = not isinstance(n, Series)
        return 0 if constant and n == 0 else n * self.pow(x, n - 1)

    def exponent_slope(self, x: Any, y: Any) -> Any:
        """The derivative of x^y in y, and that to the right of x = 0."""
        return 0 if x == 0 else self.pow(x, y) * self.ln(x)

    def cosine(self, x: Any, y: Any) -> Any:
        """The cosine of the angle of (x, y); 0 at the origin."""
        r = self.hypot(x, y)
        return 0 if r == 0 else x / r

    def apply(self, name: str, first: Any, *x: Any) -> Any:
        """An operation of this value, applied to x: made once, for each of its uses."""
        operation = OPERATIONS[name]
        if not (operation.smooth and any(isinstance(part, Series) for part in x)):
            return first
        # What is made of a polynomial holds it, so no other can have its id.
        key = (name, *(id(part) if isinstance(part, Series) else part for part in x))
        if key not in self._made:
            partials: list[Any] = []

            def coefficient(k: int) -> Any:
                if not partials:
                    partials.extend(operation.partials(self, y, *x))
                return sum(map(partial(_slope, k), partials, x)) / k

            self._made[key] = y = Series(self, first, coefficient)
        return self._made[key]

    def settle(self, y: Any, operands: Sequence[Any]) -> Any:
        """The output y of an operation, with all its coefficients.

        Raises:
            ValueError, ZeroDivisionError, OverflowError: it has not that many, or one
                of them is beyond the largest double.
        """
        if not isinstance(y, Series):
            return floats.settle(y, [at(x, 0) for x in operands])
        floats.settle(y[0], [at(x, 0) for x in operands])
        self.known = 0
        for k in range(1, self.order + 1):
            if not math.isfinite(y[k]):
                raise OverflowError if y[k] == y[k] else ValueError
            self.known = k
        self._made.clear()
        return Series(self, y[0], y.coefficients.__getitem__)
