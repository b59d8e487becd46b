"""Every operation: its value and its partial derivatives, each written once.

A rule is written in the words of a number system ``m``, which is handed in: the
same line evaluates in floats and in whatever other system there is. So a rule has
no literal but small integers and the constants of ``m``, and it decides with
``m.where``, never with ``if``.

To add a function, write one class under its heading here and one row in the table of
``tests/rules.py``; what the class asks of ``m`` and no system has yet, the systems
have to learn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

TYPE_CHECKING = False  # as typing has it, which takes longer to load than all of this
if TYPE_CHECKING:
    from typing import Any, ClassVar


class Operation:
    """What a node does with its inputs. A subclass is a row of the table.

    ``value(m, *x)`` is the output at the operands ``x`` in the number system ``m``.
    ``partials(m, y, *x)`` is the tuple of the derivatives of the output with respect to
    each operand but the last ``parameters``; the output ``y`` is given as well, since
    many are best said with it. One that does not exist is ``m.nan``. An operand on
    which the output does not depend there, or in steps only, has None, which is the 0
    that no infinite derivative can spoil; a rule without ``partials`` has no others.

    Where the derivative is not the limit of a difference quotient, a rule says so:
    ``kink(m, y, *x)`` where slopes differ on the two sides, ``jump`` where the value
    does, ``vertical`` where a slope is infinite though the value is finite.
    ``branch(m, first)`` is the index of the input that the output is; no other is
    evaluated, but for the first.

    Calling an operation with nodes and numbers makes the node that applies it.
    """

    name: ClassVar[str]  #: as the trace prints it, and as formulas call it
    aliases: ClassVar[tuple[str, ...]] = ()  #: further names for formulas
    infix: ClassVar[str] = ""  #: the operator that stands for it in formulas
    domain: ClassVar[str] = ""  #: where it is defined, if not everywhere
    parameters: ClassVar[int] = 0  #: how many of the last inputs are not differentiated
    spoken: ClassVar[bool] = True  #: whether formulas may call it by name
    written: ClassVar[str]  #: how formulas write it, if they do not call it

    operands: ClassVar[tuple[str, ...]]  #: their names in the rule
    smooth: ClassVar[bool]  #: whether the rule has partial derivatives
    variadic: ClassVar[bool]  #: whether it takes more than these
    edges: ClassVar[tuple[Callable[..., Any], ...]]  #: kink and jump: what it has
    plain: ClassVar[bool]  #: whether it has none, and partials in all its operands
    signature: ClassVar[str]  #: how it is called, as ``pow(x, y)``

    value: ClassVar[Callable[..., Any]]
    kink: ClassVar[Callable[..., Any] | None] = None
    jump: ClassVar[Callable[..., Any] | None] = None
    vertical: ClassVar[Callable[..., Any] | None] = None
    branch: ClassVar[Callable[..., Any] | None] = None

    def __init_subclass__(cls) -> None:
        cls.name = vars(cls).get("name", cls.__name__.lower())
        if "value" in vars(cls):
            code = vars(cls)["value"].__code__
            cls.operands = code.co_varnames[1 : code.co_argcount]
            cls.variadic = bool(code.co_flags & 4)  # inspect.CO_VARARGS
        more = ", ..." if cls.variadic else ""
        cls.signature = f"{cls.name}({', '.join(cls.operands)}{more})"
        if "written" not in vars(cls):
            infix = f" {cls.infix} ".join(cls.operands)
            cls.written = cls.signature if cls.spoken else infix
        cls.smooth = cls.partials is not Operation.partials
        for rule in RULES & vars(cls).keys():
            setattr(cls, rule, staticmethod(vars(cls)[rule]))
        cls.edges = tuple(filter(None, (cls.kink, cls.jump)))
        cls.plain = not (cls.edges or cls.parameters)

    @staticmethod
    def partials(m: Any, y: Any, *x: Any) -> tuple[Any, ...]:
        """Nothing, unless a rule says otherwise."""
        return (None,) * len(x)

    def takes(self, count: int) -> bool:
        """Whether it can be applied to so many inputs."""
        arity = len(self.operands)
        return count >= arity if self.variadic else count == arity

    def __call__(self, *inputs: Any, **place: Any) -> Any:
        """The node that applies this operation to inputs.

        Args:
            inputs: nodes, or numbers as literals.
            place: the keyword arguments of graph.Node.

        Raises:
            TypeError: the number of inputs is wrong, or one is no node and no number.
        """
        from .graph import apply  # which the rules need not know

        return apply(self, inputs, **place)

    def compute(self, inputs: Sequence[Any]) -> Any:
        """The output at these numbers, as a float or an exact integer.

        Raises:
            ValueError, ZeroDivisionError: it is undefined there.
            OverflowError: it is beyond the largest double.
        """
        from .numbers import floats

        return floats.settle(self.value(floats, *inputs), inputs)

    def gradient(self, inputs: Sequence[Any], output_grad: float) -> list[float]:
        """What the adjoints of the inputs gain at these numbers.

        Args:
            inputs: the operands.
            output_grad: the output's adjoint.

        Raises:
            ValueError, ZeroDivisionError, OverflowError: as ``compute``, or because
                there is no derivative.
        """
        from .numbers import floats

        partials = self.partials(floats, self.compute(inputs), *inputs)
        return [output_grad * (partial or 0) for partial in partials]


#: What the class of an operation may say.
RULES = {"value", "partials", "kink", "jump", "vertical", "branch"}


# fmt: off

# ---- Arithmetic ----------------------------------------------------------------------

class Identity(Operation):
    """The operand itself: what a variable does."""
    spoken = False
    def value(m, x):                return x
    def partials(m, y, x):          return 1,

class Add(Operation):
    """Sum."""
    infix = "+"
    def value(m, a, b):             return a + b
    def partials(m, y, a, b):       return 1, 1

class Sub(Operation):
    """Difference."""
    infix = "-"
    def value(m, a, b):             return a - b
    def partials(m, y, a, b):       return 1, -1

class Mul(Operation):
    """Product."""
    infix = "*"
    def value(m, a, b):             return a * b
    def partials(m, y, a, b):       return b, a

class Div(Operation):
    """Quotient."""
    infix = "/"
    domain = "b != 0"
    def value(m, a, b):             return a / b
    # -y/b, with y as a/b once more: y itself may have lost its digits.
    def partials(m, y, a, b):       return 1 / b, -m.quotient(a, b, b)

class Neg(Operation):
    """Negation."""
    def value(m, x):                return -x
    def partials(m, y, x):          return -1,

# ---- Powers and logarithms -----------------------------------------------------------

class Square(Operation):
    """Square."""
    def value(m, x):                return x * x
    def partials(m, y, x):          return 2 * x,

class Cube(Operation):
    """Cube."""
    def value(m, x):                return x * x * x
    def partials(m, y, x):          return 3 * (x * x),

class Sqrt(Operation):
    """Square root."""
    domain = "x >= 0"
    def value(m, x):                return m.sqrt(x)
    def partials(m, y, x):          return m.slope(1, 2 * y),
    def vertical(m, y, x):          return x == 0

class Cbrt(Operation):
    """Cube root."""
    def value(m, x):                return m.cbrt(x)
    def partials(m, y, x):          return m.slope(1, 3 * (y * y)),
    def vertical(m, y, x):          return x == 0

class Power(Operation):
    """Power with a constant exponent, for which the base may be negative."""
    domain = "x >= 0 or an integer n, and x != 0 if n < 0"
    parameters = 1
    spoken, written = False, "x^n"
    def value(m, x, n):             return m.pow(x, n)
    def partials(m, y, x, n):       return m.power_slope(x, n, y),
    def vertical(m, y, x, n):       return x == 0

class Pow(Operation):
    """Power with a variable exponent."""
    infix = "^"
    domain = "x >= 0 or an integer y, and x != 0 if y < 0"
    def value(m, x, y):             return m.pow(x, y)
    def partials(m, z, x, y):
        return m.power_slope(x, y, z), m.exponent_slope(x, y)
    def jump(m, z, x, y):           return m.where(x == 0, y == 0, False)
    def vertical(m, z, x, y):       return x == 0

class Hypot(Operation):
    """Hypotenuse, sqrt(x^2 + y^2)."""
    def value(m, x, y):             return m.hypot(x, y)
    def partials(m, r, x, y):       return m.cosine(x, y), m.cosine(y, x)
    def kink(m, r, x, y):           return r == 0

class Exp(Operation):
    """Exponential function, e^x."""
    def value(m, x):                return m.exp(x)
    def partials(m, y, x):          return y,

class Exp2(Operation):
    """Power of two, 2^x."""
    def value(m, x):                return m.exp2(x)
    def partials(m, y, x):          return y * m.ln(2),

class Expm1(Operation):
    """Exponential function minus 1, right also near 0."""
    def value(m, x):                return m.expm1(x)
    def partials(m, y, x):          return m.exp(x),

class Ln(Operation):
    """Natural logarithm."""
    aliases = "log",
    domain = "x > 0"
    def value(m, x):                return m.ln(x)
    def partials(m, y, x):          return 1 / x,

class Log(Operation):
    """Logarithm to base b."""
    domain = "x > 0, b > 0 and b != 1"
    def value(m, x, b):             return m.log(x, b)
    def partials(m, y, x, b):
        return m.quotient(1, m.ln(b), x), -m.quotient(y, m.ln(b), b)

class Log2(Operation):
    """Logarithm to base 2."""
    domain = "x > 0"
    def value(m, x):                return m.log2(x)
    def partials(m, y, x):          return m.quotient(1, m.ln(2), x),

class Log10(Operation):
    """Logarithm to base 10."""
    domain = "x > 0"
    def value(m, x):                return m.log10(x)
    def partials(m, y, x):          return m.quotient(1, m.ln(10), x),

class Log1p(Operation):
    """Natural logarithm of 1 + x, right also near 0."""
    domain = "x > -1"
    def value(m, x):                return m.log1p(x)
    def partials(m, y, x):          return 1 / (1 + x),

# ---- Trigonometric -------------------------------------------------------------------

class Sin(Operation):
    """Sine."""
    def value(m, x):                return m.sin(x)
    def partials(m, y, x):          return m.cos(x),

class Cos(Operation):
    """Cosine."""
    def value(m, x):                return m.cos(x)
    def partials(m, y, x):          return -m.sin(x),

class Tan(Operation):
    """Tangent."""
    def value(m, x):                return m.tan(x)
    def partials(m, y, x):          return 1 + y * y,

class Sec(Operation):
    """Secant, 1/cos(x)."""
    def value(m, x):                return 1 / m.cos(x)
    def partials(m, y, x):          return y * m.tan(x),

class Csc(Operation):
    """Cosecant, 1/sin(x)."""
    domain = "x != 0"
    def value(m, x):                return 1 / m.sin(x)
    def partials(m, y, x):          return -y / m.tan(x),

class Cot(Operation):
    """Cotangent, 1/tan(x)."""
    domain = "x != 0"
    def value(m, x):                return 1 / m.tan(x)
    def partials(m, y, x):          return -1 - y * y,

class Asin(Operation):
    """Inverse sine."""
    aliases = "arcsin",
    domain = "-1 <= x <= 1"
    def value(m, x):                return m.asin(x)
    def partials(m, y, x):          return m.slope(1, m.sqrt((1 - x) * (1 + x))),
    def vertical(m, y, x):          return abs(x) == 1

class Acos(Operation):
    """Inverse cosine."""
    aliases = "arccos",
    domain = "-1 <= x <= 1"
    def value(m, x):                return m.acos(x)
    def partials(m, y, x):          return -m.slope(1, m.sqrt((1 - x) * (1 + x))),
    def vertical(m, y, x):          return abs(x) == 1

class Atan(Operation):
    """Inverse tangent."""
    aliases = "arctan",
    def value(m, x):                return m.atan(x)
    def partials(m, y, x):          return m.reciprocal(1, x),

class Atan2(Operation):
    """Angle of the point (x, y), between -pi and pi."""
    aliases = "arctan2",
    def value(m, y, x):             return m.atan2(y + 0, x + 0)  # with one 0 only
    def partials(m, z, y, x):       return m.reciprocal(x, y), -m.reciprocal(y, x)
    def jump(m, z, y, x):           return m.where(y == 0, x < 0, False)

class Sinc(Operation):
    """Cardinal sine, sin(x)/x, and 1 at 0."""
    def value(m, x):                return m.sinc(x)
    def partials(m, y, x):          return m.sinc_n(1, x),

class SincN(Operation):
    """n-th derivative of sinc(x)."""
    name = "sinc_n"
    domain = "n = 0, 1, ... 1000"
    def value(m, n, x):             return m.where(n > 1000, m.nan, m.sinc_n(n, x))
    def partials(m, y, n, x):       return m.nan, m.sinc_n(n + 1, x)

class Degrees(Operation):
    """Radians as degrees."""
    def value(m, x):                return x * (180 / m.pi)
    def partials(m, y, x):          return 180 / m.pi,

class Radians(Operation):
    """Degrees as radians."""
    def value(m, x):                return x * (m.pi / 180)
    def partials(m, y, x):          return m.pi / 180,

# ---- Hyperbolic ----------------------------------------------------------------------

class Sinh(Operation):
    """Hyperbolic sine."""
    def value(m, x):                return m.sinh(x)
    def partials(m, y, x):          return m.cosh(x),

class Cosh(Operation):
    """Hyperbolic cosine."""
    def value(m, x):                return m.cosh(x)
    def partials(m, y, x):          return m.sinh(x),

class Tanh(Operation):
    """Hyperbolic tangent."""
    def value(m, x):                return m.tanh(x)
    def partials(m, y, x):          return m.tanh_slope(x),

class Sech(Operation):
    """Hyperbolic secant, 1/cosh(x)."""
    def value(m, x):                return m.sech(x)
    def partials(m, y, x):          return -y * m.tanh(x),

class Csch(Operation):
    """Hyperbolic cosecant, 1/sinh(x)."""
    domain = "x != 0"
    def value(m, x):                return m.csch(x)
    def partials(m, y, x):          return -y / m.tanh(x),

class Coth(Operation):
    """Hyperbolic cotangent, 1/tanh(x)."""
    domain = "x != 0"
    def value(m, x):                return 1 / m.tanh(x)
    def partials(m, y, x):          return -(m.csch(x) * m.csch(x)),

class Asinh(Operation):
    """Inverse hyperbolic sine."""
    aliases = "arsinh", "arcsinh"
    def value(m, x):                return m.asinh(x)
    def partials(m, y, x):          return 1 / m.hypot(1, x),

class Acosh(Operation):
    """Inverse hyperbolic cosine."""
    aliases = "arcosh", "arccosh"
    domain = "x >= 1"
    def value(m, x):                return m.acosh(x)
    def partials(m, y, x):          return m.slope(1, m.sqrt(x - 1) * m.sqrt(x + 1)),
    def vertical(m, y, x):          return x == 1

class Atanh(Operation):
    """Inverse hyperbolic tangent."""
    aliases = "artanh", "arctanh"
    domain = "-1 < x < 1"
    def value(m, x):                return m.atanh(x)
    def partials(m, y, x):          return 1 / ((1 - x) * (1 + x)),

# ---- With kinks or jumps -------------------------------------------------------------

class Abs(Operation):
    """Absolute value."""
    def value(m, x):                return abs(x)
    def partials(m, y, x):          return m.sign(x),
    def kink(m, y, x):              return x == 0

class Sign(Operation):
    """Sign: -1, 0 or 1."""
    def value(m, x):                return m.sign(x)
    def jump(m, y, x):              return x == 0

class Step(Operation):
    """Unit step: 0 below 0, 1 above, and 1/2 at 0."""
    aliases = "heaviside",
    def value(m, x):
        return m.where(x == 0, m.one / 2, m.where(x > 0, 1, 0))
    def jump(m, y, x):              return x == 0

class Relu(Operation):
    """Rectifier: x above 0, else 0."""
    def value(m, x):                return m.max(x, 0)
    def partials(m, y, x):          return m.where(x > 0, 1, m.where(x < 0, None, 0)),
    def kink(m, y, x):              return x == 0

class Min(Operation):
    """Smallest of two or more."""
    def value(m, a, b, *more):      return m.min(a, b, *more)
    def partials(m, y, *x):         return m.shares(y, x)
    def kink(m, y, *x):             return sum(m.where(a == y, 1, 0) for a in x) > 1

class Max(Operation):
    """Largest of two or more."""
    def value(m, a, b, *more):      return m.max(a, b, *more)
    def partials(m, y, *x):         return m.shares(y, x)
    def kink(m, y, *x):             return sum(m.where(a == y, 1, 0) for a in x) > 1

class Clamp(Operation):
    """x, but no less than lo and no more than hi."""
    domain = "lo <= hi"
    def value(m, x, lo, hi):        return m.clamp(x, lo, hi)
    def partials(m, y, x, lo, hi):
        within = m.where(x == lo, 0, m.where(x == hi, 0, 1))
        below = m.where(x < lo, 1, m.where(x == lo, 0, None))
        above = m.where(x > hi, 1, m.where(x == hi, 0, None))
        return m.where(x < lo, None, m.where(x > hi, None, within)), below, above
    def kink(m, y, x, lo, hi):      return m.where(x == lo, True, x == hi)

class Floor(Operation):
    """Largest integer that is no larger."""
    def value(m, x):                return m.floor(x)
    def jump(m, y, x):              return x == y

class Ceil(Operation):
    """Smallest integer that is no smaller."""
    def value(m, x):                return m.ceil(x)
    def jump(m, y, x):              return x == y

class Round(Operation):
    """Nearest integer; of two the even one."""
    def value(m, x):                return m.round(x)
    def jump(m, y, x):              return 2 * abs(x - y) == 1

class Trunc(Operation):
    """Integer part: the nearest integer towards 0."""
    def value(m, x):                return m.trunc(x)
    def jump(m, y, x):              return m.where(x == 0, False, x == y)

class Mod(Operation):
    """Remainder of the floored quotient, x - y floor(x/y), with the sign of y."""
    domain = "y != 0"
    def value(m, x, y):             return x % y
    def partials(m, z, x, y):       return 1, -(x // y)
    def jump(m, z, x, y):           return z == 0

# ---- Machine learning ----------------------------------------------------------------

class Sigmoid(Operation):
    """Logistic function, 1/(1+e^-x)."""
    aliases = "σ", "logistic"
    def value(m, x):                return m.sigmoid(x)
    # y (1 - y) is 0 from x = 37 on; the true derivative is not.
    def partials(m, y, x):          return y * m.sigmoid(-x),

class Softplus(Operation):
    """Smooth rectifier, ln(1+e^x)."""
    def value(m, x):                return m.softplus(x)
    def partials(m, y, x):          return m.sigmoid(x),

class LeakyRelu(Operation):
    """Leaky rectifier: x above 0, else a x."""
    name = "leaky_relu"
    def value(m, x, a):             return m.where(x > 0, x, a * x)
    def partials(m, y, x, a):
        at_0 = m.max(m.min(a, 1), 0)  # of all between a and 1, the one nearest to 0
        return m.where(x > 0, 1, m.where(x < 0, a, at_0)), m.min(x, 0)
    def kink(m, y, x, a):           return m.where(x == 0, a != 1, False)

class Elu(Operation):
    """Exponential linear unit: x above 0, else e^x - 1."""
    def value(m, x):                return m.where(x > 0, x, m.expm1(m.min(x, 0)))
    def partials(m, y, x):          return m.exp(m.min(x, 0)),

class Gelu(Operation):
    """Gaussian error linear unit, x normcdf(x)."""
    def value(m, x):                return m.gelu(x)
    def partials(m, y, x):          return m.gelu_slope(x),

class Silu(Operation):
    """Sigmoid linear unit, x sigmoid(x)."""
    aliases = "swish",
    def value(m, x):                return m.silu(x)
    def partials(m, y, x):          return m.silu_slope(x),

class Softsign(Operation):
    """x/(1+|x|)."""
    def value(m, x):                return x / (1 + abs(x))
    def partials(m, y, x):          return m.quotient(1, 1 + abs(x), 1 + abs(x)),

class Logit(Operation):
    """Log-odds, ln(x/(1-x)): the inverse of sigmoid."""
    domain = "0 < x < 1"
    def value(m, x):                return m.logit(x)
    def partials(m, y, x):          return 1 / (x * (1 - x)),

class Logaddexp(Operation):
    """ln(e^x + e^y)."""
    def value(m, x, y):             return m.logaddexp(x, y)
    def partials(m, z, x, y):       return m.softmax(x, y), m.softmax(y, x)

# ---- Special -------------------------------------------------------------------------

class Erf(Operation):
    """Error function."""
    def value(m, x):                return m.erf(x)
    def partials(m, y, x):          return 2 / m.sqrt(m.pi) * m.gaussian(x),

class Erfc(Operation):
    """Complementary error function, 1 - erf(x), right also where that is small."""
    def value(m, x):                return m.erfc(x)
    def partials(m, y, x):          return -2 / m.sqrt(m.pi) * m.gaussian(x),

class Gamma(Operation):
    """Gamma function."""
    domain = "x != 0, -1, -2, ..."
    def value(m, x):                return m.gamma(x)
    def partials(m, y, x):          return m.gamma_slope(x),

class Lgamma(Operation):
    """ln|gamma(x)|."""
    domain = "x != 0, -1, -2, ..."
    def value(m, x):                return m.lgamma(x)
    def partials(m, y, x):          return m.digamma(x),

class Digamma(Operation):
    """Derivative of ln(gamma(x))."""
    domain = "x != 0, -1, -2, ..."
    def value(m, x):                return m.digamma(x)
    def partials(m, y, x):          return m.polygamma(1, x),

class Polygamma(Operation):
    """n-th derivative of digamma(x)."""
    domain = "n = 0, 1, ... 1000 and x != 0, -1, -2, ..."
    def value(m, n, x):             return m.where(n > 1000, m.nan, m.polygamma(n, x))
    def partials(m, y, n, x):       return m.nan, m.polygamma(n + 1, x)

class Factorial(Operation):
    """gamma(x+1): for a whole x the product of 1, 2, ... x."""
    domain = "x != -1, -2, -3, ..."
    def value(m, x):                return m.factorial(x)
    def partials(m, y, x):          return m.factorial_slope(x),

class Normpdf(Operation):
    """Density of the standard normal distribution."""
    def value(m, x):                return m.normpdf(x)
    def partials(m, y, x):          return m.normpdf_slope(x),

class Normcdf(Operation):
    """Distribution function of the standard normal distribution."""
    def value(m, x):                return m.normcdf(x)
    def partials(m, y, x):          return m.normpdf(x),

# ---- Choice --------------------------------------------------------------------------

class If(Operation):
    """a if the condition holds, else b; only the chosen one is evaluated."""
    spoken, written = False, "if(condition, a, b)"
    def value(m, condition, a, b):  return m.where(condition, a, b)
    def partials(m, y, condition, a, b):
        return None, m.where(condition, 1, None), m.where(condition, None, 1)
    def branch(m, condition):       return m.where(condition, 1, 2)

class And(Operation):
    """Whether both conditions hold; b is evaluated only if a holds."""
    infix, spoken = "and", False
    def value(m, a, b):             return m.where(a, b, a)
    def branch(m, a):               return m.where(a, 1, 0)

class Or(Operation):
    """Whether one of two conditions holds; b is evaluated only if a does not."""
    infix, spoken = "or", False
    def value(m, a, b):             return m.where(a, a, b)
    def branch(m, a):               return m.where(a, 0, 1)

class Not(Operation):
    """Whether a condition does not hold."""
    spoken, written = False, "not a"
    def value(m, a):                return m.where(a, False, True)

class Lt(Operation):
    """Less."""
    infix, spoken = "<", False
    def value(m, a, b):             return a < b
    def jump(m, y, a, b):           return a == b

class Le(Operation):
    """Less or equal."""
    infix, spoken = "<=", False
    def value(m, a, b):             return a <= b
    def jump(m, y, a, b):           return a == b

class Gt(Operation):
    """Greater."""
    infix, spoken = ">", False
    def value(m, a, b):             return a > b
    def jump(m, y, a, b):           return a == b

class Ge(Operation):
    """Greater or equal."""
    infix, spoken = ">=", False
    def value(m, a, b):             return a >= b
    def jump(m, y, a, b):           return a == b

class Eq(Operation):
    """Equal."""
    infix, spoken = "==", False
    def value(m, a, b):             return a == b
    def jump(m, y, a, b):           return a == b

class Ne(Operation):
    """Not equal."""
    infix, spoken = "!=", False
    def value(m, a, b):             return a != b
    def jump(m, y, a, b):           return a == b

# fmt: on


if not TYPE_CHECKING:  # checkers read no computed list, and take all public names
    __all__ = ["Operation", *(rule.__name__ for rule in Operation.__subclasses__())]

#: Every operation by its name.
OPERATIONS: dict[str, Operation] = {
    rule.name: rule() for rule in Operation.__subclasses__()
}

#: The operations that formulas may call, by each of their names: those of one name
#: differ in how many arguments they take.
FUNCTIONS: dict[str, tuple[Operation, ...]] = {}
for _operation in OPERATIONS.values():
    if _operation.spoken:
        for _name in (_operation.name, *_operation.aliases):
            FUNCTIONS[_name] = (*FUNCTIONS.get(_name, ()), _operation)

#: The operations that have an operator, by it.
OPERATORS: dict[str, Operation] = {
    operation.infix: operation for operation in OPERATIONS.values() if operation.infix
}
