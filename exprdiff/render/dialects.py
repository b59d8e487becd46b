"""The dialects of SQL: how each writes numbers, names and operations.

Operations are as stable here as in doubles elsewhere, and fail nowhere: what is
undefined is NULL.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from ..errors import UsageError
from .notation import CONDITIONS
from .sql_special import SPECIAL, derivative

#: The most operands of a function.
MOST_OPERANDS = 100

#: Nearly the largest double, up to which nothing overflows, however it was rounded; and
#: the smallest.
BIG, SMALLEST = 1.797693134862315e308, 5e-324

FINITE = "abs(x) <= 1.7976931348623157e308"
_WHOLE = "y = floor(y)"
_EXPM1 = (
    "CASE WHEN abs(x) < 1e-17 THEN x"
    " WHEN abs(x) < 1 THEN 2*tanh(x/2)/(1 - tanh(x/2))"
    " WHEN x <= -40 THEN -1.0 WHEN x < 709.782712893384 THEN exp(x) - 1 END"
)
_NO_POLE = "x > 0 OR x <> floor(x)"


def _log1p_exp(x: str) -> str:
    """ln(1+e^x) for x <= 0."""
    return f"2*atanh(exp0({x})/(2 + exp0({x})))"


#: Operations of x, y and z. exp0 is exp, or 0 where that is too small, nearest is the
#: next whole number, and huge what is too large; a number with a point or an exponent
#: is a double.
TEMPLATES = {
    "identity": "x",
    "neg": "-x",
    "not": "NOT x",
    "abs": "abs(x)",
    "div": "CASE WHEN y <> 0 THEN x/y END",
    "square": "x*x",
    "cube": "x*x*x",
    "sqrt": "CASE WHEN x >= 0 THEN sqrt(x) END",
    "cbrt": "cbrt(x)",
    "pow": f"CASE WHEN x > 0 OR x = 0 AND y >= 0 OR x < 0 AND {_WHOLE}"
    " THEN power(x, y) END",
    "hypot": "CASE WHEN x = 0 AND y = 0 THEN 0.0"
    " WHEN abs(x) >= abs(y) THEN abs(x)*sqrt(1 + (y/x)*(y/x))"
    " WHEN abs(x) < abs(y) THEN abs(y)*sqrt(1 + (x/y)*(x/y)) END",
    "exp": "exp(x)",
    "exp2": "power(2.0, x)",
    "expm1": _EXPM1,
    **{name: f"CASE WHEN x > 0 THEN {name}(x) END" for name in ("ln", "log2", "log10")},
    "log": "CASE WHEN x > 0 AND y > 0 AND y <> 1 THEN ln(x)/ln(y) END",
    "log1p": "CASE WHEN abs(x) < 1e-17 THEN x"
    " WHEN abs(x) < 0.5 THEN 2*atanh(x/(2 + x)) WHEN x > -1 THEN ln(1 + x) END",
    **{name: f"{name}(x)" for name in ("sin", "cos", "tan", "atan")},
    **{name: f"{name}(x)" for name in ("sinh", "cosh", "tanh", "asinh")},
    "sec": "1/cos(x)",
    # 1/x is in range.
    **{
        name: f"CASE WHEN abs(x) > 5.6e-309 THEN 1/{inverse}(x) END"
        for name, inverse in (("csc", "sin"), ("cot", "tan"), ("coth", "tanh"))
    },
    **{name: f"CASE WHEN abs(x) <= 1 THEN {name}(x) END" for name in ("asin", "acos")},
    # Of no angle it matters that 0 may have a sign.
    "atan2": "CASE WHEN x <> 0 THEN atan2(x, y)"
    " WHEN x = 0 AND y < 0 THEN 3.141592653589793 WHEN x = 0 AND y >= 0 THEN 0.0 END",
    "sinc": "CASE WHEN x <> 0 THEN sin(x)/x WHEN x = 0 THEN 1.0 END",
    "sech": "CASE WHEN abs(x) < 700 THEN 1/cosh(x)"
    " WHEN abs(x) >= 700 THEN 2*exp0(-abs(x)) END",
    "csch": "CASE WHEN x >= 700 THEN 2*exp0(-x) WHEN x <= -700 THEN -2*exp0(x)"
    " WHEN abs(x) > 5.6e-309 THEN 1/sinh(x) END",
    "acosh": "CASE WHEN x >= 1 THEN acosh(x) END",
    "atanh": "CASE WHEN abs(x) < 1 THEN atanh(x) END",
    "sign": "CASE WHEN x > 0 THEN 1.0 WHEN x < 0 THEN -1.0 WHEN x = 0 THEN 0.0 END",
    "step": "CASE WHEN x > 0 THEN 1.0 WHEN x < 0 THEN 0.0 WHEN x = 0 THEN 0.5 END",
    "relu": "CASE WHEN x > 0 THEN x WHEN x <= 0 THEN 0.0 END",
    "clamp": "CASE WHEN y <= z THEN"
    " CASE WHEN x < y THEN y WHEN x > z THEN z ELSE x END END",
    **{name: f"{name}(x)" for name in ("floor", "ceil", "trunc")},
    "round": "CASE WHEN x - floor(x) < 0.5 THEN floor(x)"
    " WHEN x - floor(x) > 0.5 THEN floor(x) + 1"
    " WHEN x - floor(x) = 0.5 THEN 2*floor(floor(x)/2 + 0.5) END",
    "mod": "CASE WHEN y <> 0 THEN CASE WHEN mod(x, y) < 0 AND y > 0"
    " OR mod(x, y) > 0 AND y < 0 THEN mod(x, y) + y ELSE mod(x, y) END END",
    "sigmoid": "CASE WHEN x > 40 THEN 1.0 WHEN x > -700 THEN 1/(1 + exp(-x))"
    " WHEN x <= -700 THEN exp0(x) END",
    "softplus": f"CASE WHEN x > 0 THEN x + {_log1p_exp('-x')}"
    f" WHEN x <= 0 THEN {_log1p_exp('x')} END",
    "leaky_relu": "CASE WHEN x > 0 THEN x + 0*y WHEN x <= 0 THEN y*x END",
    "elu": f"CASE WHEN x > 0 THEN x ELSE {_EXPM1} END",
    "silu": "CASE WHEN abs(x) < 1e-300 THEN x/2 WHEN x > -40 THEN x/(1 + exp0(-x))"
    " WHEN x > -800 THEN x*exp0(x) WHEN x <= -800 THEN 0.0 END",
    "softsign": "x/(1 + abs(x))",
    "logit": "CASE WHEN x >= 0.25 AND x <= 0.75 THEN 2*atanh(2*x - 1)"
    " WHEN x > 0 AND x < 1 THEN ln(x/(1 - x)) END",
    "logaddexp": f"CASE WHEN x >= y THEN x + {_log1p_exp('y - x')}"
    f" WHEN x < y THEN y + {_log1p_exp('x - y')} END",
    "normpdf": "CASE WHEN abs(x) < 1e-9 THEN 0.3989422804014327"
    " WHEN abs(x) < 1e9 THEN 0.3989422804014327*exp0(-x*x/2)"
    " WHEN abs(x) >= 1e9 THEN 0.0 END",
    **SPECIAL,
    "if": "CASE WHEN x THEN y WHEN NOT (x) THEN z END",
    # In SQL, a condition that is false hides one that is NULL.
    "and": "CASE WHEN x THEN y ELSE x END",
    "or": "CASE WHEN NOT (x) THEN y ELSE x END",
}

#: What is infinite or NaN wherever an operand is.
SHOWS = {"identity", "neg", "abs", "add", "sub", "mul", "square", "cube"}

#: What is as infinite as an operand, and never hides that one is which is used.
CARRIES = SHOWS | {"if"} | CONDITIONS - {"lt", "le", "gt", "ge", "eq", "ne"}

#: What may be infinite though no operand is.
OVERFLOWS = {"add", "sub", "mul", "div", "square", "cube", "power", "pow", "hypot"}
OVERFLOWS |= {"exp", "exp2", "expm1", "sinh", "cosh", "degrees", "leaky_relu"}
OVERFLOWS |= {"gamma", "lgamma", "factorial", "digamma", "polygamma"}

#: What takes an infinite or undefined operand without complaint, and hides it.
HIDING = {
    "div",
    "exp",
    "exp2",
    "sqrt",
    "ln",
    "log2",
    "log10",
    "tanh",
    "sigmoid",
    "atan",
}

#: What is an error, infinite or NaN where it is undefined, if it is left alone, and
#: wherever the operand is infinite or NaN.
UNGUARDED = {"sqrt", "ln", "log2", "log10", "sin", "cos", "tan", "cosh"}

# ---- Where what overflows is an error ------------------------------------------------


def _sum(a: float | None, b: float | None) -> str:
    if any(k is not None and abs(k) < 1e290 for k in (a, b)):
        return "x + y"
    return f"CASE WHEN sign(x)*y <= {BIG} - abs(x) THEN x + y END"


def _difference(a: float | None, b: float | None) -> str:
    if any(k is not None and abs(k) < 1e290 for k in (a, b)):
        return "x - y"
    return f"CASE WHEN sign(x)*y >= abs(x) - {BIG} THEN x - y END"


def _product(a: float | None, b: float | None) -> str:
    if a is None and b is None:
        return (
            f"CASE WHEN abs(y) > {BIG}/greatest(abs(x), 1) THEN NULL"
            f" WHEN abs(y) < {SMALLEST}/least(greatest(abs(x), {SMALLEST}), 1)"
            " THEN 0*x*y ELSE x*y END"
        )
    other, k = ("x", abs(b)) if b is not None else ("y", abs(a or 0))
    if k > 1:
        return f"CASE WHEN abs({other}) <= {BIG / k} THEN x*y END"
    if 0 < k < 1:
        return f"CASE WHEN abs({other}) < {SMALLEST / k} THEN 0*{other} ELSE x*y END"
    return "x*y"


def _quotient(a: float | None, b: float | None) -> str:
    if b:
        if abs(b) < 1:
            return f"CASE WHEN abs(x) <= {BIG * abs(b)} THEN x/y END"
        return f"CASE WHEN abs(x) < {SMALLEST * abs(b)} THEN 0*x ELSE x/y END"
    if a is not None and abs(a) > 1e-15:
        return f"CASE WHEN abs(y) >= {max(abs(a) / 1e308, SMALLEST)} THEN x/y END"
    return (
        f"CASE WHEN y = 0 OR abs(x) > {BIG}*least(abs(y), 1) THEN NULL"
        f" WHEN abs(x) < {SMALLEST}*greatest(abs(y), 1) THEN 0*x*y ELSE x/y END"
    )


def _raised(text: str, n: float) -> str:
    """x^n, written as the text."""
    if n == 0:
        return "CASE WHEN x = x THEN 1.0 END"
    whole = n % 1 == 0
    small, large = sorted(_ten_to(digits / n) for digits in (-323.2, 308.25))
    nothing = f"abs(x) < {small}" if n > 0 else f"abs(x) > {large}"
    within = f"abs(x) <= {large}" if n > 0 else f"abs(x) >= {max(small, SMALLEST)}"
    case = f"CASE WHEN {nothing} THEN 0*x WHEN {within} THEN {text} END"
    return case if whole else f"CASE WHEN x >= 0 THEN {case} END"


def _ten_to(y: float) -> float:
    return 10.0 ** min(y, 308.25)


#: Of constants and of operands that are none.
_CHECKED: dict[str, Callable[..., str]] = {
    "add": _sum,
    "sub": _difference,
    "mul": _product,
    "div": _quotient,
    "square": lambda x: _raised("x*x", 2),
    "cube": lambda x: _raised("x*x*x", 3),
}

# ---- Dialects ------------------------------------------------------------------------


def _power(n: float) -> str:
    """x^n, as far as it is defined."""
    where = ["x > 0", "x >= 0", "x <> 0", ""][(n >= 0) + 2 * (n % 1 == 0)]
    return f"CASE WHEN {where} THEN power(x, y) END" if where else "power(x, y)"


#: Operations that are products with a constant.
_FACTORS = {"degrees": math.degrees(1), "radians": math.radians(1)}


def shrinks(name: str, values: list[float | None]) -> bool:
    """Whether an operation makes nothing larger, as a constant in it is small."""
    constants = [abs(k) for k in values if k is not None]
    if name == "div":
        return values[1] is not None and abs(values[1]) >= 1
    return name == "mul" and bool(constants) and constants[0] <= 1


class Dialect:
    """A dialect of SQL.

    Args:
        literal: how it writes a double, of which the digits are given.
        type: what it calls doubles.
        templates: how operations are written that are not as in TEMPLATES.
        lacks: the operations that it cannot have.
        quote: what stands on both sides of a name.
        fence: what keeps it from putting columns in their places again.
        cast: what makes a double of a column,
        extremes: what it calls the least and the greatest of several, and
        nearest: the next whole number, of two either one.
        columns: how many it has at most, and
        layers: how many of them, one upon the other.
        bytes: how long a name may be.
        raises: whether what overflows is an error.
        numbers: what is a number in a column that may have others.
        reserved: the names that no column of a subquery can have.
    """

    def __init__(
        self,
        literal: str,
        type: str,
        templates: dict[str, str],
        lacks: str = "",
        quote: str = '"',
        fence: str = "",
        cast: str = "CAST",
        extremes: tuple[str, str] = ("least", "greatest"),
        nearest: str = "round",
        columns: int = 2000,
        layers: int = 400,
        bytes: int = 10**9,
        raises: bool = False,
        numbers: str = "",
        reserved: tuple[str, ...] = (),
    ) -> None:
        self.type = type
        self.quote = quote
        self.fence = fence
        self.cast = cast
        self.extremes = dict(zip(("min", "max"), extremes, strict=True))
        self.nearest = nearest
        self.columns = columns
        self.layers = layers
        self.bytes = bytes
        self.raises = raises
        self.numbers = numbers
        self.reserved = reserved
        self._literal = literal
        lacking = lacks.split()
        self._templates = {
            name: template
            for name, template in (TEMPLATES | templates).items()
            if name not in lacking
        }

    def template(self, name: str, values: list[float | None]) -> str | None:
        """How an operation is written, if it has a template.

        Args:
            name: the operation.
            values: of its operands, those that are constants.
        """
        template = self._templates.get("pow" if name == "power" else name)
        if name in self.extremes:
            if len(values) > MOST_OPERANDS:
                raise UsageError(
                    f"{name} of {len(values)} operands is too long for SQL, which"
                    f" takes {MOST_OPERANDS}"
                )
            operands = ", ".join(f"x{k}" for k, _ in enumerate(values))
            template = f"{self.extremes[name]}({operands})"
        elif name in _FACTORS:
            factor = _FACTORS[name]
            product = _product(None, factor) if self.raises else "x*y"
            template = product.replace("y", repr(factor))
        elif name in ("polygamma", "sinc_n"):
            template = derivative(name, values[0])
        elif self.raises and name in _CHECKED:
            template = _CHECKED[name](*values)
        elif name == "power" and (n := values[1]) is not None:
            if not self.raises:
                template = _power(n)
            elif abs(n) < 1e6:  # of more, the bounds would be rounded too much
                template = _raised("power(x, y)", n)
        elif name == "div" and values[1]:
            template = "x/y"
        return template and self.finished(template)

    def number(self, y: float) -> str:
        """A double, as it is read."""
        if not math.isfinite(y):
            return f"CAST(NULL AS {self.type})"
        digits = repr(abs(y)).removesuffix(".0")
        e = "" if "e" in digits else "e0"
        text = self._literal.format(digits=digits, e=e)
        return f"-{text}" if y < 0 else text

    def name(self, name: str) -> str:
        """The name of a column."""
        return f"{self.quote}{name.replace(self.quote, 2 * self.quote)}{self.quote}"

    def finished(self, template: str) -> str:
        """A template with doubles as this dialect has them."""
        exp0 = (
            r"(CASE WHEN \1 < -744 THEN 0.0 ELSE exp(\1) END)"
            if self.raises
            else r"exp(\1)"
        )
        template = re.sub(rf"exp0\(({_BALANCED})\)", exp0, template)
        template = template.replace("nearest(", f"{self.nearest}(")
        template = template.replace("huge", "NULL" if self.raises else "1e308*10")
        return re.sub(
            r"(?<![\w.])(\d+\.\d+(e[-+]?\d+)?|\d+e[-+]?\d+)",
            lambda match: self.number(float(match[0])),
            template,
        )


#: What parentheses may have between them.
_BALANCED = r"[^()]*"
for _ in range(12):
    _BALANCED = rf"(?:[^()]|\({_BALANCED}\))*"

_SPARK_ASINH = "ln(abs(x)) + 0.6931471805599453"

#: The logarithm of a power, with an exponent that is in range and yet no less wrong.
_LOG = "sign(y)*least(greatest(abs(y), 1e-20), 1e20)*ln(abs(x))"

DIALECTS = {
    "duckdb": Dialect(
        "{digits}{e}",
        "DOUBLE",
        {
            # What is infinite then shows up later.
            "div": "x/y",
            "round": "round_even(x, 0)",
            "gamma": "CASE WHEN x = floor(x) AND x > 0 AND x < 18 THEN round(gamma(x))"
            f" WHEN {_NO_POLE} THEN gamma(x) END",
            "lgamma": f"CASE WHEN {_NO_POLE} THEN lgamma(x) END",
            "factorial": "CASE WHEN x = floor(x) AND x >= 0 AND x < 18"
            " THEN round(gamma(x + 1)) WHEN x >= 1 THEN x*gamma(x)"
            " WHEN x > -1 OR x <> floor(x) THEN gamma(x + 1) END",
        },
        cast="TRY_CAST",
    ),
    "spark": Dialect(
        "{digits}D",
        "DOUBLE",
        {
            "pow": TEMPLATES["pow"].replace("floor", "rint"),
            "hypot": "hypot(x, y)",
            "expm1": "expm1(x)",
            "log1p": "CASE WHEN x > -1 THEN log1p(x) END",
            # Of what Spark has, asinh and acosh lose digits, and floor gives integers.
            "asinh": f"CASE WHEN x > 1e8 THEN {_SPARK_ASINH}"
            f" WHEN x < -1e8 THEN -({_SPARK_ASINH})"
            " WHEN x >= 0 THEN log1p(x + x*x/(1 + sqrt(1 + x*x)))"
            " WHEN x < 0 THEN -log1p(-x + x*x/(1 + sqrt(1 + x*x))) END",
            "acosh": f"CASE WHEN x > 1e8 THEN {_SPARK_ASINH}"
            " WHEN x >= 1 THEN log1p(x - 1 + sqrt((x - 1)*(x + 1))) END",
            "floor": "CASE WHEN rint(x) > x THEN rint(x) - 1 ELSE rint(x) END",
            "ceil": "CASE WHEN rint(x) < x THEN rint(x) + 1 ELSE rint(x) END",
            "trunc": "CASE WHEN abs(rint(x)) <= abs(x) THEN rint(x)"
            " WHEN x > 0 THEN rint(x) - 1 ELSE rint(x) + 1 END",
            "round": "rint(x)",
            "mod": re.sub(r"mod\(x, y\)", "(x % y)", TEMPLATES["mod"]),
        },
        quote="`",
        cast="TRY_CAST",
        nearest="rint",
    ),
    "postgres": Dialect(
        "{digits}::float8",
        "double precision",
        {
            # Sums, products and powers are guarded where they are written.
            "hypot": f"CASE WHEN abs(x) <= {BIG / 2} AND abs(y) <= {BIG / 2}"
            " THEN point(x, y) <-> point(0, 0) END",
            "pow": "CASE WHEN y = 0 AND x = x THEN 1.0 WHEN x = 0 AND y > 0 THEN 0.0"
            f" WHEN x > 0 OR x < 0 AND {_WHOLE} THEN CASE WHEN {_LOG} < -744 THEN 0.0"
            f" WHEN {_LOG} < 709.78 THEN power(x, y) END END",
            "exp": "CASE WHEN x < -745 THEN 0.0 WHEN x < 709.782712893384"
            " THEN exp(x) END",
            "exp2": "CASE WHEN x < -1074 THEN 0.0 WHEN x < 1024 THEN power(2.0, x) END",
            "log2": "CASE WHEN x > 0 THEN ln(x)/0.6931471805599453 END",
            **{
                name: f"CASE WHEN abs(x) < 710.4758600739439 THEN {name}(x) END"
                for name in ("sinh", "cosh")
            },
            "round": "round(x)",
            "logaddexp": f"CASE WHEN abs(x) <= {BIG / 2} AND abs(y) <= {BIG / 2} THEN"
            f" {TEMPLATES['logaddexp']} END",
            "silu": TEMPLATES["silu"].replace(
                "CASE", "CASE WHEN abs(x) < 1e-323 THEN 0*x", 1
            ),
            "leaky_relu": TEMPLATES["leaky_relu"].replace("y*x", _product(None, None)),
        },
        # Its remainder is one of decimals.
        lacks="mod",
        fence="MATERIALIZED ",
        columns=1600,
        bytes=63,
        raises=True,
    ),
    "sqlite": Dialect(
        "{digits}{e}",
        "REAL",
        {
            "cbrt": "CASE WHEN x >= 0 THEN power(x, 1.0/3) WHEN x < 0"
            " THEN -power(-x, 1.0/3) END",
        },
        fence="MATERIALIZED ",
        extremes=("min", "max"),
        numbers="typeof(x) IN ('integer', 'real')",
        reserved=("true", "false"),
    ),
}
