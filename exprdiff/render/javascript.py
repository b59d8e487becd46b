"""Source code in JavaScript: a function of numbers, for browsers and Node."""

from __future__ import annotations

import json
from collections.abc import Iterable
from textwrap import wrap
from typing import ClassVar

from ..program import Operand, Program
from ..style import Style
from .c import block_comment
from .notation import AND, ATOM, COMPARISON, NOT, OR, SUM, Pieces
from .source import WIDTH, Language, filled

WORDS = """
abstract arguments async await boolean break byte case catch char class const continue
debugger default delete do double else enum eval export exports extends false final
finally float for function get goto if implements import in instanceof int interface
let long module native new nowhere null of package private protected public require
return set short static super switch synchronized this throw throws transient true try
typeof undefined var void volatile while with yield Infinity Math NaN Number
"""

FUNCTIONS = {
    **{
        name: f"Math.{name}"
        for name in (
            *("sqrt", "cbrt", "exp", "expm1", "log1p", "log2", "log10", "pow", "hypot"),
            *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh"),
            *("tanh", "asinh", "acosh", "atanh", "abs", "sign", "min", "max", "floor"),
            *("ceil", "trunc"),
        )
    },
    **{"ln": "Math.log", "log": "logBase", "sinc_slope": "sincSlope"},
    **{"leaky_relu": "leakyRelu", "round": "roundToEven", "sinc_n": "sincN"},
}

HELPERS = {
    "roundToEven": """\
/** The nearest integer, of two the even one. */
function roundToEven(x) {
    const below = Math.floor(x);
    const rest = x - below;
    return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : Math.ceil(x);
}""",
    "logBase": """\
/** Logarithm to base b, a whole number where b to that power is x. */
function logBase(x, b) {
    const y = Math.log(x)/Math.log(b);
    const whole = Math.round(y);
    const near = Math.abs(y - whole) <= 2.3e-16*Math.abs(y);
    return near && Math.pow(b, whole) === x ? whole : y;
}""",
    "sinc": """\
/** sin(x)/x, and 1 at 0. */
function sinc(x) {
    return x === 0 ? 1 : Math.sin(x)/x;
}""",
    "sincSlope": """\
/** The derivative of sinc; below 2 its power series. */
function sincSlope(x) {
    if (Math.abs(x) >= 2) {
        return (Math.cos(x) - Math.sin(x)/x)/x;
    }
    let total = 1;
    for (let k = 13; k > 0; k--) {
        total = 1 - x*x*total/(2*k*(2*k + 3));
    }
    return -x/3*total;
}""",
    "sincN": """\
/** The n-th derivative of sinc, from x y_k + k y_(k-1) = sin(x + k pi/2). */
function sincN(n, x) {
    if (!(n >= 0 && n <= 1000 && n % 1 === 0)) {
        return NaN;
    }
    const [s, c] = [Math.sin(x), Math.cos(x)];
    const turned = [s, c, -s, -c];
    // Errors shrink upwards where |x| > k, else downwards, where any start will do.
    let y = 0;
    if (Math.abs(x) > n) {
        y = s/x;
        for (let k = 1; k <= n; k++) {
            y = (turned[k % 4] - k*y)/x;
        }
    } else {
        for (let k = 2*n + 50; k > n; k--) {
            y = (turned[k % 4] - x*y)/k;
        }
    }
    return y;
}""",
    "sech": """\
/** 1/cosh(x), also where cosh overflows. */
function sech(x) {
    const t = Math.exp(-Math.abs(x));
    return 2*t/(1 + t*t);
}""",
    "csch": """\
/** 1/sinh(x), also where sinh overflows. */
function csch(x) {
    const size = Math.abs(x);
    return (x < 0 ? -2 : 2)*Math.exp(-size)/-Math.expm1(-2*size);
}""",
    "step": """\
/** 0 below 0, 1 above, and 1/2 at 0. */
function step(x) {
    return (Math.sign(x) + 1)/2;
}""",
    "clamp": """\
/** x, but no less than lo and no more than hi. */
function clamp(x, lo, hi) {
    return lo <= hi ? Math.min(Math.max(x, lo), hi) : NaN;
}""",
    "mod": """\
/** Remainder of the floored quotient, with the sign of y. */
function mod(x, y) {
    const rest = x % y;
    return rest !== 0 && (rest < 0) !== (y < 0) ? rest + y : rest;
}""",
    "sigmoid": """\
/** 1/(1 + e^-x), also where e^-x overflows. */
function sigmoid(x) {
    return x > -709 ? 1/(1 + Math.exp(-x)) : Math.exp(x);
}""",
    "softplus": """\
/** ln(1 + e^x). */
function softplus(x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}""",
    "leakyRelu": """\
/** x above 0, else a*x. */
function leakyRelu(x, a) {
    return x > 0 ? x : a*x;
}""",
    "elu": """\
/** x above 0, else e^x - 1. */
function elu(x) {
    return x > 0 ? x : Math.expm1(x);
}""",
    "silu": """\
/** x/(1 + e^-x); far below 0 only the result may underflow. */
function silu(x) {
    if (x > -40) {
        return x/(1 + Math.exp(-x));
    }
    return x*Math.exp(Math.max(x, -800) + 50)*Math.exp(-50);
}""",
    "softsign": """\
/** x/(1 + |x|). */
function softsign(x) {
    return x/(1 + Math.abs(x));
}""",
    "logit": """\
/** ln(x/(1 - x)); in the middle 2 artanh(2x - 1), where 2x - 1 is exact. */
function logit(x) {
    return x >= 0.25 && x <= 0.75 ? 2*Math.atanh(2*x - 1) : Math.log(x/(1 - x));
}""",
    "logaddexp": """\
/** ln(e^x + e^y). */
function logaddexp(x, y) {
    return Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
}""",
    "erf": """\
/** The error function; below 1 its series 7.6.2 in the DLMF. */
function erf(x) {
    if (!(Math.abs(x) < 1)) {
        return x < 0 ? erfc(-x) - 1 : 1 - erfc(x);
    }
    const square = x*x;
    let total = 1;
    for (let odd = 43; odd > 1; odd -= 2) {
        total = 1 + 2*square/odd*total;
    }
    return 1.1283791670955126*x*Math.exp(-square)*total;
}""",
    "erfc": """\
/** 1 - erf(x); from 1 on by Laplace's continued fraction, 7.9.1 in the DLMF. */
function erfc(x) {
    if (!(x >= 1)) {
        return x <= -1 ? 2 - erfc(-x) : 1 - erf(x);
    }
    if (x > 30) {
        return 0;
    }
    const terms = 12 + Math.floor(125/(x*x));
    let bottom = (x + Math.sqrt(x*x + 2*terms + 1))/2;
    for (let k = terms; k > 0; k--) {
        bottom = x + k/2/bottom;
    }
    // The square of the first half of its digits is exact.
    const half = Math.fround(x);
    const bell = Math.exp(-half*half)*Math.exp((half - x)*(half + x));
    return 0.5641895835477563*bell/bottom;
}""",
    "stirlingTail": """\
/** The sum of Bernoulli's B_k (k+n-1)!/(k! (n+1)!) x^-k over k = 2, 4, ... 20. */
function stirlingTail(n, x) {
    const numbers = [1/6, -1/30, 1/42, -1/30, 5/66, -691/2730, 7/6, -3617/510,
        43867/798, -174611/330];
    let total = 0;
    for (let k = 20; k > 0; k -= 2) {
        total *= (k + n)*(k + n + 1)/((k + 1)*(k + 2)*x*x);
        total += numbers[k/2 - 1];
    }
    return total/(2*x*x);
}""",
    "fromWhole": """\
/** x less the nearest whole number; 0 becomes NaN, for the poles of gamma. */
function fromWhole(x) {
    return x - Math.round(x) || NaN;
}""",
    "gamma": """\
/** The gamma function: 5.5.1 and, from 7 on, 5.11.1 in the DLMF. */
function gamma(x) {
    if (x > 172) {
        return Infinity;
    }
    if (x === Math.round(x)) {
        return x <= 0 ? NaN : x < 2 ? 1 : (x - 1)*gamma(x - 1);
    }
    if (x < 7) {
        return x < -190 ? 0 : gamma(x + 1)/x;
    }
    // The power alone may overflow.
    const half = Math.pow(x, x/2 - 0.25);
    return 2.5066282746310002*half*Math.exp(-x)*half*Math.exp(x*stirlingTail(-1, x));
}""",
    "lgamma": """\
/** ln|gamma(x)|: 5.5.3 below 1/2 and, from 170 on, 5.11.1 in the DLMF. */
function lgamma(x) {
    if (x < 0.5) {
        const sine = Math.sin(Math.PI*fromWhole(x));
        return -Math.log(Math.abs(sine)/Math.PI) - lgamma(1 - x);
    }
    if (x < 170) {
        return Math.log(gamma(x));
    }
    return (x - 0.5)*(Math.log(x) - 1) + 0.4189385332046727 + x*stirlingTail(-1, x);
}""",
    "digamma": """\
/** The derivative of lgamma: 5.5.4, 5.5.2 and, from 7 on, 5.11.2 in the DLMF. */
function digamma(x) {
    if (x <= 0) {
        return digamma(1 - x) - Math.PI/Math.tan(Math.PI*fromWhole(x));
    }
    let total = 0;
    for (; x < 7; x++) {
        total -= 1/x;
    }
    return total + Math.log(x) - 0.5/x - stirlingTail(0, x);
}""",
    "polygammaUp": """\
/** |polygamma(n, x)|, x > 0: 5.15.5 and, from n + 10 on, 5.15.9 in the DLMF. */
function polygammaUp(n, x) {
    // In units of the first term, n!/x^(n + 1): neither part of that need be a double.
    const term = (k) => Math.exp(-(n + 1)*Math.log1p(k/x));
    let total = 0;
    let k = 0;
    for (; x + k < n + 10; k++) {
        total += term(k);
    }
    const y = x + k;
    total += term(k)*(0.5 + y*(1/n + (n + 1)*stirlingTail(n, y)));
    let product = total/x;
    for (let low = 1, high = n; low <= high; ) {
        product *= (product < 1 ? high-- : low++)/x;
    }
    return product;
}""",
    "polygamma": """\
/** The n-th derivative of digamma, below 0 by 5.15.6 in the DLMF. */
function polygamma(n, x) {
    if (!(n > 0 && n <= 1000 && n % 1 === 0)) {
        return n === 0 ? digamma(x) : NaN;
    }
    const sign = n % 2 ? 1 : -1;
    if (x > 0) {
        return sign*polygammaUp(n, x);
    }
    // The derivative of the cotangent has period 1.
    const near = fromWhole(x);
    const size = Math.abs(near);
    const turn = polygammaUp(n, size) + sign*polygammaUp(n, 1 - size);
    return (near > 0 ? sign*turn : turn) - polygammaUp(n, 1 - x);
}""",
    "factorial": """\
/** gamma(x + 1). */
function factorial(x) {
    return x < 1 ? gamma(x + 1) : x*gamma(x);
}""",
    "normpdf": """\
/** The density of the standard normal distribution. */
function normpdf(x) {
    return 0.3989422804014327*Math.exp(-0.5*x*x);
}""",
    "normcdf": """\
/** The distribution function of the standard normal distribution. */
function normcdf(x) {
    return 0.5*erfc(-0.7071067811865476*x);
}""",
    "gelu": """\
/** x normcdf(x). */
function gelu(x) {
    return x*normcdf(x);
}""",
}


class JavaScript(Language):
    """How JavaScript writes expressions."""

    title = "JavaScript"
    reserved = frozenset(WORDS.split())
    functions: ClassVar[dict[str, str]] = FUNCTIONS
    helpers: ClassVar[dict[str, str]] = HELPERS
    constants: ClassVar[dict[str, str]] = {
        **{"pi": "Math.PI", "e": "Math.E", "inf": "Infinity"},
        **{"true": "true", "false": "false"},
    }
    repeats: ClassVar[dict[str, int]] = {"square": 2, "cube": 3}
    infix: ClassVar[dict[str, tuple[int, int, str]]] = {
        **Language.infix,
        "eq": (COMPARISON, SUM, " === "),
        "ne": (COMPARISON, SUM, " !== "),
        "and": (AND, NOT, " && "),
        "or": (OR, AND, " || "),
    }

    def write_not(self, a: Operand) -> Pieces:
        return ATOM, ["!", (a, ATOM)]

    def write_exp2(self, a: Operand) -> Pieces:
        return self.call("pow", "2", a)

    def write_min(self, *inputs: Operand) -> Pieces:
        return self.call("min", *inputs)

    def write_max(self, *inputs: Operand) -> Pieces:
        return self.call("max", *inputs)

    def assign(self, name: str, text: str, condition: bool) -> str:
        return f"{'' if name in self.early else 'const '}{name} = {text};"

    def check(self, name: str) -> Iterable[str]:
        return [f"if (!Number.isFinite({name})) {{", "    return nowhere;", "}"]

    def result(self, values: list[str], slopes: list[dict[str, str]]) -> list[str]:
        """The lines of the object that is returned."""
        rows = [[_pair(name, text) for name, text in row.items()] for row in slopes]
        if len(values) == 1:
            lines = [f"{_pair('value', values[0])},"]
            lines += (
                filled("gradient: { ", rows[0], " },") if rows[0] else ["gradient: {},"]
            )
            return lines
        lines = filled("values: [", values, "],")
        lines.append("jacobian: [")
        for row in rows:
            lines += filled("{ ", row, " },", "    ") if row else ["    {},"]
        return [*lines, "],"]

    def function(self, name: str = "") -> list[str]:
        """The lines of a function that returns values and derivatives."""
        lines = list(self.lines(self.block, "    "))
        nowhere: list[str] = []
        if any("return nowhere;" in line for line in lines):
            undefined = [dict.fromkeys(row, "NaN") for row in self.slopes]
            parts = self.result(["NaN"] * len(self.values), undefined)
            nowhere = [
                "    const nowhere = {",
                *(f"        {x}" for x in parts),
                "    };",
            ]
        early = [name for name in self.early if name not in self.guards]
        return [
            *filled(f"function {name}(", list(self.parameters.values()), ") {"),
            *nowhere,
            *(filled("let ", early, ";", "    ") if early else []),
            *(f"    let {name} = false;" for name in self.guards),
            *lines,
            "    return {",
            *(f"        {line}" for line in self.result(self.values, self.slopes)),
            "    };",
            "}",
        ]


def _pair(name: str, text: str) -> str:
    """A property of an object."""
    if name == text:
        return name
    if name == "__proto__":  # which would be the object's own
        return f'["__proto__"]: {text}'
    plain = name.isascii() and name.isidentifier()
    return f"{name if plain else json.dumps(name)}: {text}"


def render(program: Program, style: Style) -> str:
    """A script with the function f."""
    code = JavaScript(program)
    parts = "{ value, gradient }", "gradient has the derivatives"
    title = "Value and gradient"
    if len(code.values) > 1:
        parts = "{ values, jacobian }", "of each value jacobian has the derivatives"
        title = "Values and Jacobian"
    about = (
        f"Returns {parts[0]}: {parts[1]} {code.order()}, by the names of the variables."
    )
    about = " ".join([about, *code.renamed(), code.note])
    comment = [f"{title} of", "", *(f"    {line}" for line in code.formula()), ""]
    function = [
        *block_comment([*comment, *wrap(about, WIDTH - 3)]).split("\n"),
        *code.function("f"),
    ]
    export = 'if (typeof module !== "undefined") {\n    module.exports = { f };\n}\n'
    return "\n\n".join([*code.written(), "\n".join(function), export])
