"""Special functions for SQL: each is one expression of x, in doubles.

An expression has no names for its parts, and parsers have small stacks: so polynomials
go on at the left, and what is shared is written again. As in the templates of
``dialects``, exp0 is exp, or 0 where that is too small, nearest is the next whole
number, and huge what is too large. DLMF is the NIST Digital Library of Mathematical
Functions, https://dlmf.nist.gov, with the number of the equation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from math import factorial

from ..numbers.special import BERNOULLI, EULER_REST, ZETA_REST

#: The highest derivatives of digamma and sinc.
HIGHEST = 5

#: Where asymptotic series begin, and how many of Bernoulli's numbers they take.
START, TERMS = 10, 8

#: How many terms a polynomial has in a row: each takes a parenthesis.
LONGEST = 8

PI = repr(math.pi)

#: How far x is from the next whole number, times pi: sines of it keep their digits.
_ANGLE = f"(x - nearest(x))*{PI}"

#: Of that the cotangent, which keeps them halfway between, too.
_COT = f"(sin((0.5 - abs(nearest(x) - x))*{PI})/sin({_ANGLE}))"

_POLE = "x <= 0 AND x = nearest(x)"


def _polynomial(coefficients: Iterable[float], step: str) -> str:
    """A polynomial by Horner's rule, the highest power first.

    Args:
        coefficients: they begin with that of the highest power.
        step: what raises a power, such as ``*x``.
    """
    first, *others = numbers = [*map(float, coefficients)]
    if len(numbers) > LONGEST:
        top, rest = (
            _polynomial(x, step) for x in (numbers[:-LONGEST], numbers[-LONGEST:])
        )
        return f"({top}){step * LONGEST} + ({rest})"
    text = repr(first)
    for k, c in enumerate(others):
        inner = f"({text})" if k else text
        text = f"{inner}{step} {'-' if c < 0 else '+'} {abs(c)!r}"
    return text


def _quotient(parts: list[list[float]], step: str) -> str:
    top, bottom = parts
    return f"({_polynomial(top, step)})/({_polynomial(bottom, step)})"


# ---- The error function --------------------------------------------------------------

# Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969)
# 631, with the coefficients of his CALERF: for x up to 0.5 those of erf(x)/x in x^2;
# up to 4 of e^(x^2) erfc(x) in x, and above of x^2 (1 - sqrt(pi) x e^(x^2) erfc(x)) in
# 1/x^2. Here all begin with the highest power of x.

# fmt: off
_NEAR = (
    (0.185777706184603153, 3.16112374387056560, 113.864154151050156,
     377.485237685302021, 3209.37758913846947),
    (1.0, 23.6012909523441209, 244.024637934444173, 1282.61652607737228,
     2844.23683343917062),
)
_MIDDLE = (
    (2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594,
     66.1191906371416295, 298.635138197400131, 881.952221241769090,
     1712.04761263407058, 2051.07837782607147, 1230.33935479799725),
    (1.0, 15.7449261107098347, 117.693950891312499, 537.181101862009858,
     1621.38957456669019, 3290.79923573345963, 4362.61909014324716,
     3439.36767414372164, 1230.33935480374942),
)
_FAR = (
    (6.58749161529837803e-4, 1.60837851487422766e-2, 0.125781726111229246,
     0.360344899949804439, 0.305326634961232344, 1.63153871373020978e-2),
    (2.33520497626869185e-3, 6.05183413124413191e-2, 0.527905102951428412,
     1.87295284992346725, 2.56852019228982242, 1.0),
)
# fmt: on


def _scaled(coefficients: tuple[float, ...], base: float) -> list[float]:
    """The coefficients of p(base x)."""
    top = len(coefficients) - 1
    return [c * base ** (top - k) for k, c in enumerate(coefficients)]


def _errors(rate: float, height: float) -> tuple[str, str, str]:
    """Parts of erf and erfc of t, t^2 = rate x^2.

    Returns:
        height erf(t), near 0; height erfc(|t|), from 0.5 to 4 and a little beyond; and
        that from 4 on, until it is too small for a double.
    """
    scale = math.sqrt(rate)
    near = [_scaled(c, rate) for c in _NEAR]
    near[0] = [height * scale * c for c in near[0]]
    middle = [_scaled(c, scale) for c in _MIDDLE]
    middle[0] = [height * c for c in middle[0]]
    far = [_scaled(c, rate) for c in _FAR]
    far[0] = [height * c / rate**1.5 for c in far[0]]
    limit = repr(height / math.sqrt(rate * math.pi))
    # The square of a multiple of 1/16 is exact, and what is left is small.
    part = "nearest(16*x)/16"
    by = "" if rate == 1 else f"*{rate}"
    bell = f"exp(-({part})*({part}){by})*exp(({part} - x)*({part} + x){by})"
    size = "*abs(x)"
    return (
        f"x*{_quotient(near, '*(x*x)')}",
        f"{bell}*{_quotient(middle, size)}",
        f"{bell}*({limit} - {_quotient(far, '*(x*x)')}/(x*x))/abs(x)",
    )


def _erfs() -> dict[str, str]:
    near, middle, far = _errors(1.0, 1.0)
    slope = repr(2 / math.sqrt(math.pi))
    sign = "x/abs(x)"
    return {
        "erf": f"CASE WHEN abs(x) < 1e-9 THEN {slope}*x WHEN abs(x) < 0.5 THEN {near}"
        f" WHEN abs(x) < 6 THEN {sign}*(1 - {middle}) WHEN abs(x) >= 6 THEN {sign} END",
        "erfc": f"CASE WHEN abs(x) < 1e-9 THEN 1 - {slope}*x"
        f" WHEN abs(x) < 0.5 THEN 1 - {near} WHEN x <= -6 THEN 2.0"
        f" WHEN x < 4 THEN 1 - {sign} + {sign}*{middle}"
        f" WHEN x < 27.2 THEN {far} WHEN x >= 27.2 THEN 0.0 END",
    }


def _normals() -> dict[str, str]:
    near, middle, far = _errors(0.5, 0.5)
    sign = "x/abs(x)"
    cases = (
        f"WHEN abs(x) < 0.7 THEN {{0}}(0.5 + {near})"
        f" WHEN x > -5.6 AND x < 8.4 THEN {{0}}(0.5 + {sign}/2 - {sign}*{middle})"
        f" WHEN x > -38.4 AND x < 0 THEN {{0}}({far})"
    )
    return {
        "normcdf": "CASE WHEN abs(x) < 1e-17 THEN 0.5"
        f" {cases.format('')} WHEN x <= -38.4 THEN 0.0 WHEN x >= 8.4 THEN 1.0 END",
        "gelu": "CASE WHEN abs(x) < 1e-323 THEN 0*x"
        f" WHEN abs(x) < 1e-17 THEN x/2 {cases.format('x*')}"
        " WHEN x <= -38.4 THEN 0.0 WHEN x >= 8.4 THEN x END",
    }


# ---- The gamma function --------------------------------------------------------------


def _tail(x: str, n: int) -> str:
    """The sum of B_k (k+n-1)!/k! x^(2-k) over k = 2, 4, ...; of n = -1, Stirling's."""
    numbers = [
        p * factorial(2 * k + n - 1) / (q * factorial(2 * k))
        for k, (p, q) in enumerate(BERNOULLI[:TERMS], 1)
    ]
    return f"({_polynomial(numbers[::-1], f'/({x}*{x})')})"


def _stirling(x: str) -> str:
    """Gamma, DLMF 5.11.1; the power alone may overflow."""
    half = f"power({x}, {x}/2 - 0.25)"
    return f"2.5066282746310002*{half}*exp(-{x})*{half}*exp({_tail(x, -1)}/{x})"


def _ln_stirling(x: str) -> str:
    return f"({x} - 0.5)*(ln({x}) - 1) + 0.4189385332046727 + {_tail(x, -1)}/{x}"


def _up(start: int) -> list[str]:
    """What is between x and x + 2 start."""
    return [f"(x + {k})" for k in range(1, 2 * start)]


_FAR_UP = f"(x + {2 * START})"

#: From as far up as it is a series, for x between -10 and 10: x gamma(x), DLMF 5.5.1;
#: what the sum has lost in rounding counts as often as the logarithm.
_SHIFTED = (
    f"{_stirling(_FAR_UP)}*(1 + (x - ({_FAR_UP} - {2 * START}))*ln{_FAR_UP})"
    f"/({'*'.join(_up(START))})"
)

_REFLECTED = f"-{PI}/(sin({_ANGLE})*cos({PI}*nearest(x))"


def _gammas() -> dict[str, str]:
    # What is whole is made so by a number that leaves no room for a fraction.
    room = "CASE WHEN x = nearest(x) AND x < 18 THEN 6755399441055744.0 ELSE 0.0 END"
    whole = f" + {room} - {room}"
    # Below, gamma is as small as doubles are.
    lowest = (
        f"cos({PI}*nearest(x))*(x - nearest(x))/abs(x - nearest(x))"
        f"*exp0(ln({PI}/{{}}abs(sin({_ANGLE}))) - ({_ln_stirling('(-x)')}))"
    )
    return {
        # Reflected by 5.5.3.
        "gamma": f"CASE WHEN {_POLE} THEN NULL"
        f" WHEN x <= -171 THEN {lowest.format('(-x)/')}"
        f" WHEN x <= -{START} THEN {_REFLECTED}*{_stirling('(-x)')})/x"
        f" WHEN abs(x) < 5.6e-309 OR x > 171.62437695 THEN huge"
        f" WHEN x < {START} THEN {_SHIFTED}/x{whole}"
        f" WHEN x >= {START} THEN {_stirling('x')}{whole} END",
        "factorial": "CASE WHEN x <= -1 AND x = nearest(x) THEN NULL"
        f" WHEN x <= -171 THEN -{lowest.format('')}"
        f" WHEN x <= -{START} THEN {_REFLECTED}*{_stirling('(-x)')})"
        f" WHEN x < {START} THEN {_SHIFTED}{whole}"
        " WHEN x > 170.62437695 THEN huge"
        f" WHEN x >= {START} THEN x*{_stirling('x')}{whole} END",
    }


def _lgamma() -> str:
    # By its power series at 2, 5.7.3, and 5.5.1 both zeros are zeros here.
    numbers = [(-1) ** k * ZETA_REST[k - 2] / k for k in range(16, 1, -1)]
    at_2, at_1 = (
        f"(x - {k})*({_polynomial([*numbers, EULER_REST], f'*(x - {k})')})"
        for k in (2, 1)
    )
    return (
        f"CASE WHEN {_POLE} THEN NULL"
        f" WHEN x <= -{START} THEN ln({PI}/(-x)/abs(sin({_ANGLE})))"
        f" - ({_ln_stirling('(-x)')})"
        f" WHEN abs(x - 1) < 0.25 THEN {at_1} - 2*atanh((x - 1)/(x + 1))"
        f" WHEN abs(x - 2) < 0.25 THEN {at_2}"
        f" WHEN x < {START} THEN ln(abs({_SHIFTED})) - ln(abs(x))"
        f" WHEN x < 1e9 THEN {_ln_stirling('x')}"
        " WHEN x < 2.55e305 THEN (x - 0.5)*(ln(x) - 1) + 0.4189385332046727"
        " WHEN x >= 2.55e305 THEN huge END"
    )


def _digamma() -> str:
    """DLMF 5.11.2, 5.5.2 and 5.5.4."""

    def series(x: str) -> str:
        return f"ln({x}) - 0.5/{x} - {_tail(x, 0)}/{x}/{x}"

    terms = " - ".join(f"1/{x}" for x in ("x", *_up(START)))
    return (
        f"CASE WHEN {_POLE} THEN NULL"
        f" WHEN x <= -{START} THEN {series('(-x)')} - 1/x - {PI}*{_COT}"
        f" WHEN abs(x) < 5.6e-309 THEN huge WHEN x < {START}"
        f" THEN {series(f'(x + {2 * START})')} - {terms}"
        f" WHEN x >= 1e9 THEN ln(x) - 0.5/x WHEN x >= {START} THEN {series('x')}"
        " END"
    )


def _cotangent(n: int) -> str:
    """Of pi cot(pi x) the n-th derivative, n > 0."""
    # A polynomial in the cotangent c, of which the derivative is -1 - c^2.
    powers = {1: 1}
    for _ in range(n):
        slopes = dict.fromkeys(range(n + 2), 0)
        for k, c in powers.items():
            for power in (k - 1, k + 1) if k * c else ():
                slopes[power] -= k * c
        powers = slopes
    numbers = [powers[k] * math.pi ** (n + 1) for k in range(n + 1, -1, -2)]
    text = f"({_polynomial(numbers, f'*({_COT}*{_COT})')})"
    return text if n % 2 else f"{_COT}*{text}"


def _polygamma(n: int) -> str:
    """DLMF 5.15.9, 5.15.5 and 5.15.6."""
    if n == 0:
        return _digamma()
    start = START + n
    sign = "" if n % 2 else "-"
    first, half, count = (
        repr(float(k)) for k in (factorial(n - 1), factorial(n) / 2, factorial(n))
    )

    def series(x: str) -> str:
        return f"({first} + {half}/{x} + {_tail(x, n)}/{x}/{x}){f'/{x}' * n}"

    terms = " + ".join(f"1/power{x[:-1]}, {n + 1})" for x in _up(start))
    # Next to 0 it overflows, and far from it it underflows.
    lowest = (factorial(n) / 1.79e308) ** (1 / (n + 1))
    highest = 10.0 ** min(322 / n, 308.2)
    return (
        f"CASE WHEN {_POLE} THEN NULL"
        f" WHEN x <= -{start} THEN -{series('(1 - x)')} - {_cotangent(n)}"
        f" WHEN abs(x) < {lowest!r} THEN huge WHEN x < {start} THEN {sign}("
        f"{count}{'/x' * (n + 1)} + {count}*({terms})"
        f" + {series(f'(x + {2 * start})')})"
        f" WHEN x >= {highest!r} THEN 0.0"
        f" WHEN x >= 1e9 THEN {sign}({first} + {half}/x){'/x' * n}"
        f" WHEN x >= {start} THEN {sign}{series('x')} END"
    )


# ---- Derivatives of sinc -------------------------------------------------------------


def _sinc_n(n: int) -> str:
    """The power series, or upwards from x y_k + k y_(k-1) = sin(x + k pi/2)."""
    limit = 2 + n / 2
    odd = n % 2
    numbers = [
        (-1) ** j / (factorial(2 * j - n) * (2 * j + 1))
        for j in range((n + odd) // 2, n + 30)
    ]
    while abs(numbers[-1]) * limit ** (2 * len(numbers)) < 1e-17:
        numbers.pop()
    series = _polynomial(numbers[::-1], "*(x*x)")
    first = repr(numbers[0])
    if odd:
        first = f"0*x WHEN abs(x) < 1e-9 THEN {first}*x"
    y = "sin(x)/x"
    for k in range(1, n + 1):
        turned = (" + sin(x)", " + cos(x)", " - sin(x)", " - cos(x)")[k % 4]
        y = f"({y}*(-{k}){turned})/x"
    return (
        f"CASE WHEN abs(x) < {'1e-321' if odd else '1e-9'} THEN {first}"
        f" WHEN abs(x) < {limit} THEN {'x*' * odd}({series})"
        f" WHEN abs(x) >= {limit} THEN {y} END"
    )


#: Operations of x.
SPECIAL = {
    **_erfs(),
    **_normals(),
    **_gammas(),
    "lgamma": _lgamma(),
    "digamma": _digamma(),
}


def derivative(name: str, n: float | None) -> str | None:
    """The n-th derivative of digamma or sinc, of y, if there is a text of it."""
    if n is None or not 0 <= n <= HIGHEST or n % 1:
        return None
    text = {"polygamma": _polygamma, "sinc_n": _sinc_n}[name](int(n))
    return re.sub(r"\bx\b", "y", text)
