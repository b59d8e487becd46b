"""Every operation: its value and its partial derivatives, each written once.

A rule is written in the words of a number system ``m``, which is handed in: the
same line evaluates in floats and in whatever other system there is. So a rule has
no literal but small integers and the constants of ``m``, and it decides with
``m.where``, never with ``if``.

To add a function, write one class under its heading here and one row in the table of
``tests/test_operations.py``; what the class asks of ``m`` and no system has yet, the
systems have to learn.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar


class Operation:
    """What a node does with its inputs. A subclass is a row of the table.

    ``value(m, *x)`` is the output at the operands ``x`` in the number system ``m``.
    ``partials(m, y, *x)`` is the tuple of the derivatives of the output with respect to
    each operand but the last ``parameters``; the output ``y`` is given as well, since
    many are best said with it. One that does not exist is ``m.nan``.
    ``vertical(m, *x)`` tells where a partial derivative is infinite though the value
    is finite, if there is such a place.

    Calling an operation with nodes and numbers makes the node that applies it.
    """

    name: ClassVar[str]  #: as the trace prints it, and as formulas call it
    aliases: ClassVar[tuple[str, ...]] = ()  #: further names for formulas
    domain: ClassVar[str] = ""  #: where it is defined, if not everywhere
    parameters: ClassVar[int] = 0  #: how many of the last inputs are not differentiated
    spoken: ClassVar[bool] = True  #: whether formulas may call it by name

    operands: ClassVar[tuple[str, ...]]  #: their names in the rule
    signature: ClassVar[str]  #: how it is called, as ``pow(x, y)``

    value: ClassVar[Callable[..., Any]]
    partials: ClassVar[Callable[..., tuple[Any, ...]]]
    vertical: ClassVar[Callable[..., Any] | None] = None

    # Put here from above, so that the rules need to know neither graphs nor floats.
    node: ClassVar[Callable[..., Any]]  #: what a call makes: graph.Node
    floats: ClassVar[Any]  #: the number system of compute and gradient

    def __init_subclass__(cls) -> None:
        cls.name = cls.__name__.lower()
        if "value" in vars(cls):
            code = vars(cls)["value"].__code__
            cls.operands = code.co_varnames[1 : code.co_argcount]
        cls.signature = f"{cls.name}({', '.join(cls.operands)})"
        for rule in {"value", "partials", "vertical"} & vars(cls).keys():
            setattr(cls, rule, staticmethod(vars(cls)[rule]))

    def __call__(self, *inputs: Any, **place: Any) -> Any:
        """The node that applies this operation to inputs.

        Args:
            inputs: nodes, or numbers as literals.
            place: the keyword arguments of graph.Node.

        Raises:
            TypeError: the number of inputs is wrong, or one is no node and no number.
        """
        return self.node(self, inputs, **place)

    def compute(self, inputs: Sequence[Any]) -> Any:
        """The output at these numbers, as a float or an exact integer.

        Raises:
            ValueError, ZeroDivisionError: it is undefined there.
            OverflowError: it is beyond the largest double.
        """
        return self.floats.settle(self.value(self.floats, *inputs), inputs)

    def gradient(self, inputs: Sequence[Any], output_grad: float) -> list[float]:
        """What the adjoints of the inputs gain at these numbers.

        Args:
            inputs: the operands.
            output_grad: the output's adjoint.
        """
        partials = self.partials(self.floats, self.compute(inputs), *inputs)
        return [output_grad * partial for partial in partials]


# fmt: off

# ---- Arithmetic ----------------------------------------------------------------------

class Identity(Operation):
    """The operand itself: what a variable does."""
    spoken = False
    def value(m, x):           return x
    def partials(m, y, x):     return 1,

class Add(Operation):
    """Sum."""
    def value(m, a, b):        return a + b
    def partials(m, y, a, b):  return 1, 1

class Sub(Operation):
    """Difference."""
    def value(m, a, b):        return a - b
    def partials(m, y, a, b):  return 1, -1

class Mul(Operation):
    """Product."""
    def value(m, a, b):        return a * b
    def partials(m, y, a, b):  return b, a

class Div(Operation):
    """Quotient."""
    domain = "b != 0"
    def value(m, a, b):        return a / b
    def partials(m, y, a, b):  return 1 / b, -y / b

class Neg(Operation):
    """Negation."""
    def value(m, x):           return -x
    def partials(m, y, x):     return -1,

class Abs(Operation):
    """Absolute value."""
    def value(m, x):           return abs(x)
    def partials(m, y, x):     return m.sign(x),

# ---- Powers and logarithms -----------------------------------------------------------

class Square(Operation):
    """Square."""
    def value(m, x):           return x * x
    def partials(m, y, x):     return 2 * x,

class Sqrt(Operation):
    """Square root."""
    domain = "x >= 0"
    def value(m, x):           return m.sqrt(x)
    def partials(m, y, x):     return m.slope(1, 2 * y),
    def vertical(m, x):        return x == 0

class Power(Operation):
    """Power with a constant exponent, for which the base may be negative."""
    domain = "x >= 0 or an integer n, and x != 0 if n < 0"
    parameters = 1
    spoken = False
    def value(m, x, n):        return m.pow(x, n)
    def partials(m, y, x, n):  return m.power_slope(x, n, y),   # n x^(n-1)
    def vertical(m, x, n):     return x == 0

class Pow(Operation):
    """Power with a variable exponent."""
    domain = "x >= 0 or an integer y, and x != 0 if y < 0"
    def value(m, x, y):        return m.pow(x, y)
    def partials(m, z, x, y):
        # z ln x, with z as the square of a root: z itself may have lost its digits.
        base = m.where(x > 0, x, 1)
        root = m.pow(base, y / 2)
        return m.power_slope(x, y, z), m.where(x < 0, m.nan, root * m.ln(base) * root)
    def vertical(m, x, y):     return x == 0

class Exp(Operation):
    """Exponential function, e^x."""
    def value(m, x):           return m.exp(x)
    def partials(m, y, x):     return y,

class Ln(Operation):
    """Natural logarithm."""
    domain = "x > 0"
    def value(m, x):           return m.ln(x)
    def partials(m, y, x):     return 1 / x,

# ---- Trigonometric -------------------------------------------------------------------

class Sin(Operation):
    """Sine."""
    def value(m, x):           return m.sin(x)
    def partials(m, y, x):     return m.cos(x),

class Cos(Operation):
    """Cosine."""
    def value(m, x):           return m.cos(x)
    def partials(m, y, x):     return -m.sin(x),

class Tan(Operation):
    """Tangent."""
    def value(m, x):           return m.tan(x)
    def partials(m, y, x):     return 1 + y * y,

# ---- Hyperbolic and machine learning -------------------------------------------------

class Tanh(Operation):
    """Hyperbolic tangent."""
    def value(m, x):           return m.tanh(x)
    # 1 - y^2 is 0 from x = 19 on; sech(x)^2 in logistic functions is not.
    def partials(m, y, x):     return 4 * m.sigmoid(2 * x) * m.sigmoid(-2 * x),

class Sigmoid(Operation):
    """Logistic function, 1/(1+e^-x)."""
    aliases = "σ", "logistic"
    def value(m, x):           return m.sigmoid(x)
    # y (1 - y) is 0 from x = 37 on; the true derivative is not.
    def partials(m, y, x):     return y * m.sigmoid(-x),

# fmt: on


if not TYPE_CHECKING:  # checkers read no computed list, and take all public names
    __all__ = ["Operation", *(rule.__name__ for rule in Operation.__subclasses__())]

#: Every operation by its name.
OPERATIONS: dict[str, Operation] = {
    rule.name: rule() for rule in Operation.__subclasses__()
}

#: Every operation that formulas may call, by each of its names.
FUNCTIONS: dict[str, Operation] = {
    name: operation
    for operation in OPERATIONS.values()
    if operation.spoken
    for name in (operation.name, *operation.aliases)
}
