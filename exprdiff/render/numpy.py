"""Source code with NumPy: a function of arrays, which are broadcast."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ..program import Operand, Program
from ..style import Style
from .notation import AND, ATOM, OR, Pieces, joined
from .python import Python, module
from .source import SMOOTH, Language

FUNCTIONS = {
    **{
        name: f"np.{name}"
        for name in (
            *(
                "sqrt",
                "cbrt",
                "exp",
                "exp2",
                "expm1",
                "log1p",
                "log2",
                "log10",
                "hypot",
            ),
            *("sin", "cos", "tan", "sinh", "cosh", "tanh", "abs", "sign", "floor"),
            *("ceil", "trunc", "mod", "logaddexp"),
        )
    },
    **{f"a{name}": f"np.arc{name}" for name in ("sin", "cos", "tan", "tan2", "sinh")},
    **{"acosh": "np.arccosh", "atanh": "np.arctanh", "ln": "np.log", "pow": "np.power"},
    **{"min": "np.minimum", "max": "np.maximum", "round": "np.rint"},
}

HELPERS = {
    "decided": '''\
def decided(holds, a, b):
    """Whether a comparison of a and b holds: 1, 0, or NaN where they are undefined."""
    return np.where(np.isfinite(a) & np.isfinite(b), holds, np.nan)''',
    "choose": '''\
def choose(condition, a, b):
    """a where the condition holds, else b; NaN where it is undefined."""
    return np.where(np.isnan(condition), np.nan, np.where(condition == 1, a, b))''',
    "log": '''\
def log(x, b):
    """Logarithm to base b, a whole number where b to that power is x."""
    y = np.log(x)/np.log(b)
    whole = np.rint(y)
    near = np.abs(y - whole) <= 2.3e-16*np.abs(y)
    return np.where(near & (np.power(b, whole) == x), whole, y)''',
    "sinc": '''\
def sinc(x):
    """sin(x)/x, and 1 at 0."""
    return np.where(x == 0, 1.0, np.divide(np.sin(x), x))''',
    "sinc_slope": '''\
def sinc_slope(x):
    """The derivative of sinc; below 2 its power series."""
    z = np.clip(x, -2, 2)
    total = 1.0
    for k in range(13, 0, -1):
        total = 1 - z*z*total/(2*k*(2*k + 3))
    far = (np.cos(x) - np.sin(x)/x)/x
    return np.where(np.abs(x) < 2, -z/3*total, far)''',
    "sech": '''\
def sech(x):
    """1/cosh(x), also where cosh overflows."""
    t = np.exp(-np.abs(x))
    return 2*t/(1 + t*t)''',
    "csch": '''\
def csch(x):
    """1/sinh(x), also where sinh overflows."""
    size = np.abs(x)
    return np.copysign(2*np.exp(-size)/-np.expm1(-2*size), x)''',
    "step": '''\
def step(x):
    """0 below 0, 1 above, and 1/2 at 0."""
    return np.heaviside(x, 0.5)''',
    "clamp": '''\
def clamp(x, lo, hi):
    """x, but no less than lo and no more than hi."""
    return np.where(lo <= hi, np.minimum(np.maximum(x, lo), hi), np.nan)''',
    "sigmoid": '''\
def sigmoid(x):
    """1/(1 + e^-x), also where e^-x overflows."""
    return np.where(x > -709, 1/(1 + np.exp(-x)), np.exp(x))''',
    "softplus": '''\
def softplus(x):
    """ln(1 + e^x)."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))''',
    "leaky_relu": '''\
def leaky_relu(x, a):
    """x above 0, else a*x."""
    return np.where(x > 0, x, a*x)''',
    "elu": '''\
def elu(x):
    """x above 0, else e^x - 1."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))''',
    "silu": '''\
def silu(x):
    """x/(1 + e^-x); far below 0 only the result may underflow."""
    far = x*np.exp(np.maximum(x, -800) + 50)*np.exp(-50)
    return np.where(x > -40, x/(1 + np.exp(-x)), far)''',
    "softsign": '''\
def softsign(x):
    """x/(1 + |x|)."""
    return x/(1 + np.abs(x))''',
    "logit": '''\
def logit(x):
    """ln(x/(1 - x)); in the middle 2 artanh(2x - 1), where 2x - 1 is exact."""
    middle = np.abs(x - 0.5) <= 0.25
    return np.where(middle, 2*np.arctanh(2*x - 1), np.log(np.divide(x, 1 - x)))''',
    "tail": '''\
def tail(x):
    """1 - erf(x) for x >= 1: Laplace's continued fraction, 7.9.1 in the DLMF."""
    x = np.clip(x, 1, 40)
    bottom = (x + np.sqrt(x*x + 2*137 + 1))/2
    for k in range(137, 0, -1):
        bottom = x + k/2/bottom
    half = np.float64(np.float32(x))  # whose square is exact
    bell = np.exp(-half*half)*np.exp((half - x)*(half + x))
    return 0.5641895835477563*bell/bottom''',
    "erf": '''\
def erf(x):
    """The error function; below 1 its series 7.6.2 in the DLMF."""
    z = np.clip(x, -1, 1)
    total = 1.0
    for odd in range(43, 1, -2):
        total = 1 + 2*z*z/odd*total
    near = 1.1283791670955126*z*np.exp(-z*z)*total
    return np.where(np.abs(x) < 1, near, np.sign(x)*(1 - tail(np.abs(x))))''',
    "erfc": '''\
def erfc(x):
    """1 - erf(x)."""
    return np.where(x >= 1, tail(x), 1 - erf(x))''',
    "normpdf": '''\
def normpdf(x):
    """The density of the standard normal distribution."""
    return 0.3989422804014327*np.exp(-0.5*x*x)''',
    "normcdf": '''\
def normcdf(x):
    """The distribution function of the standard normal distribution."""
    return 0.5*erfc(-0.7071067811865476*x)''',
    "gelu": '''\
def gelu(x):
    """x normcdf(x)."""
    return x*normcdf(x)''',
}


class NumPy(Python):
    """How expressions are written with NumPy."""

    title = "NumPy"
    reserved = Python.reserved | {"np"}
    functions: ClassVar[dict[str, str]] = FUNCTIONS
    helpers: ClassVar[dict[str, str]] = HELPERS
    constants: ClassVar[dict[str, str]] = {
        **Python.constants,
        "pi": "np.pi",
        "tau": "(2.0*np.pi)",
        "e": "np.e",
        "inf": "np.inf",
    }
    blocks = raises = False
    safe = SMOOTH
    note = (
        "It takes arrays and numbers, which are broadcast; what depends on none of them"
        " is a number. Where the results are undefined they are NaN or infinite."
    )

    #: What the functions are called by, and what calculation is within.
    prefix: ClassVar[str] = "np"
    inside: ClassVar[str] = 'with np.errstate(all="ignore"):'

    def imports(self) -> list[str]:
        """The first lines."""
        return ["import numpy as np"]

    def _know(self, ends: Iterable[tuple[str, Operand]]) -> None:
        super()._know(ends)
        #: The conditions that may be NaN.
        self.undecided: set[Operand] = set()
        for id in self._order:
            step = self.steps[id]
            known = {"and", "or", "not"} if step.name is None else set()
            parts = self.undecided if step.operation in known else self.checked
            compares = step.operation in {"lt", "le", "gt", "ge", "eq", "ne"} | known
            if compares and not parts.isdisjoint(step.inputs):
                self.undecided.add(id)
                self._cheap.discard(id)

    def pieces(self, operand: Operand, top: bool = False) -> Pieces:
        level, pieces = super().pieces(operand, top)
        written = isinstance(operand, int) and (top or operand not in self.named)
        if written and operand in self.undecided:
            step = self.steps[int(operand)]
            if step.operation in self.infix and step.operation not in ("and", "or"):
                a, b = step.inputs
                self.used["decided"] = None
                return ATOM, ["decided(", *pieces, ", ", (a, OR), ", ", (b, OR), ")"]
        return level, pieces

    def _constant(self, *operands: Operand) -> bool:
        """Whether operands are numbers of Python, which may raise errors."""
        return all(isinstance(x, str) or x in self.constant for x in operands)

    def write_div(self, a: Operand, b: Operand) -> Pieces:
        if self._constant(a, b):
            return self._call("divide", a, b)
        return super().write_div(a, b)

    def write_square(self, a: Operand) -> Pieces:
        return self.write_power(a, "2")

    def write_cube(self, a: Operand) -> Pieces:
        return self.write_power(a, "3")

    def write_power(self, a: Operand, n: Operand) -> Pieces:
        if self._constant(a):
            return self.call("pow", a, n)
        return super().write_power(a, n)

    def write_exp2(self, a: Operand) -> Pieces:
        return self.call("exp2", a)

    def write_mod(self, a: Operand, b: Operand) -> Pieces:
        return self.call("mod", a, b)

    write_min, write_max = Language.write_min, Language.write_max

    def write_and(self, a: Operand, b: Operand) -> Pieces:
        if a in self.undecided or b in self.undecided:
            return self._choose(a, b, "0")
        return AND, [(a, ATOM), " & ", (b, ATOM)]

    def write_or(self, a: Operand, b: Operand) -> Pieces:
        if a in self.undecided or b in self.undecided:
            return self._choose(a, "1", b)
        return OR, [(a, ATOM), " | ", (b, ATOM)]

    def write_not(self, a: Operand) -> Pieces:
        if a in self.undecided:
            return self._choose(a, "0", "1")
        return self._call("logical_not", a)

    def write_if(self, *inputs: Operand) -> Pieces:
        c, a, b = inputs
        if c in self.undecided:
            return self._choose(c, a, b)
        return self._call("where", c, a, b)

    def _choose(self, *inputs: Operand) -> Pieces:
        return self.call("choose", *inputs)

    def _call(self, name: str, *inputs: Operand) -> Pieces:
        return ATOM, [f"{self.prefix}.{name}(", *joined(inputs, ", ", OR), ")"]

    def render(self) -> str:
        """The module."""
        first = [
            f"{parameter} = {self.prefix}.asarray({parameter}, dtype=float)"
            for name, parameter in self.parameters.items()
            if name in self.live
        ]
        return module(self, self.imports(), first, self.inside)


def render(program: Program, style: Style) -> str:
    """A module with the function f."""
    return NumPy(program).render()
