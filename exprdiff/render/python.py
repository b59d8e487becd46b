"""Source code in Python: a function of numbers."""

from __future__ import annotations

import builtins
import keyword
from textwrap import wrap
from typing import ClassVar

from ..program import Operand, Program
from ..style import Style
from .notation import ATOM, OR, POWER, SIGN, SUM, TOTAL, Pieces
from .source import CHOICE, WIDTH, Language, filled

#: The functions of math that have other names, or the same.
FUNCTIONS = {
    **{
        name: f"math.{name}"
        for name in (
            *("sqrt", "exp", "expm1", "log1p", "log2", "log10", "pow", "hypot"),
            *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh"),
            *("tanh", "asinh", "acosh", "atanh", "erf", "erfc", "gamma", "lgamma"),
            *("floor", "ceil", "trunc"),
        )
    },
    **{"ln": "math.log", "abs": "abs", "min": "min", "max": "max", "round": "round"},
}

HELPERS = {
    "cbrt": '''\
def cbrt(x):
    """Cube root."""
    if x == 0 or math.isinf(x):
        return float(x)
    mantissa, exponent = math.frexp(abs(x))
    thirds, rest = divmod(exponent, 3)
    cube = math.ldexp(mantissa, rest)
    root = cube**(1/3)
    root -= (root*root*root - cube)/(3*root*root)
    return math.copysign(math.ldexp(root, thirds), x)''',
    "log": '''\
def log(x, b):
    """Logarithm to base b, a whole number where b to that power is x."""
    y = math.log(x)/math.log(b)
    whole = round(y)
    try:
        if abs(y - whole) <= 2.3e-16*abs(y) and math.pow(b, whole) == x:
            return float(whole)
    except OverflowError:
        pass
    return y''',
    "sinc": '''\
def sinc(x):
    """sin(x)/x, and 1 at 0."""
    return math.sin(x)/x if x else 1.0''',
    "sinc_slope": '''\
def sinc_slope(x):
    """The derivative of sinc; below 2 its power series."""
    if abs(x) >= 2:
        return (math.cos(x) - math.sin(x)/x)/x
    total = 1.0
    for k in range(13, 0, -1):
        total = 1 - x*x*total/(2*k*(2*k + 3))
    return -x/3*total''',
    "sech": '''\
def sech(x):
    """1/cosh(x), also where cosh overflows."""
    t = math.exp(-abs(x))
    return 2*t/(1 + t*t)''',
    "csch": '''\
def csch(x):
    """1/sinh(x), also where sinh overflows."""
    return math.copysign(2*math.exp(-abs(x))/-math.expm1(-2*abs(x)), x)''',
    "sign": '''\
def sign(x):
    """-1, 0 or 1."""
    return (x > 0) - (x < 0)''',
    "step": '''\
def step(x):
    """0 below 0, 1 above, and 1/2 at 0."""
    return 0.5 if x == 0 else float(x > 0)''',
    "clamp": '''\
def clamp(x, lo, hi):
    """x, but no less than lo and no more than hi."""
    if lo > hi:
        raise ValueError("lo > hi")
    return min(max(x, lo), hi)''',
    "sigmoid": '''\
def sigmoid(x):
    """1/(1 + e^-x), also where e^-x overflows."""
    return 1/(1 + math.exp(-x)) if x > -709 else math.exp(x)''',
    "softplus": '''\
def softplus(x):
    """ln(1 + e^x)."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))''',
    "leaky_relu": '''\
def leaky_relu(x, a):
    """x above 0, else a*x."""
    return x if x > 0 else a*x''',
    "elu": '''\
def elu(x):
    """x above 0, else e^x - 1."""
    return x if x > 0 else math.expm1(x)''',
    "silu": '''\
def silu(x):
    """x/(1 + e^-x); far below 0 only the result may underflow."""
    if x > -40:
        return x/(1 + math.exp(-x))
    x = max(x, -800.0)
    return x*math.exp(x + 50)*math.exp(-50)''',
    "softsign": '''\
def softsign(x):
    """x/(1 + |x|)."""
    return x/(1 + abs(x))''',
    "logit": '''\
def logit(x):
    """ln(x/(1 - x)); in the middle 2 artanh(2x - 1), where 2x - 1 is exact."""
    if 0.25 <= x <= 0.75:
        return 2*math.atanh(2*x - 1)
    return math.log(x/(1 - x))''',
    "logaddexp": '''\
def logaddexp(x, y):
    """ln(e^x + e^y)."""
    return max(x, y) + math.log1p(math.exp(-abs(x - y)))''',
    "digamma": '''\
def digamma(x):
    """The derivative of ln(gamma(x)): reflection, recurrence, Stirling's series."""
    if x <= 0:
        if x == math.floor(x):
            raise ValueError("digamma has poles at 0, -1, -2, ...")
        return digamma(1 - x) - math.pi/math.tan(math.pi*math.remainder(x, 1))
    total = 0.0
    while x < 10:
        total -= 1/x
        x += 1
    s = 1/(x*x)
    tail = 1/120 - s*(1/252 - s*(1/240 - s*(1/132 - s*(691/32760 - s/12))))
    return total + math.log(x) - 0.5/x - s*(1/12 - s*tail)''',
    "factorial": '''\
def factorial(x):
    """gamma(x + 1)."""
    if 0 <= x <= 170 and x == math.floor(x):
        return float(math.factorial(int(x)))
    return math.gamma(x + 1) if x < 1 else x*math.gamma(x)''',
    "normpdf": '''\
def normpdf(x):
    """The density of the standard normal distribution."""
    return 0.3989422804014327*math.exp(-0.5*x*x)''',
    "normcdf": '''\
def normcdf(x):
    """The distribution function of the standard normal distribution."""
    return 0.5*math.erfc(-0.7071067811865476*x)''',
    "gelu": '''\
def gelu(x):
    """x normcdf(x)."""
    return x*normcdf(x)''',
}


class Python(Language):
    """How Python writes expressions."""

    title = "Python"
    reserved = frozenset({*keyword.kwlist, *dir(builtins), "math", "__debug__"})
    functions: ClassVar[dict[str, str]] = FUNCTIONS
    helpers: ClassVar[dict[str, str]] = HELPERS
    constants: ClassVar[dict[str, str]] = {
        **{"pi": "math.pi", "tau": "math.tau", "e": "math.e", "inf": "math.inf"},
        **{"true": "True", "false": "False"},
    }
    raises = True
    safe = TOTAL
    note = (
        "Where they are undefined or too large it raises ValueError, ZeroDivisionError"
        " or OverflowError."
    )
    syntax = "if {}:", "elif {}:", "else:", ""
    negation = "not ({})"

    def identifier(self, name: str) -> str:
        return normal(name)

    def write_square(self, a: Operand) -> Pieces:
        return POWER, [(a, ATOM), "**2"]

    def write_cube(self, a: Operand) -> Pieces:
        return POWER, [(a, ATOM), "**3"]

    def write_power(self, a: Operand, n: Operand) -> Pieces:
        if isinstance(n, str) and n.isdigit() and len(n) < 3:
            return POWER, [(a, ATOM), f"**{int(n)}"]
        return self.call("pow", a, n)

    def write_exp2(self, a: Operand) -> Pieces:
        return self.call("pow", "2", a)

    def write_mod(self, a: Operand, b: Operand) -> Pieces:
        return SUM, [(a, SIGN), " % ", (b, POWER)]

    def write_min(self, *inputs: Operand) -> Pieces:
        return self.call("min", *inputs)

    def write_max(self, *inputs: Operand) -> Pieces:
        return self.call("max", *inputs)

    def write_if(self, *inputs: Operand) -> Pieces:
        c, a, b = inputs
        return CHOICE, [(a, OR), " if ", (c, OR), " else ", (b, CHOICE)]


def normal(name: str) -> str:
    """The form in which Python compares names."""
    if name.isascii():
        return name
    from unicodedata import normalize

    name = normalize("NFKC", name)
    return name if name.isidentifier() else f"_{name}"


def render(program: Program, style: Style) -> str:
    """A module with the function f."""
    return module(Python(program), ["import math"], [])


def module(
    code: Language, imports: list[str], first: list[str], inside: str = ""
) -> str:
    """A module of Python.

    Args:
        code: the code.
        imports: its first lines.
        first: the first lines of the function.
        inside: what the calculation is within, if anything.
    """
    formula = [
        line.replace("\\", "\\\\").replace('"', '\\"') for line in code.formula()
    ]
    value, slopes = code.values[0], [_tuple(list(row.values())) for row in code.slopes]
    gradient, title = slopes[0], "Value and gradient"
    about = f"Returns the value and the tuple of its derivatives {code.order()}."
    if len(code.values) > 1:
        value, gradient = _tuple(code.values), _tuple(slopes)
        title = "Values and Jacobian"
        about = (
            "Returns the tuple of the values and, of each of them, the tuple of its"
            f" derivatives {code.order()}."
        )
    about = " ".join([about, *code.renamed(), code.note])
    indent = "    " * (2 if inside else 1)
    lines = [
        *filled("def f(", list(code.parameters.values()), "):"),
        f'    """{title} of',
        "",
        *(f"        {line}".rstrip() for line in formula),
        "",
        *wrap(about, WIDTH, initial_indent="    ", subsequent_indent="    "),
        '    """',
        *(f"    {line}" for line in first),
        *([f"    {inside}"] if inside else []),
        *(f"{indent}{name} = False" for name in code.guards),
        *code.lines(code.block, indent),
        *(
            [f"    return {value}, {gradient}"]
            if len(value + gradient) < 70
            else ["    return (", f"        {value},", f"        {gradient},", "    )"]
        ),
    ]
    return "\n\n\n".join(["\n".join(imports), *code.written(), "\n".join(lines)]) + "\n"


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' * (len(names) == 1)})"
