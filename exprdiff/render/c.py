"""Source code in C: a file in C99 with a function of doubles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import wrap
from typing import ClassVar

from ..program import Operand, Program
from ..style import Style
from .notation import AND, ATOM, COMPARISON, NOT, OR, Pieces
from .source import WIDTH, Language, filled

#: The functions of math.h, of which there are others that end in f and l.
MATH = """
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2
expm1 fabs fdim floor fma fmax fmin fmod frexp hypot ilogb ldexp lgamma llrint llround
log log10 log1p log2 logb lrint lround modf nan nearbyint nextafter nexttoward pow
remainder remquo rint round scalbln scalbn sin sinh sqrt tan tanh tgamma trunc
"""

WORDS = """
alignas alignof and and_eq asm atomic auto bitand bitor bool break case catch char
class compl const const_cast constexpr continue decltype default delete do double
double_t drem dynamic_cast else enum explicit export extern false float float_t for
fpclassify friend gamma generic goto gradient i386 if imaginary inline int isfinite
isgreater isgreaterequal isinf isless islessequal islessgreater isnan isnormal
isunordered j0 j1 jacobian jn linux long main math_errhandling mutable namespace new
noexcept noreturn not not_eq nullptr operator or or_eq private protected public
register reinterpret_cast restrict return scalb short signbit signed signgam
significand sizeof static static_assert static_cast struct switch template this
thread_local throw true try typedef typeid typename typeof union unix unsigned using
values virtual void volatile wchar_t while xor xor_eq y0 y1 yn DOMAIN FP_FAST_FMA
FP_FAST_FMAF FP_FAST_FMAL FP_ILOGB0 FP_ILOGBNAN FP_INFINITE FP_NAN FP_NORMAL
FP_SUBNORMAL FP_ZERO HUGE_VAL HUGE_VALF HUGE_VALL INFINITY MATH_ERREXCEPT MATH_ERRNO
MAXFLOAT M_1_PI M_2_PI M_2_SQRTPI M_E M_LN10 M_LN2 M_LOG10E M_LOG2E M_PI M_PI_2 M_PI_4
M_SQRT1_2 M_SQRT2 NAN OVERFLOW PLOSS SING TLOSS UNDERFLOW
"""

RESERVED = frozenset(WORDS.split()) | {
    name + end for name in MATH.split() for end in ("", "f", "l")
}

FUNCTIONS = {
    **{
        name: name
        for name in (
            *("sqrt", "cbrt", "exp", "exp2", "expm1", "log1p", "log2", "log10", "pow"),
            *("hypot", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh"),
            *("cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "lgamma"),
            *("floor", "ceil", "trunc"),
        )
    },
    **{"ln": "log", "abs": "fabs", "gamma": "tgamma", "round": "rint"},
    **{"min": "smaller", "max": "larger", "log": "log_base"},
}

HELPERS = {
    "undefined": """\
/* NaN, and that for everything at an address. */
static double undefined(double *results, int count)
{
    for (int k = 0; k < count; k++) {
        results[k] = NAN;
    }
    return NAN;
}""",
    "larger": """\
/* The larger one, or NaN. */
static double larger(double x, double y)
{
    return y > x || y != y ? y : x;
}""",
    "smaller": """\
/* The smaller one, or NaN. */
static double smaller(double x, double y)
{
    return y < x || y != y ? y : x;
}""",
    "clamp": """\
/* x, but no less than lo and no more than hi. */
static double clamp(double x, double lo, double hi)
{
    return lo <= hi ? smaller(larger(x, lo), hi) : NAN;
}""",
    "log_base": """\
/* Logarithm to base b, a whole number where b to that power is x. */
static double log_base(double x, double b)
{
    double y = log(x)/log(b);
    double whole = rint(y);
    return fabs(y - whole) <= 2.3e-16*fabs(y) && pow(b, whole) == x ? whole : y;
}""",
    "sinc": """\
/* sin(x)/x, and 1 at 0. */
static double sinc(double x)
{
    return x == 0.0 ? 1.0 : sin(x)/x;
}""",
    "sinc_slope": """\
/* The derivative of sinc; below 2 its power series. */
static double sinc_slope(double x)
{
    double total = 1.0;
    if (fabs(x) >= 2.0) {
        return (cos(x) - sin(x)/x)/x;
    }
    for (int k = 13; k > 0; k--) {
        total = 1.0 - x*x*total/(2*k*(2*k + 3));
    }
    return -x/3.0*total;
}""",
    "sech": """\
/* 1/cosh(x), also where cosh overflows. */
static double sech(double x)
{
    double t = exp(-fabs(x));
    return 2.0*t/(1.0 + t*t);
}""",
    "csch": """\
/* 1/sinh(x), also where sinh overflows. */
static double csch(double x)
{
    return copysign(2.0*exp(-fabs(x))/-expm1(-2.0*fabs(x)), x);
}""",
    "sign": """\
/* -1, 0 or 1. */
static double sign(double x)
{
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
}""",
    "step": """\
/* 0 below 0, 1 above, and 1/2 at 0. */
static double step(double x)
{
    return x > 0.0 ? 1.0 : x < 0.0 ? 0.0 : x + 0.5;
}""",
    "mod": """\
/* Remainder of the floored quotient, with the sign of y. */
static double mod(double x, double y)
{
    double rest = fmod(x, y);
    return rest != 0.0 && (rest < 0.0) != (y < 0.0) ? rest + y : rest;
}""",
    "sigmoid": """\
/* 1/(1 + e^-x), also where e^-x overflows. */
static double sigmoid(double x)
{
    return x > -709.0 ? 1.0/(1.0 + exp(-x)) : exp(x);
}""",
    "softplus": """\
/* ln(1 + e^x). */
static double softplus(double x)
{
    return larger(x, 0.0) + log1p(exp(-fabs(x)));
}""",
    "leaky_relu": """\
/* x above 0, else a*x. */
static double leaky_relu(double x, double a)
{
    return x > 0.0 ? x : a*x;
}""",
    "elu": """\
/* x above 0, else e^x - 1. */
static double elu(double x)
{
    return x > 0.0 ? x : expm1(x);
}""",
    "silu": """\
/* x/(1 + e^-x); far below 0 only the result may underflow. */
static double silu(double x)
{
    return x > -40.0 ? x/(1.0 + exp(-x)) : x*exp(larger(x, -800.0) + 50.0)*exp(-50.0);
}""",
    "softsign": """\
/* x/(1 + |x|). */
static double softsign(double x)
{
    return x/(1.0 + fabs(x));
}""",
    "logit": """\
/* ln(x/(1 - x)); in the middle 2 artanh(2x - 1), where 2x - 1 is exact. */
static double logit(double x)
{
    return 0.25 <= x && x <= 0.75 ? 2.0*atanh(2.0*x - 1.0) : log(x/(1.0 - x));
}""",
    "logaddexp": """\
/* ln(e^x + e^y). */
static double logaddexp(double x, double y)
{
    return larger(x, y) + log1p(exp(-fabs(x - y)));
}""",
    "digamma": """\
/* The derivative of ln(gamma(x)): reflection, recurrence, Stirling's series. */
static double digamma(double x)
{
    double s, total = 0.0;
    if (x <= 0.0) {
        const double pi = 3.141592653589793;
        return x == floor(x) ? NAN : digamma(1.0 - x) - pi/tan(pi*remainder(x, 1.0));
    }
    while (x < 10.0) {
        total -= 1.0/x;
        x += 1.0;
    }
    s = 1.0/(x*x);
    total += log(x) - 0.5/x;
    return total - s*(1.0/12.0 - s*(1.0/120.0 - s*(1.0/252.0 - s*(1.0/240.0
        - s*(1.0/132.0 - s*(691.0/32760.0 - s/12.0))))));
}""",
    "factorial": """\
/* gamma(x + 1). */
static double factorial(double x)
{
    return x < 1.0 ? tgamma(x + 1.0) : x*tgamma(x);
}""",
    "normpdf": """\
/* The density of the standard normal distribution. */
static double normpdf(double x)
{
    return 0.3989422804014327*exp(-0.5*x*x);
}""",
    "normcdf": """\
/* The distribution function of the standard normal distribution. */
static double normcdf(double x)
{
    return 0.5*erfc(-0.7071067811865476*x);
}""",
    "gelu": """\
/* x normcdf(x). */
static double gelu(double x)
{
    return x*normcdf(x);
}""",
}


class C(Language):
    """How C writes expressions."""

    title = "C"
    reserved = RESERVED
    functions: ClassVar[dict[str, str]] = FUNCTIONS
    helpers: ClassVar[dict[str, str]] = HELPERS
    constants: ClassVar[dict[str, str]] = {
        "inf": "INFINITY",
        "true": "true",
        "false": "false",
    }
    repeats: ClassVar[dict[str, int]] = {"square": 2, "cube": 3}
    infix: ClassVar[dict[str, tuple[int, int, str]]] = {
        **Language.infix,
        "and": (AND, NOT, " && "),
        # Compilers ask for parentheses around what is joined by && here.
        "or": (OR, COMPARISON, " || "),
    }

    def identifier(self, name: str) -> str:
        return ascii_name(name)

    def write_not(self, a: Operand) -> Pieces:
        return ATOM, ["!", (a, ATOM)]

    def write_or(self, a: Operand, b: Operand) -> Pieces:
        left = OR if self.is_a(a, "or") else COMPARISON
        return OR, [(a, left), " || ", (b, COMPARISON)]

    def assign(self, name: str, text: str, condition: bool) -> str:
        kind = (
            ""
            if name in self.early
            else "const bool "
            if condition
            else "const double "
        )
        return f"{kind}{name} = {text};"

    def check(self, name: str) -> Iterable[str]:
        self.used["undefined"] = None
        count, slopes = len(self.values), len(self.values) * len(self.slopes[0])
        if count == 1:
            given = f"gradient, {slopes}" if slopes else "0, 0"
            return [
                f"if (!isfinite({name})) {{",
                f"    return undefined({given});",
                "}",
            ]
        lines = [f"    undefined(values, {count});"]
        if slopes:
            lines.append(f"    undefined(&jacobian[0][0], {slopes});")
        return [f"if (!isfinite({name})) {{", *lines, "    return;", "}"]


def ascii_name(name: str) -> str:
    """The name with ASCII only: u03b8 for θ."""
    name = "".join(x if x.isascii() else f"u{ord(x):04x}" for x in name)
    return f"x{name}" if re.match("_[_A-Z]", name) else name


def render(program: Program, style: Style) -> str:
    """A file with the function f."""
    code = C(program)
    names, count = list(code.parameters.values()), len(code.slopes[0])
    given = [f"double {name}" for name in names]
    if len(code.values) == 1:
        given += [f"double gradient[{count}]"] * bool(count)
        kind, title = "double", "Value and gradient"
        about = f"Returns the value; gradient becomes its derivatives {code.order()}."
        ends = [f"gradient[{k}] = {x};" for k, x in enumerate(code.slopes[0].values())]
        ends.append(f"return {code.values[0]};")
    else:
        given.append(f"double values[{len(code.values)}]")
        given += [f"double jacobian[{len(code.values)}][{count}]"] * bool(count)
        kind, title = "void", "Values and Jacobian"
        about = f"Of each value jacobian has the derivatives {code.order()}."
        ends = [f"values[{k}] = {name};" for k, name in enumerate(code.values)]
        for k, row in enumerate(code.slopes):
            ends += [f"jacobian[{k}][{n}] = {x};" for n, x in enumerate(row.values())]
    head = filled(f"{kind} f(", given or ["void"], ")")
    about = " ".join([about, *code.renamed(), code.note])
    declared = [
        f"    {'bool' if condition else 'double'} {name}"
        f" = {'false' if condition else 'NAN'};"
        for name, condition in code.early.items()
    ]
    unused = [
        f"    (void){parameter};"
        for name, parameter in code.parameters.items()
        if name not in code.live
    ]
    lines = [*declared, *unused, *code.lines(code.block, "    ")]
    lines += [f"    {line}" for line in ends]
    comment = [f"{title} of", "", *(f"    {line}" for line in code.formula()), ""]
    comment += wrap(about, WIDTH - 3)
    comment += [
        "",
        "Compile with cc -std=c99 -O2 -c f.c, link with -lm, and declare",
        "",
    ]
    comment += [*(f"    {line}" for line in head[:-1]), f"    {head[-1]};"]
    return "\n\n".join(
        [
            block_comment(comment),
            "#include <math.h>\n#include <stdbool.h>",
            *code.written(),
            "\n".join([*head, "{", *lines, "}"]) + "\n",
        ]
    )


def block_comment(lines: Iterable[str]) -> str:
    """A comment of C and of JavaScript, which nothing in it ends."""
    text = "\n".join(f" * {line}".rstrip() for line in lines)
    for sign in ("*/", "/*", "??"):
        # What overlaps is found at the second time.
        for _ in range(2):
            first, *rest = text.split("\n")
            text = "\n".join(
                line[:3] + line[3:].replace(sign, f"{sign[0]} {sign[1]}")
                for line in (first, *rest)
            )
    return f"/*\n{text}\n */"
