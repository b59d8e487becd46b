"""What every operation ought to give, and how far it is from that.

A new function is a row in RULES: the same function in mpmath, the domain of each of its
operands, and some points to try it at. Everything else follows: ``sample`` makes points
from the domains, and ``measure`` compares value and partial derivatives at these with
the row's function at as many digits as that takes, in units of the last place.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from mpmath import mp, mpc, mpf

from exprdiff.numbers import floats

LARGEST = math.nextafter(math.inf, 0)
SMALLEST = math.nextafter(0, 1)

# ---- The table and what it is made of ------------------------------------------------


@dataclass(frozen=True)
class Domain:
    """From lo to hi, with places inside that deserve points close by.

    These are zeros, poles, kinks, and where a formula may switch to another. Wherever
    the function is not smooth has to be among them, 0 too, unless that is where two
    operands are equal. Of a domain of whole numbers no others are drawn.
    """

    lo: float = -math.inf
    hi: float = math.inf
    at: tuple[float, ...] = ()
    whole: bool = False

    def ends(self) -> list[float]:
        return [end for end in (self.lo, self.hi) if math.isfinite(end)]


@dataclass(frozen=True)
class Rule:
    """One row.

    ``reference`` takes as many mpf as there are domains; it may be complex, infinite or
    raise where the operation is undefined. None stands for an operation with nothing to
    measure. Its derivatives are differences, unless ``partials`` has them: where
    differences would not do, or where the limit of one is not what is wanted.
    ``near`` makes a point where independent operands hardly come, and ``within`` tells
    which combinations are allowed.
    """

    reference: Callable[..., Any] | None
    domains: tuple[Domain, ...] = ()
    points: tuple[Any, ...] = ()
    ulps: float = 4
    partials: tuple[Callable[..., Any], ...] = ()
    near: Callable[[Random], tuple[float, ...]] | None = None
    within: Callable[..., bool] = lambda *point: True

    def __post_init__(self) -> None:
        points = [x if isinstance(x, tuple) else (x,) for x in self.points]
        object.__setattr__(self, "points", tuple(points))


def rule(reference: Callable[..., Any] | None, *domains: Domain, **more: Any) -> Rule:
    return Rule(reference, domains, **more)


def real(*at: float) -> Domain:
    return Domain(at=at)


def positive(*at: float) -> Domain:
    return Domain(0, at=at)


def between(lo: float, hi: float, *at: float) -> Domain:
    return Domain(lo, hi, at)


#: Quarters of a turn, and doubles that are very close to far ones, the last closest.
TURNS = (
    *(k * math.pi / 2 for k in range(-8, 9)),
    *(1e5 * math.pi, 563416747700.2246, -2.4189825415928567e23, 1.5986289000543612e74),
    *(1.2853022199154463e174, 1.7352682257830175e211, 6381956970095103 * 2.0**797),
)
#: From where on every double is whole, or even, and whole numbers, and halves.
WHOLE = *(k / 2 for k in range(-7, 8)), 2.0**51, 2.0**52, -(2.0**52), 2.0**53
#: How many times a function is differentiated.
ORDERS = Domain(0, 1000, at=(1, 2, 3, 5, 10, 101, 300), whole=True)
#: Derivatives of digamma and of sinc, and zeros that they have.
DIGAMMA_ZEROS = (
    *((2, -0.4957156769130384), (2, -1.4987861940097746), (2, -3.499683980605041)),
    *((4, -0.49977397564859133), (4, -2.4999955795487976), (6, -1.4999994893184863)),
    *((10, -0.499999871226233), (10, -2.499999999987686), (20, -0.4999999999988619)),
)
SINC_ZEROS = (
    *((2, 2.0815759778181007), (2, 9.205840142936665), (3, 3.870238580222165)),
    *((5, 3.642508465720518), (10, 5.124171361471539), (10, 40.59668800011272)),
    *((101, 60.221482707529795), (300, 300.80717230338655), (301, 701.7403861406721)),
)
#: Where gamma has poles, and two places that its values' range ends near to.
POLES = *map(float, range(-12, 1)), -100.0, -171.0, -177.0, -184.0


def in_range(random: Random, negative: bool) -> tuple[float, float]:
    """A base and an exponent whose power is in range."""
    if random.random() < 0.5:
        x = 2.0 ** random.uniform(-1074, 1023.9)
    else:
        x = 1 + random.choice((-1, 1)) * 2.0 ** random.uniform(-53, -1)
    n = random.uniform(-745, 709.7) / (math.log(x) or 1)
    if negative and random.random() < 0.5:
        n = float(round(n))
        x *= random.choice((-1, 1))
    return x, n


def sum_near_1(random: Random) -> tuple[float, float]:
    """x and y with e^x + e^y close to 1."""
    x = -(2.0 ** random.uniform(-60, 9))
    y = math.log(-math.expm1(x))
    if random.random() < 0.5:
        y += random.choice((-1, 1)) * 2.0 ** random.uniform(-60, 0)
    return (x, y) if random.random() < 0.5 else (y, x)


def order(random: Random, zeros: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """An order, and an x that is close to a zero or of the order's size."""
    if random.random() < 0.5:
        n, x = random.choice(zeros)
        return n, x + random.choice((-1, 1)) * 2.0 ** random.uniform(-53, -3)
    n = round(2.0 ** random.uniform(0, 9.96))
    return n, n * random.uniform(-3, 3)


# The functions that mpmath does not have, or not everywhere.


def cbrt(x):
    return mp.sign(x) * mp.cbrt(abs(x))


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def step(x):
    return (1 + mp.sign(x)) / 2


def trunc(x):
    return mp.floor(x) if x > 0 else mp.ceil(x)


def power_slope(x, n):
    """The derivative of x^n; x^n/x, since n - 1 may be rounded to an even number."""
    return n and n * (x**n / x if x else x ** (n - 1))


def mod(x, y):
    return x - y * mp.floor(x / y)


def logaddexp(x, y):
    return max(x, y) + mp.log1p(mp.exp(-cut(abs(x - y))))


def lgamma(x):
    return mp.loggamma(x) if x > 0 else mp.ln(abs(mp.gamma(x)))


def cut(x):
    """x, or a million for more: e to minus that is beyond all doubles, too."""
    return min(x, mpf(10) ** 6)


def erfc(x):
    return mp.erfc(cut(x))


def normcdf(x):
    return erfc(-x / mp.sqrt(2)) / 2


def normpdf(x):
    return mp.exp(-cut(x * x / 2)) / mp.sqrt(2 * mp.pi)


def sinc_n(n, x, most=1000):
    """Of t^n cos(x t + n pi/2) the integral from 0 to 1: by its series, or by parts."""
    if not 0 <= n <= most or n % 1:
        raise ValueError
    n = int(n)
    if abs(x) < n + 50:
        odd, square = n % 2, -x * x / 4
        half = mpf(n + 1 + odd) / 2
        y = mp.hyp1f2(half, odd + mpf(1) / 2, half + 1, square) / (2 * half)
        return (-1) ** (n // 2) * (-x * y if odd else y)
    term, total = mp.expj(x) / (mp.j * x), 0
    for k in range(n + 1):
        total += term
        term *= (k - n) / (mp.j * x)
    total -= (-1) ** n * mp.factorial(n) / (mp.j * x) ** (n + 1)
    return mp.re(mp.j**n * total)


def polygamma(n, x, most=1000):
    """mp.psi, where that is fast; below -20 reflected."""
    if not 0 <= n <= most or n % 1 or (x <= 0 and x == mp.floor(x)):
        raise ValueError
    n = int(n)
    if n == 0 or x > 100:
        return mp.psi(n, x)
    sign = (-1) ** (n + 1)
    if x > -20:
        return sign * mp.factorial(n) * mp.zeta(n + 1, x)
    below, above = (polygamma(n, y, most) for y in (x - mp.floor(x), mp.ceil(x) - x))
    return below + sign * (above - polygamma(n, 1 - x, most))


def none(*x):
    """A derivative that does not exist."""
    return mp.nan


RULES: dict[str, Rule] = {
    # ---- Arithmetic
    "identity": rule(lambda x: x, real(), points=(2, -0.1)),
    "add": rule(
        lambda a, b: a + b, real(), real(), points=((2, 5), (0.1, 0.2), (1e300, -1.5))
    ),
    "sub": rule(
        lambda a, b: a - b, real(), real(), points=((2, 5), (0.3, 0.1), (-1e-300, 7))
    ),
    "mul": rule(
        lambda a, b: a * b, real(), real(), points=((2, 5), (0.1, 0.2), (-3, 1e300))
    ),
    "div": rule(
        lambda a, b: a / b,
        real(),
        real(0),
        points=((2, 5), (0.1, -0.3), (7, 1e-150), (1e300, 3)),
    ),
    "neg": rule(lambda x: -x, real(), points=(2, -0.1)),
    # ---- Powers and logarithms
    "square": rule(lambda x: x * x, real(0), points=(3, -0.1, 1e150, 1e-150)),
    "cube": rule(lambda x: x**3, real(0), points=(3, -0.1, 1e100, 1e-107)),
    "sqrt": rule(mp.sqrt, positive(), points=(4, 2, 1e-300, 1.5e300)),
    "cbrt": rule(cbrt, real(0), points=(8, -2, 1e-300, 1.5e300)),
    "power": rule(
        lambda x, n: x**n,
        real(0, 1, -1),
        real(0, 1, -1, 2, 3, -2, 0.5, 1 / 3, -0.5, 1074, -1023, 2.0**53, -(2.0**53)),
        near=partial(in_range, negative=True),
        partials=(power_slope,),
        points=(
            *((2, 3), (-2, 3), (-2, -3), (7, 0), (2, 1), (-3, 4), (1e200, -1)),
            *((0.1, 0.5), (1.1, 99.5), (1e-290, 1 / 3), (1e290, -1 / 3)),
            *((1e-200, 1.7), (1e200, -1.5), (5, -0.1), (1e-150, -1.02)),
            # Near the smallest double, and where n - 1 is rounded to an even number.
            *((5e-324, 0.999), (5e-324, 1 / 3), (1.1, -7300.3), (1 + 1e-15, 1e16)),
            *((1e-323, 1.9631174230323332),),
            *((-1, 1e16), (-1, 2**53 + 2), (-1, -1e16), (-1, 2**53), (-1, -(2**53))),
            *((-1, 1.7976931348623157e308), (-1, -1e300)),
            *((0.998139314778971, 389915.1555631312), (1e-310, 0.001), (1e-310, 1e-9)),
            *((1.0765550754275708, -9918.949734786824), (-1.5, -1830), (-0.5, 1073)),
        ),
    ),
    "pow": rule(
        lambda x, y: x**y,
        positive(1),
        real(0, 1, -1, 2, 0.5, -0.5, 1074, -1023, 2.0**53),
        near=partial(in_range, negative=False),
        partials=(power_slope, lambda x, y: x and x**y * mp.ln(x)),
        points=(
            *((2, 3), (2, -3), (0.1, 0.5), (7, 0), (1e-290, 1 / 3), (1.1, 99.5)),
            *((5, -0.1), (1.0765550754275708, -9918.949734786824), (2.5e-323, 0.999)),
            *((1e-323, 1.9631174230323332),),
            *((2.962831353774217e280, -1.1315776782090889), (0.5, 1073.5)),
        ),
    ),
    "hypot": rule(mp.hypot, real(0), real(0), points=((3, 4), (1e-300, 1e-300))),
    "exp": rule(
        mp.exp, real(709.782712893384, -708.4, -745.13), points=(0, 1, -0.1, 700.5)
    ),
    "exp2": rule(lambda x: mpf(2) ** x, real(1024, -1022, -1074), points=(3, -0.1)),
    "expm1": rule(mp.expm1, real(709.782712893384, -37), points=(1, -0.1, 1e-9)),
    "ln": rule(mp.ln, positive(1), points=(2, 1.1, 1e-300, 1e300, 0.999)),
    "log": rule(
        lambda x, b: mp.ln(x) / mp.ln(b) if b else mp.nan,
        positive(1),
        positive(1, 2, 10),
        points=((8, 2), (1000, 10), (0.1, 0.7)),
    ),
    "log2": rule(lambda x: mp.ln(x) / mp.ln(2), positive(1), points=(8, 0.1)),
    "log10": rule(lambda x: mp.ln(x) / mp.ln(10), positive(1), points=(1000, 0.1)),
    "log1p": rule(mp.log1p, between(-1, math.inf, 0), points=(1, -0.9, 1e-9)),
    # ---- Trigonometric
    "sin": rule(mp.sin, real(*TURNS), points=(1, -0.1, 1e-9, 3, 1e6)),
    "cos": rule(mp.cos, real(*TURNS), points=(1, -0.1, 1e-9, 3, 1e6)),
    "tan": rule(mp.tan, real(*TURNS), points=(1, -0.1, 1e-9, 1.57, 1e6)),
    "sec": rule(mp.sec, real(*TURNS), points=(1, -0.1, 1e-9, 1.57)),
    "csc": rule(mp.csc, real(*TURNS), points=(1, -0.1, 1e-9, 1.57)),
    "cot": rule(mp.cot, real(*TURNS), points=(1, -0.1, 1e-9, 1.57)),
    "asin": rule(mp.asin, between(-1, 1, 0.5), points=(0.5, -0.1)),
    "acos": rule(mp.acos, between(-1, 1, 0, 0.5), points=(0.5, -0.1)),
    "atan": rule(mp.atan, real(1), points=(1, -0.1, 1e9)),
    "atan2": rule(
        mp.atan2,
        real(0),
        real(0),
        # Where the angle jumps, it still turns as steadily as elsewhere.
        partials=(
            lambda y, x: x / (x * x + y * y),
            lambda y, x: -y / (x * x + y * y),
        ),
        points=((1, 2), (-1, -2), (1e-300, 1e-300)),
    ),
    "sinc": rule(
        mp.sinc,
        # Zeros of the function and of its derivative.
        real(*TURNS, 4.493409457909064, 7.725251836937707, -10.904121659428899),
        points=(1, 0, 4),
    ),
    "sinc_n": rule(
        sinc_n,
        ORDERS,
        real(*TURNS),
        near=partial(order, zeros=SINC_ZEROS),
        partials=(none, lambda n, x: sinc_n(n + 1, x, most=1001)),
        points=(
            *((2, 1), (0, 4), (1, 0.5), (3, -0.1), (5, 1e-9), (10, 1e6), (2, -1e-300)),
            *((300, 2), (300, 299.5), (300, 301), (1000, 0.1), (1000, -1500), (7, 0)),
            *((2, 4e18), (300, 5e18), (2, 1.5986289000543612e74)),
            *SINC_ZEROS,
        ),
    ),
    "degrees": rule(lambda x: x * 180 / mp.pi, real(), points=(1, -0.1)),
    "radians": rule(lambda x: x * mp.pi / 180, real(), points=(180, -0.1)),
    # ---- Hyperbolic
    "sinh": rule(mp.sinh, real(710.4758600739439, -22), points=(1, -0.1, 1e-9)),
    "cosh": rule(mp.cosh, real(710.4758600739439, -22), points=(1, -0.1, 1e-9)),
    "tanh": rule(
        mp.tanh,
        real(19, -355, 373),
        points=(1, 0, -0.1, 1e-9, 19, -300, -5.235109105035645),
    ),
    "sech": rule(mp.sech, real(19, -710.4, 746), points=(1, -0.1, 720)),
    "csch": rule(mp.csch, real(0, 19, -710.4, 746), points=(1, -0.1, 720)),
    "coth": rule(mp.coth, real(0, 19, -355, 373), points=(1, -0.1, 300)),
    "asinh": rule(mp.asinh, real(1, 1e154), points=(1, -0.1, 1e9)),
    "acosh": rule(mp.acosh, between(1, math.inf, 2), points=(2, 1.1, 1e9)),
    "atanh": rule(mp.atanh, between(-1, 1, 0.5), points=(0.5, -0.1)),
    # ---- With kinks or jumps
    "abs": rule(abs, real(0), points=(2, -0.1, -3)),
    "sign": rule(mp.sign, real(0), points=(2, -0.1)),
    "step": rule(step, real(0), points=(2, -0.1)),
    "relu": rule(lambda x: max(x, mpf(0)), real(0), points=(2, -0.1)),
    "min": rule(min, real(), real(), points=((2, 5), (0.1, -3))),
    "max": rule(max, real(), real(), points=((2, 5), (0.1, -3))),
    "clamp": rule(
        lambda x, lo, hi: min(max(x, lo), hi),
        *(real(), real(), real()),
        within=lambda x, lo, hi: lo <= hi,
        points=((2, 0, 5), (-1, 0, 5), (7, 0, 5)),
    ),
    "floor": rule(mp.floor, real(*WHOLE), points=(2.5, -0.1)),
    "ceil": rule(mp.ceil, real(*WHOLE), points=(2.5, -0.1)),
    "round": rule(mp.nint, real(*WHOLE), points=(2.7, 2.5, 3.5, -0.1)),
    "trunc": rule(trunc, real(*WHOLE), points=(2.5, -0.1)),
    "mod": rule(
        mod,
        real(0, 1, 2),
        real(0, 1, -1),
        # Differences over many jumps may look like those over none.
        partials=(lambda x, y: mpf(1), lambda x, y: -mp.floor(x / y)),
        points=((7, 3), (-7, 3), (7, -3)),
    ),
    # ---- Machine learning
    "sigmoid": rule(
        sigmoid,
        real(37, -709, -745, 709),
        points=(0, 3, -4, 40, -40, 700, -708.9, -709.1, -740),
    ),
    "softplus": rule(
        lambda x: mp.log1p(mp.exp(x)), real(37, -37, -745, 709), points=(0, 3, -4, 800)
    ),
    "leaky_relu": rule(
        lambda x, a: x if x > 0 else a * x, real(0), real(1), points=((2, 0.1), (-2, 3))
    ),
    "elu": rule(lambda x: x if x > 0 else mp.expm1(x), real(0, -37), points=(2, -0.1)),
    "gelu": rule(
        lambda x: x * normcdf(x),
        # The zero of its derivative, and the ends of its tails.
        real(0, -0.7517915246935645, 8.3, -37.5, -38.6),
        points=(2, -0.1, -20),
    ),
    "silu": rule(
        lambda x: x * sigmoid(x),
        real(0, -1.2784645427610738, 37, -709, -745, -752),
        points=(2, -0.1, -40),
    ),
    "softsign": rule(lambda x: x / (1 + abs(x)), real(0), points=(2, -0.1)),
    "logit": rule(
        lambda x: mp.ln(x / (1 - x)), between(0, 1, 0.5, 0.3, 0.65), points=(0.3, 0.9)
    ),
    "logaddexp": rule(
        logaddexp, real(0), real(0), near=sum_near_1, points=((1, 2), (800, 0))
    ),
    # ---- Special
    "erf": rule(mp.erf, real(0.5, 1, -6), points=(1, -0.1)),
    "erfc": rule(erfc, real(0.5, 1, -6, 26.5), points=(1, -0.1, 20)),
    "gamma": rule(
        mp.gamma,
        real(*POLES, 1, 1.4616321449683623, -0.5040830082644554, 2, 171.62437695630272),
        ulps=16,
        points=(4.5, -0.1, 1e-9, 170.3),
    ),
    "lgamma": rule(
        lgamma,
        real(*POLES, 1, 1.4616321449683623, 2, -2.4570247382208006, 171.6, 2.55e305),
        ulps=16,
        points=(4.5, -0.1, 1e-9, 1e9),
    ),
    "digamma": rule(
        mp.digamma,
        real(*POLES, 1, 1.4616321449683623, -0.5040830082644554, 2, 6, 10),
        ulps=16,
        points=(4.5, -0.1, 1e-9, 1e9),
    ),
    "polygamma": rule(
        polygamma,
        ORDERS,
        real(*POLES, *(x - 0.5 for x in POLES), 1, 2, 6, 10),
        near=partial(order, zeros=DIGAMMA_ZEROS),
        ulps=16,
        partials=(none, lambda n, x: polygamma(n + 1, x, most=1001)),
        points=(
            *((2, 4.5), (0, 4.5), (1, 4.5), (3, -0.1), (2, 1e-9), (5, 1e9), (10, 0.3)),
            *((300, 150), (301, 150), (1000, 375.0), (1000, 400), (100, 1e-1)),
            *((1000, 200), (1000, 735)),
            *((2, -1.5), (2, -7.5), (10, -11.5), (2, -(2.0**51) - 0.5), (2, 1e300)),
            *DIGAMMA_ZEROS,
        ),
    ),
    "factorial": rule(
        lambda x: mp.gamma(x + 1),
        real(*(x - 1 for x in POLES), 0, 0.46163214496836236, 1, 170.62437695630272),
        ulps=16,
        points=(5, 4.5, -0.1, 1e-9, 170.3),
    ),
    "normpdf": rule(normpdf, real(0, 37.6, -38.5), points=(1, -0.1, 20)),
    "normcdf": rule(normcdf, real(0, 8.3, -37.5, -38.5), points=(1, -0.1, -20)),
    # ---- Choice
    "if": rule(None, points=((True, 2, 5),)),
    **dict.fromkeys(("and", "or"), rule(None, points=((True, False),))),
    "not": rule(None, points=(True,)),
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), rule(None, points=((2, 5),))),
}

# ---- Points --------------------------------------------------------------------------


def neighbours(x: float, steps: int = 3) -> Iterator[float]:
    """The doubles next to x, on both sides."""
    for towards in (-math.inf, math.inf):
        y = x
        for _ in range(steps):
            y = math.nextafter(y, towards)
            if math.isfinite(y):
                yield y


def special(domain: Domain) -> list[float]:
    """The domain's ends, the places inside, and the doubles close to these.

    That includes some doubles outside: there the operation has to say so.
    """
    places = [*domain.ends(), *domain.at, 0.0]
    if domain.lo == -math.inf:
        places += [-LARGEST, -1.0, -SMALLEST]
    if domain.hi == math.inf:
        places += [LARGEST, 1.0, SMALLEST]
    close = [y for x in places for y in neighbours(x)]
    return [float(x) + 0.0 for x in dict.fromkeys([*places, *close])]


def draw(domain: Domain, random: Random) -> float:
    """A double inside the domain: of any magnitude, close to a place, or ordinary."""
    places = [*domain.ends(), *domain.at]
    while True:
        way = random.random()
        if way < 0.35 or (way < 0.65 and not places):
            x = 2.0 ** random.uniform(-1074, 1024 - 1e-12) * random.choice((-1, 1))
        elif way < 0.65:
            place = random.choice(places)
            closest = math.log2(math.ulp(place))
            distance = 2.0 ** random.uniform(closest, max(closest + 8, 3))
            x = place + distance * random.choice((-1, 1))
        elif way < 0.9:
            x = random.uniform(max(domain.lo, -10), min(domain.hi, 10))
        else:
            x = random.uniform(max(domain.lo, -800), min(domain.hi, 800))
        x = round(x) if domain.whole else x
        if domain.lo <= x <= domain.hi and x and math.isfinite(x):
            return x


def sample(name: str, rule: Rule, count: int) -> list[tuple[Any, ...]]:
    """At least so many points for each operand, the same ones each time."""
    random = Random(name)
    specials = [special(domain) for domain in rule.domains]
    if len(rule.domains) == 1:
        points = list(rule.points) + [(x,) for x in specials[0]]
        return points + [
            (draw(rule.domains[0], random),) for _ in range(count - len(specials[0]))
        ]
    points = list(rule.points)
    while len(points) < count * len(rule.domains):
        way = random.random()
        point = [draw(domain, random) for domain in rule.domains]
        if way < 0.15:
            point = [random.choice(some) for some in specials]
        elif way < 0.3:  # a special one with any other
            k = random.randrange(len(point))
            point[k] = random.choice(specials[k])
        elif way < 0.45:  # of similar magnitude
            first, *others = point
            others = [first * 2.0 ** random.uniform(-8, 8) for _ in others]
            point = [first, *(x * random.choice((-1, 1)) for x in others)]
        elif way < 0.6:  # nearly equal, or equal
            x = random.choice(point)
            near = [1 + random.choice((-1, 1)) * 2.0 ** random.uniform(-56, -1), 1]
            signs = (1, 1, 1, -1)
            point = [x * random.choice(near) * random.choice(signs) for _ in point]
        elif way < 0.8 and rule.near:
            point = list(rule.near(random))
        inside = (
            math.isfinite(x) and (way < 0.3 or domain.lo <= x <= domain.hi)
            for x, domain in zip(point, rule.domains, strict=True)
        )
        if all(inside) and rule.within(*point):
            points.append(tuple(x + 0.0 for x in point))
    return points


# ---- The truth -----------------------------------------------------------------------

#: How many bits are to be right, and how small anything is that is as good as 0.
RIGHT = 84
NOTHING = mpf(2) ** -1090
#: The most bits to calculate with, in difficult places.
MOST = 2**16


def at(reference: Callable[..., Any], point: Sequence[Any], bits: int) -> Any:
    """The reference at a point with so many bits, or None where it is undefined."""
    mp.prec = bits
    try:
        y = reference(*point)
    except (ValueError, ZeroDivisionError):
        return None
    if isinstance(y, mpc):
        return None
    y = mpf(y)
    return y if mp.isfinite(y) else None


def exactly(reference: Callable[..., Any], point: Sequence[Any]) -> tuple[Any, int]:
    """The reference at a point, None where it is undefined, and how many bits it took.

    As many as are enough for twice as many to make no difference. A zero may be all
    that is left by a cancellation, and is believed only with thousands of bits.
    """
    bits, y = 160, at(reference, point, 160)
    while bits < MOST:
        better = at(reference, point, 2 * bits)
        if y is None or better is None:
            return None, bits
        if y == better == 0 and bits < 2560:
            bits, y = 2560, at(reference, point, 2560)
            continue
        if abs(better - y) <= abs(better) * mpf(2) ** -RIGHT:
            return better, bits
        bits, y = 2 * bits, better
    raise ArithmeticError(f"{MOST} bits are not enough at {point}")


def size(x: Any) -> int:
    """The exponent of x as a power of 2."""
    return mp.mag(x) if x else -MOST


class Differences:
    """The derivatives of a rule's function at a point, as difference quotients."""

    def __init__(self, rule: Rule, point: Sequence[Any], y: Any, bits: int) -> None:
        self.rule, self.point, self.y, self.bits = rule, point, y, bits

    def room(self, k: int) -> int:
        """How close the next place is where the function may not be smooth, or 1."""
        x, domain = self.point[k], self.rule.domains[k]
        others = [self.point[i] for i in range(len(self.point)) if i != k]
        places = [*domain.ends(), *domain.at, *others, *(-other for other in others)]
        return min([size(mpf(x) - place) for place in places if x != place], default=0)

    def shifted(self, k: int, by: Any, bits: int) -> Any:
        mp.prec = bits
        point = list(self.point)
        point[k] = point[k] + by
        inside = self.rule.within(*point)
        return at(self.rule.reference, point, bits) if inside else None

    def sides(self, k: int, h: int, bits: int) -> tuple[Any, Any, Any]:
        """Backward and forward quotients over 2^h, None if undefined; their noise."""
        step = mpf(2) ** h
        left, right = self.shifted(k, -step, bits), self.shifted(k, step, bits)
        y = at(self.rule.reference, self.point, bits)
        noise = (abs(left or 0) + abs(right or 0) + abs(y)) * mpf(2) ** (4 - bits - h)
        back = None if left is None else (y - left) / step
        forth = None if right is None else (right - y) / step
        return back, forth, noise

    def quotient(self, k: int, h: int, bits: int) -> tuple[Any, Any]:
        """The central quotient over 2^h, at an end the one-sided one, and its noise."""
        step = mpf(2) ** h
        left, right = self.shifted(k, -step, bits), self.shifted(k, step, bits)
        if left is None or right is None:
            back, forth, noise = self.sides(k, h, bits)
            return (back if forth is None else forth), noise
        noise = (abs(left) + abs(right)) * mpf(2) ** (4 - bits - h)
        return (right - left) / step / 2, noise

    def derivative(self, k: int) -> Any:
        """With respect to operand k, or None if quotients do not settle.

        The step gets smaller until a smaller one makes no difference, and the bits get
        more until what rounding can do makes none.
        """
        x, room, closer, bits = self.point[k], min(self.room(k), 0), 52, 0
        while closer < 8192 and bits < MOST:
            h = room - closer
            # x + h has to be exact.
            bits = max(bits, self.bits + closer + 20, abs(size(x) - h) + 60 if x else 0)
            wide, _ = self.quotient(k, h, bits)
            narrow, noise = self.quotient(k, h - 2, bits)
            if wide is None or narrow is None:
                return None
            near = abs(narrow) * mpf(2) ** (8 - RIGHT) + NOTHING
            if noise > near:
                if noise < abs(narrow) / 1000:
                    bits += size(noise) - size(near) + 8
                else:
                    bits *= 2
            elif abs(wide - narrow) <= near:
                return narrow
            else:
                closer *= 2
        return None

    def smooth(self, k: int) -> bool:
        """Whether there is one slope with respect to operand k, the same both ways."""
        h = min(self.room(k), 0) - 100
        x = self.point[k]
        bits = max(self.bits + 140, abs(size(x) - h) + 200 if x else 0)
        slopes = [*self.sides(k, h, bits)[:2], *self.sides(k, h - 2, bits)[:2]]
        if None in slopes:
            return False
        return max(slopes) - min(slopes) <= max(map(abs, slopes)) / 2**70


# ---- Comparison ----------------------------------------------------------------------


@dataclass
class Worst:
    """How far value or one partial derivative is from the truth, at most."""

    what: str
    count: int = 0
    ulps: float = 0
    point: tuple[Any, ...] = ()
    computed: Any = None
    exact: Any = None

    def add(self, ulps: float, point: tuple[Any, ...], computed: Any, exact: Any):
        self.count += 1
        if ulps > self.ulps:
            self.ulps, self.point = ulps, point
            self.computed, self.exact = computed, exact

    def __str__(self) -> str:
        if not self.ulps:
            return f"{self.what} is exact"
        point = ", ".join(map(repr, self.point))
        exact = self.exact
        if not isinstance(exact, str):
            with mp.workprec(100):
                exact = mp.nstr(exact, 20) if exact is not None else "undefined"
        return (
            f"{self.what} at ({point}) is {self.computed!r}, not {exact}: "
            f"{self.ulps:.3g} ulps off"
        )


def distance(computed: float | None, exact: Any) -> float:
    """How many units in the last place computed is from exact; None is undefined.

    Infinite is right from the largest double on, and close to it.
    """
    if exact is None or computed is None or math.isnan(computed):
        return 0 if exact is None and computed is None else math.inf
    mp.prec = 160
    if math.isinf(computed):
        enough = abs(exact) > LARGEST - 4 * math.ulp(LARGEST)
        return 0 if enough and (computed > 0) == (exact > 0) else math.inf
    unit = math.ulp(min(float(abs(exact)), LARGEST))
    error = float(abs(mpf(computed) - exact) / unit)
    return error if error > 1e-6 else 0  # what is left of a difference quotient


def outcome(operation: Any, point: tuple[Any, ...], sign: int) -> float | None:
    """What compute gives: None if it is undefined, infinite if it overflows."""
    try:
        return operation.compute(point)
    except OverflowError:
        return math.inf * sign
    except (ValueError, ZeroDivisionError):
        return None


def holds(operation: Any, condition: str, y: Any, point: tuple[Any, ...]) -> bool:
    test = getattr(operation, condition, None)
    return bool(test and test(floats, y, *point))


def measure(
    operation: Any, rule: Rule, points: Sequence[tuple[Any, ...]]
) -> list[Worst]:
    """The largest errors over these points, of the value and of each partial."""
    operands = getattr(operation, "operands", ())[: len(rule.domains)]
    names = operands[: len(operands) - operation.parameters]
    value, *partials = found = [Worst("value"), *(Worst(f"d/d{x}") for x in names)]
    with mp.workprec(160):
        for point in points:
            exact, bits = exactly(rule.reference, tuple(map(mpf, point)))
            sign = 1 if exact is None or exact > 0 else -1
            y = outcome(operation, point, sign)
            value.add(distance(y, exact), point, y, exact)
            if exact is None or y is None or math.isinf(y):
                continue
            differences = Differences(rule, tuple(map(mpf, point)), exact, bits)
            _measure_partials(operation, differences, point, y, partials)
    return found


def _measure_partials(
    operation: Any,
    differences: Differences,
    point: tuple[Any, ...],
    y: Any,
    partials: list[Worst],
) -> None:
    explicit = differences.rule.partials
    if holds(operation, "kink", y, point) or holds(operation, "jump", y, point):
        # An operation may not excuse itself where there is a derivative.
        if all(differences.smooth(k) for k in range(len(partials))):
            for worst in partials:
                worst.add(math.inf, point, "no derivative", "smooth")
        return
    if explicit:
        exact = [exactly(rule, differences.point)[0] for rule in explicit]
    else:
        exact = [differences.derivative(k) for k in range(len(partials))]
    try:
        computed = operation.gradient(point, 1.0)
        assert len(computed) == len(point) - operation.parameters
    except OverflowError:
        limit = LARGEST - 4 * math.ulp(LARGEST)
        if any(x is not None and abs(x) > limit for x in exact):
            return
        computed = [None] * len(exact)
    except (ValueError, ZeroDivisionError):
        computed = [None] * len(exact)
    vertical = holds(operation, "vertical", y, point)
    for worst, x, true in zip(partials, computed, exact, strict=True):
        if true is None and (x is None or math.isnan(x)):
            ulps = 0.0
        elif true is None and vertical:
            ulps = 0.0 if math.isinf(x) else math.inf
        else:
            ulps = distance(x, true)
        worst.add(ulps, point, x, true)
