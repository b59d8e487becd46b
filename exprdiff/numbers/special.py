"""Functions of one or two doubles that ``math`` lacks or does not give to the end.

Each is a formula in doubles. Where its terms cancel, near a zero of the function, the
formula is evaluated once more in decimals of fifty digits or more. DLMF is the NIST
Digital Library of Mathematical Functions, https://dlmf.nist.gov, with the number of
the equation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from math import exp, isinf, log, log1p

from .angles import PI_DIGITS, cos, in_decimals, series, sin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import TypeVar

    T = TypeVar("T", float, Decimal)

#: The square root of 1/2, as the double next to it and what that leaves.
SQRT_HALF, SQRT_HALF_REST = 0.7071067811865476, -4.833646656726457e-17

#: Bell curves height e^(-rate x^2): the rate, the height as the double next to it and
#: what that leaves. The heights of the last two, 1/sqrt(pi) and 1/sqrt(2 pi), make the
#: area 1.
GAUSSIAN = 1.0, 1.0, 0.0
ERROR = 1.0, 0.5641895835477563, 7.66772980658294e-18
NORMAL = 0.5, 0.3989422804014327, -2.49232720227773e-17

#: 1 less Euler's constant.
EULER_REST = 0.42278433509846713

# fmt: off
#: zeta(k) - 1 for k = 2, 3, ..., of Riemann's zeta function.
ZETA_REST = (
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993,
    0.01734306198444914, 0.008349277381922827, 0.00407735619794434,
    0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
    0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-05,
    3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06,
    3.81729326499984e-06, 1.908212716553939e-06, 9.539620338727962e-07,
    4.769329867878064e-07, 2.38450502727733e-07, 1.1921992596531106e-07,
    5.960818905125948e-08, 2.980350351465228e-08, 1.4901554828365043e-08,
    7.45071178983543e-09,
)

#: Bernoulli's numbers B_2, B_4, ..., numerator and denominator.
BERNOULLI = (
    (1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510),
    (43867, 798), (-174611, 330), (854513, 138), (-236364091, 2730), (8553103, 6),
    (-23749461029, 870), (8615841276005, 14322), (-7709321041217, 510),
    (2577687858367, 6), (-26315271553053477373, 1919190), (2929993913841559, 6),
    (-261082718496449122051, 13530), (1520097643918070802691, 1806),
    (-27833269579301024235023, 690), (596451111593912163277961, 282),
    (-5609403368997817686249127547, 46410), (495057205241079648212477525, 66),
    (-801165718135489957347924991853, 1590), (29149963634884862421418123812691, 798),
    (-2479392929313226753685415739663229, 870),
    (84483613348880041862046775994036021, 354),
    (-1215233140483755572040304994079820246041491, 56786730),
)
# fmt: on


def _product(a: float, b: float) -> tuple[float, float]:
    """a b rounded, and what rounding took: Dekker, Numer. Math. 18 (1971) 224."""
    product = a * b
    a_high, b_high = a * 134217729, b * 134217729
    a_high -= a_high - a
    b_high -= b_high - b
    a_low, b_low = a - a_high, b - b_high
    rest = a_high * b_high - product + a_high * b_low + a_low * b_high + a_low * b_low
    return product, rest


def _difference(a: float, b: float) -> tuple[float, float]:
    """a - b rounded, and what rounding took: Knuth, TAOCP 2, 4.2.2, theorem B."""
    difference = a - b
    less = difference - a
    return difference, (a - (difference - less)) - (b + less)


def _exp_times(factor: float, x: float) -> float:
    """factor e^x, of which only the result may underflow; e^-652 is nearly a double."""
    if x > -652:
        return factor * exp(x)
    return factor * exp(x + 652) * exp(-652)


def sinc(x: float) -> float:
    """sin(x)/x, and its limits 1 at 0 and 0 at infinity."""
    if x == 0:
        return 1.0
    return 0.0 if isinf(x) else sin(x) / x


def _sinc_slope(x: T, c: T, s: T) -> T:
    return (c - s / x) / x


def sinc_slope(x: float) -> float:
    """(x cos x - sin x)/x^2, the derivative of sinc; below 2 its power series."""
    if abs(x) < 2:
        total = 1.0
        for k in range(13, 0, -1):
            total = 1 - x * x * total / (2 * k * (2 * k + 3))
        return 0 - x / 3 * total  # at 0 not -0
    if isinf(x):
        return 0.0
    c, s = cos(x), sin(x)
    # Beyond 2^62 the cosine of no double is as small as 1/x.
    if abs(c - s / x) > max(abs(c), abs(s / x)) / 2 or abs(x) > 2.0**62:
        return _sinc_slope(x, c, s)
    return in_decimals(
        lambda x, pi: _sinc_slope(x, *series(x.remainder_near(2 * pi))),
        x,
        PI_DIGITS,
        digits=75,
    )


def _check_order(n: float) -> None:
    """Raise ValueError unless n is 0, 1, ... 1001: of 1000, too, there is a slope."""
    if not 0 <= n <= 1001 or n % 1:
        raise ValueError("the order of a derivative is a whole number up to 1000")


def _sinc_n(n: int, x: Decimal, pi: Decimal) -> Decimal:
    """The n-th derivative y_n, from x y_k + k y_(k-1) = sin(x + k pi/2).

    Errors shrink upwards where |x| > k, and downwards where it is not: there any y far
    enough above n will do for a start.
    """
    c, s = series(x.remainder_near(2 * pi))
    turned = s, c, -s, -c
    if abs(x) > n:
        y = s / x
        for k in range(1, n + 1):
            y = (turned[k % 4] - k * y) / x
    else:
        y = 0 * x
        for k in range(2 * n + 150, n, -1):
            y = (turned[k % 4] - x * y) / k
    return y


def sinc_n(n: float, x: float) -> float:
    """The n-th derivative of sinc."""
    if n == 1:
        return sinc_slope(x)
    _check_order(n)
    if n == 0:
        return sinc(x)
    if isinf(x):
        return 0.0
    # No double is so close to a zero that it takes half of these digits.
    digits = 75 if abs(x) < 2.0**62 else 380
    y = in_decimals(lambda x, pi: _sinc_n(int(n), x, pi), x, PI_DIGITS, digits=digits)
    return 0 + y  # at 0 not -0


def softplus(x: float) -> float:
    """ln(1+e^x)."""
    return max(x, 0.0) + log1p(exp(-abs(x)))


def logit(x: float) -> float:
    """ln(x/(1-x)); in the middle 2 artanh(2x-1), where 2x-1 is exact."""
    if not 0 < x < 1:
        raise ValueError("logit is for numbers between 0 and 1")
    if 0.25 <= x <= 0.75:
        return 2 * math.atanh(2 * x - 1)
    return log(x / (1 - x))


def logaddexp(x: float, y: float) -> float:
    """ln(e^x+e^y) = x + ln(1+e^(y-x)) for y <= x."""
    x, y = max(x, y), min(x, y)
    gap, rest = _difference(x, y)
    if not gap < 750:
        return float(x)
    excess = exp(-gap)
    excess = log1p(excess - excess * rest)
    if abs(x + excess) > excess / 2:
        return x + excess
    # Next to 0 the sum e^x+e^y is 1 up to e^-gap and sixteen digits below that.
    return in_decimals(
        lambda x, y: (x.exp() + y.exp()).ln(), x, y, digits=50 + int(gap / 2)
    )


def softmax(x: float, y: float) -> float:
    """e^x/(e^x+e^y), the derivative of logaddexp with respect to x."""
    if x == y and isinf(x):
        raise ValueError("softmax has no limit where both are infinite")
    gap, rest = _difference(x, y)
    if abs(gap) > 750:
        return 1.0 if gap > 0 else 0.0
    if gap > 0:
        return 1 / (1 + exp(-gap))
    odds = exp(gap)
    odds += odds * rest
    return odds / (1 + odds)


def silu(x: float) -> float:
    """x/(1+e^-x)."""
    return x / (1 + exp(-x)) if x > -40 else _exp_times(max(x, -800.0), x)


def _silu_slope(x: T, power: T) -> T:
    return (power + (1 + x)) / (2 + (power + 1 / power))


def silu_slope(x: float) -> float:
    """(e^x+1+x)/(e^x+2+e^-x), the derivative of silu."""
    if x < -40:
        return _exp_times(1 + max(x, -800.0), x)
    x = min(x, 100.0)
    power = exp(x)
    if abs(power + (1 + x)) > power / 2:
        return _silu_slope(x, power)
    return in_decimals(lambda x: _silu_slope(x, x.exp()), x)


def _bell(curve: tuple[float, float, float], scale: float, x: float) -> float:
    """scale times the curve at x, with the rounding of x^2 made good."""
    if abs(x) > 40:
        return 0.0
    rate, height, height_rest = curve
    square, rest = _product(x, x)
    scale *= height + (height_rest - height * rate * rest)
    return _exp_times(scale, -rate * square)


def _tail(step: float, x: float) -> float:
    """x + step/(x + 2 step/(x + 3 step/(x + ...))), for x^2 > step.

    It is the bottom of Laplace's continued fractions, DLMF 7.9.1: with step 1/2 of that
    for sqrt(pi) e^(x^2) erfc(x), with step 1 of that for (1-normcdf(x))/normpdf(x). The
    innermost t solves t = x + k step/t, k halfway between two terms.
    """
    terms = 12 + int(250 * step / (x * x))
    bottom = (x + math.sqrt(x * x + (4 * terms + 2) * step)) / 2
    for k in range(terms, 0, -1):
        bottom = x + k * step / bottom
    return bottom


def gaussian(x: float) -> float:
    """e^(-x^2)."""
    return _bell(GAUSSIAN, 1.0, x)


def normpdf(x: float) -> float:
    """The density of the standard normal distribution."""
    return _bell(NORMAL, 1.0, x)


def normpdf_slope(x: float) -> float:
    """-x normpdf(x), its derivative."""
    return _bell(NORMAL, 0.0 - x, x)  # at 0 not -0


#: The error function.
erf = math.erf


def erfc(x: float) -> float:
    """1 - erf(x)."""
    if x < 1.08:
        return math.erfc(x)
    return _bell(ERROR, 1 / _tail(0.5, x), x)


def normcdf(x: float) -> float:
    """The standard normal distribution function, erfc(-x/sqrt(2))/2."""
    if x < -1.52:
        return _bell(NORMAL, 1 / _tail(1.0, -x), x)
    if x > 9:
        return 1.0
    # The rounding of x/sqrt(2) counts x^2 times: it is made good to first order.
    u, rest = _product(x, SQRT_HALF)
    rest += x * SQRT_HALF_REST
    return math.erfc(-u) / 2 + normpdf(x) * (rest / SQRT_HALF)


def gelu(x: float) -> float:
    """x normcdf(x)."""
    if x < -1.52:
        return _bell(NORMAL, x / _tail(1.0, -x), x)
    return x * normcdf(x)


def _gelu_slope(x: Decimal, pi: Decimal) -> Decimal:
    """With Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...), DLMF 7.6.2."""
    term = total = x
    for odd in range(3, 100, 2):
        term *= x * x / odd
        total += term
    return (1 + 2 * (-x * x / 2).exp() / (2 * pi).sqrt() * (x + total)) / 2


def gelu_slope(x: float) -> float:
    """normcdf(x) + x normpdf(x), the derivative of gelu."""
    if x < -1:
        return _bell(NORMAL, x + 1 / _tail(1.0, -x), x)
    rise, turn = normcdf(x), -normpdf_slope(x)
    if rise + turn > rise / 2:
        return rise + turn
    return in_decimals(_gelu_slope, x, PI_DIGITS)


#: The gamma function.
gamma = math.gamma


def _gamma_times(factor: float, x: float) -> float:
    """factor gamma(x), by DLMF 5.5.1 from 32 further up where gamma underflows."""
    if x > -150:
        return factor * gamma(x)
    if x < -200:
        return 0.0
    product = factor * gamma(x + 32)
    for k in range(32):
        product /= x + k
    return product


def _check_pole(x: float) -> None:
    """Raise ValueError at 0, -1, -2, ... and -infinity."""
    if x <= 0 and not x % 1 > 0:
        raise ValueError("the gamma function has poles at 0, -1, -2, ...")


def _bernoulli_sum(x: T, terms: int, weight: Callable[[int], T | int]) -> T:
    """The sum of B_n / weight(n) x^-n over n = 2, 4, ..., so many terms."""
    total = 0 * x
    square = 1 / (x * x)
    for k in range(terms, 0, -1):
        top, bottom = BERNOULLI[k - 1]
        total = square * total + square * top / (bottom * weight(2 * k))
    return total


def _zeta_sum(z: float, weight: Callable[[int], int]) -> float:
    """The sum of (-1)^k (zeta(k)-1)/weight(k) z^(k-1) for k = 2, 3, ...; |z| <= 1/2."""
    total = 0.0
    for k in range(len(ZETA_REST) + 1, 1, -1):
        total = (ZETA_REST[k - 2] / weight(k) - total) * z
    return total


def _digamma_series(x: T, start: int, terms: int, ln: Callable[[T], T]) -> T:
    """digamma(x), x > 0: upwards to the start, DLMF 5.5.2; from there on 5.11.2."""
    total = 0 * x
    while x < start:
        total -= 1 / x
        x += 1
    return total + ln(x) - 1 / (2 * x) - _bernoulli_sum(x, terms, lambda n: n)


def _digamma_decimal(x: Decimal, plus: Decimal, pi: Decimal) -> Decimal:
    """digamma(x+plus), by reflection below 0, DLMF 5.5.4."""
    x += plus
    total = _digamma_series(x if x > 0 else 1 - x, 40, 15, lambda x: x.ln())
    if x > 0:
        return total
    c, s = series(pi * x.remainder_near(1))
    return total - pi * c / s


def _cot_pi(x: float) -> float:
    """cot(pi x), |x| <= 1/2; 1/2 - |x| is exact where the cotangent is small."""
    if abs(x) < 0.25:
        return 1 / math.tan(math.pi * x)
    return math.copysign(math.tan(math.pi * (0.5 - abs(x))), x)


def _digamma_up(x: float, plus: int) -> float:
    """digamma(x+plus), x+plus > -1/2: below 7/2 by 5.5.2 and 5.7.3, differentiated."""
    z = float(x + plus)
    if z >= 3.5:
        return _digamma_series(z, 8, 10, log)
    n = round(x) + plus
    total = EULER_REST + _zeta_sum(x - round(x), lambda k: 1)
    if n > 1:
        return total + 1 / (z - 1) if n == 3 else total
    return total - (1 / z + 1 / (1 + z) if n == 0 else 1 / z)


def _digamma(x: float, plus: int) -> float:
    """digamma(x+plus), in which the sum need not be a double."""
    z = float(x + plus)
    _check_pole(z)
    if isinf(z):
        return z
    if z > -0.5:
        total, largest = _digamma_up(x, plus), abs(1 / z)
    else:
        turn = math.pi * _cot_pi(math.remainder(z, 1))
        total, largest = _digamma_up(-x, 1 - plus) - turn, max(1.0, abs(turn))
    if abs(total) > largest / 3:
        return total
    return in_decimals(_digamma_decimal, x, plus, PI_DIGITS)


def digamma(x: float) -> float:
    """The derivative of ln gamma(x)."""
    return _digamma(x, 0)


def trigamma(x: float) -> float:
    """The derivative of digamma: DLMF 5.15.5 and 5.15.8; below 0 reflected, 5.15.6."""
    _check_pole(x)
    if isinf(x):
        return 0.0
    up = x if x > 0 else 1 - x
    total = 0.0
    while up < 8:
        # Of x near 0, the square would be 0.
        total += (1 / up) * (1 / up)
        up += 1
    total += (1 + 1 / (2 * up) + _bernoulli_sum(up, 10, lambda n: 1)) / up
    if x > 0:
        return total
    root = math.pi / sin(math.pi * math.remainder(x, 1))
    return root * root - total


def _polygamma_up(n: int, x: Decimal) -> Decimal:
    """|polygamma(n, x)|/n!, x > 0: upwards by DLMF 5.15.5, and from there on 5.15.9."""
    total = 0 * x
    while x < 3 * (n + 61):
        last, total = total, total + x ** -(n + 1)
        if total == last:  # up to two digits, so are all further terms together
            return total
        x += 1
    tail = _bernoulli_sum(x, 30, lambda k: 1 / (0 * x + math.comb(n + k - 1, k)))
    return total + (1 + n / (2 * x) + tail) / (n * x**n)


def _polygamma(n: int, x: Decimal) -> Decimal:
    """polygamma(n, x), n > 0; below 0 reflected, DLMF 5.15.6.

    The derivative of the cotangent has period 1: the same equation gives it from the
    distances of x to the integers on both sides.
    """
    sign = 1 if n % 2 else -1
    if x > 0:
        total = _polygamma_up(n, x)
    else:
        part = x.remainder_near(1)
        turn = _polygamma_up(n, abs(part)) + sign * _polygamma_up(n, 1 - abs(part))
        total = (turn if part > 0 else sign * turn) - sign * _polygamma_up(n, 1 - x)
    return sign * math.factorial(n) * total


def polygamma(n: float, x: float) -> float:
    """The n-th derivative of digamma."""
    if n == 1:
        return trigamma(x)
    _check_order(n)
    if n == 0:
        return digamma(x)
    _check_pole(x)
    if isinf(x):
        return 0.0
    # No double is so close to a zero that it takes half of these digits.
    return in_decimals(lambda x: _polygamma(int(n), x), x, digits=75)


def gamma_slope(x: float) -> float:
    """gamma(x) digamma(x), the derivative of gamma."""
    return _gamma_times(digamma(x), x)


def factorial(x: float) -> int | float:
    """gamma(x+1): an integer for the integers up to 18."""
    if 0 <= x <= 170 and x == int(x):
        product = math.factorial(int(x))
        return product if isinstance(x, int) and x <= 18 else float(product)
    # x+1 is exact below 0; where it is rounded, x gamma(x) has no need of it.
    return gamma(x + 1) if x < 1 else x * gamma(x)


def factorial_slope(x: float) -> float:
    """gamma(x+1) digamma(x+1), the derivative of the factorial."""
    if x < 1:
        return _gamma_times(_digamma(x, 1), x + 1)
    return x * gamma(x) * _digamma(x, 1)


def _lgamma_near(x: float) -> float:
    """ln|gamma(x)| for -1/2 < x < 7/2: by its power series at 2, DLMF 5.7.3, and 5.5.1.

    Both zeros, 1 and 2, are powers of 0 in the series.
    """
    n = round(x)
    z = x - n
    total = z * (EULER_REST + _zeta_sum(z, lambda k: k))
    if n > 1:
        return total + log(x - 1) if n == 3 else total
    return total - log(abs(x * (1 + x)) if n == 0 else x)


def _lgamma_decimal(x: Decimal, pi: Decimal) -> Decimal:
    """ln|gamma(x)|, x < 0: reflection, DLMF 5.5.3, and from 40 on Stirling's 5.11.1."""
    _, s = series(pi * x.remainder_near(1))
    product = abs(s) / pi
    x = 1 - x
    while x < 40:
        product /= x
        x += 1
    stirling = (2 * x - 1) * x.ln() / 2 - x + (2 * pi).ln() / 2
    tail = x * _bernoulli_sum(x, 15, lambda n: n * (n - 1))
    return -product.ln() - stirling - tail


def lgamma(x: float) -> float:
    """ln|gamma(x)|; below -1/2 by reflection, DLMF 5.5.3."""
    _check_pole(x)
    up = x if x > -0.5 else 1 - x
    if up < 3.5:
        rise = _lgamma_near(up)
    else:
        rise = log(gamma(up)) if up < 170 else math.lgamma(up)
    if x > -0.5:
        return rise
    turn = log(math.pi / abs(sin(math.pi * math.remainder(x, 1))))
    if abs(turn - rise) > turn / 2:
        return turn - rise
    return in_decimals(_lgamma_decimal, x, PI_DIGITS)
