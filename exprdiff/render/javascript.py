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
    **{"leaky_relu": "leakyRelu", "round": "roundToEven"},
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
    lines = list(code.lines(code.block, "    "))
    nowhere: list[str] = []
    if any("return nowhere;" in line for line in lines):
        undefined = [dict.fromkeys(row, "NaN") for row in code.slopes]
        nowhere = [
            "    const nowhere = {",
            *(
                f"        {x}"
                for x in code.result(["NaN"] * len(code.values), undefined)
            ),
            "    };",
        ]
    early = [name for name in code.early if name not in code.guards]
    comment = [f"{title} of", "", *(f"    {line}" for line in code.formula()), ""]
    function = [
        *block_comment([*comment, *wrap(about, WIDTH - 3)]).split("\n"),
        *filled("function f(", list(code.parameters.values()), ") {"),
        *nowhere,
        *(filled("let ", early, ";", "    ") if early else []),
        *(f"    let {name} = false;" for name in code.guards),
        *lines,
        "    return {",
        *(f"        {line}" for line in code.result(code.values, code.slopes)),
        "    };",
        "}",
    ]
    export = 'if (typeof module !== "undefined") {\n    module.exports = { f };\n}\n'
    return "\n\n".join([*code.written(), "\n".join(function), export])
