"""What a rule may ask of a number system, as a textbook has it.

It is all that a system needs in which digits are no scarcity: one of formulas, or of
numbers with more digits than are asked for. In doubles it would lose digits here and
there, which is why ``floats`` has formulas of its own for all of this.
"""

from typing import Any


class Textbook:
    """A number system that lacks no more than the functions of one symbol.

    A subclass has ``where``, ``pi``, ``nan`` and functions such as ``exp`` and ``ln``.
    """

    one: Any = 1

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no {name}")

    def slope(self, rise: Any, run: Any) -> Any:
        """rise/run as a derivative."""
        return rise / run

    def quotient(self, a: Any, b: Any, c: Any) -> Any:
        """a/b/c."""
        return a / (b * c)

    def shares(self, y: Any, x: Any) -> tuple[Any, ...]:
        """Equal parts of 1 for the operands that are y; None for others."""
        ties = sum(self.where(a == y, self.one, 0) for a in x)
        return tuple(self.where(a == y, self.one / ties, None) for a in x)

    def power_slope(self, x: Any, n: Any, y: Any) -> Any:
        """The derivative of y = x^n in x."""
        return n * x ** (n - 1)

    def exponent_slope(self, x: Any, y: Any) -> Any:
        """The derivative of x^y in y."""
        return x**y * self.ln(x)

    def cosine(self, x: Any, y: Any) -> Any:
        """The cosine of the angle of (x, y)."""
        return x / self.hypot(x, y)

    def reciprocal(self, x: Any, y: Any) -> Any:
        """The real part of 1/(x + iy)."""
        return x / (x * x + y * y)

    def tanh_slope(self, x: Any) -> Any:
        """The derivative of tanh."""
        return self.sech(x) ** 2

    def softmax(self, x: Any, y: Any) -> Any:
        """e^x/(e^x + e^y)."""
        return self.sigmoid(x - y)

    def gelu_slope(self, x: Any) -> Any:
        """The derivative of x normcdf(x)."""
        return self.normcdf(x) + x * self.normpdf(x)

    def silu_slope(self, x: Any) -> Any:
        """The derivative of x sigmoid(x)."""
        return self.sigmoid(x) * (1 + x * self.sigmoid(-x))

    def gaussian(self, x: Any) -> Any:
        """e^-x^2."""
        return self.exp(-(x**2))

    def normpdf_slope(self, x: Any) -> Any:
        """The derivative of the normal density."""
        return -x * self.normpdf(x)

    def gamma_slope(self, x: Any) -> Any:
        """The derivative of the gamma function."""
        return self.gamma(x) * self.digamma(x)

    def factorial_slope(self, x: Any) -> Any:
        """The derivative of gamma(x + 1)."""
        return self.factorial(x) * self.digamma(x + 1)
