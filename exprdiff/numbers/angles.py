"""Sine, cosine and tangent of doubles, and decimals for where doubles lack digits."""

from __future__ import annotations

import math
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

#: From where on an angle is far, and up to where a sine or cosine is small. Of the
#: small ones of far angles, libraries lose digits.
FAR, SMALL = 1e8, 1e-10

#: Of pi, the digits that reduce the angle of any double to fifty digits.
PI_DIGITS = (
    "3."
    "14159265358979323846264338327950288419716939937510582097494459230781640628620899"
    "86280348253421170679821480865132823066470938446095505822317253594081284811174502"
    "84102701938521105559644622948954930381964428810975665933446128475648233786783165"
    "27120190914564856692346034861045432664821339360726024914127372458700660631558817"
    "4881520920962829254091715364367892590360011330530548820466521384146951"
)


def sin(x: float) -> float:
    """Sine."""
    y = math.sin(x)
    return y if abs(y) > SMALL or abs(x) < FAR else _far(_sin, x)


def cos(x: float) -> float:
    """Cosine."""
    y = math.cos(x)
    return y if abs(y) > SMALL or abs(x) < FAR else _far(_cos, x)


def tan(x: float) -> float:
    """Tangent."""
    y = math.tan(x)
    return y if SMALL < abs(y) < 1 / SMALL or abs(x) < FAR else sin(x) / cos(x)


def _far(function: Callable[..., Decimal], x: float) -> float:
    return in_decimals(function, x, PI_DIGITS, digits=380)


def in_decimals(
    formula: Callable[..., Decimal], *operands: float | str, digits: int = 50
) -> float:
    """The formula of the operands, computed with so many decimal digits."""
    from decimal import Context, Decimal, localcontext

    with localcontext(Context(prec=digits)):
        return float(formula(*map(Decimal, operands)))


def series(angle: Decimal) -> tuple[Decimal, Decimal]:
    """The cosine and sine of an angle up to pi: the series of e^(i angle), DLMF 4.2.19.

    Its terms are real, imaginary, negative real and negative imaginary in turn.
    """
    quarters = [0 * angle] * 4
    term = 1 + 0 * angle
    for k in range(80):
        quarters[k % 4] += term
        term *= angle / (k + 1)
    return quarters[0] - quarters[2], quarters[1] - quarters[3]


def _cos(x: Decimal, pi: Decimal) -> Decimal:
    return series(x.remainder_near(2 * pi))[0]


def _sin(x: Decimal, pi: Decimal) -> Decimal:
    return series(x.remainder_near(2 * pi))[1]
