"""Standard uncertainties of results, and what each input contributes to them.

It is the law of propagation of uncertainty of the Guide to the Expression of
Uncertainty in Measurement (JCGM 100:2008), to first order: its formulas 10 and 13.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import DomainError, RangeError
from .numbers import floats

if TYPE_CHECKING:
    from .trace import Point

#: The significant digits of an uncertainty, as the Guide has it in 7.2.6.
DIGITS = 2

#: Which part of the first-order terms those of second order may be.
SMALL = 0.1


class Contribution(NamedTuple):
    """What an input contributes to the uncertainty of a result."""

    input: str  #: the variable
    value: Any
    uncertainty: float  #: its standard uncertainty, in its unit
    sensitivity: float  #: the derivative of the result with respect to it
    contribution: float  #: their product, in the result's unit, with its sign
    #: Of the result's variance, in per cent; None where that is 0. Of correlated inputs
    #: some may be negative.
    share: float | None


class Budget:
    """The standard uncertainty of a result, with what each input contributes.

    Args:
        value: the result.
        uncertainty: its standard uncertainty.
        contributions: one for each input.
    """

    def __init__(
        self, value: Any, uncertainty: float, contributions: list[Contribution]
    ) -> None:
        self.value = value
        self.uncertainty = uncertainty
        self.contributions = contributions


class Correlations:
    """The correlation coefficients of pairs of inputs; those not given are 0.

    Args:
        given: the coefficients, by pairs of names.

    Raises:
        ValueError: there are no random variables with these correlations.
    """

    def __init__(self, given: Mapping[tuple[str, str], float]) -> None:
        self._given = {**given, **{(b, a): r for (a, b), r in given.items()}}
        names = list(dict.fromkeys(name for pair in given for name in pair))
        _check_positive([[self[a, b] for b in names] for a in names])

    def __getitem__(self, pair: tuple[str, str]) -> float:
        a, b = pair
        return 1.0 if a == b else self._given.get(pair, 0.0)

    def names(self) -> Iterator[str]:
        """The names of the inputs that are correlated."""
        yield from dict.fromkeys(name for name, _ in self._given)


def _check_positive(matrix: list[list[float]]) -> None:
    """Raise ValueError where a symmetric matrix has a negative eigenvalue.

    It is Gauss's elimination, in which the pivots of others are 0 or more.
    """
    rows = [list(row) for row in matrix]
    size, rounding = len(rows), 1e-12
    for k in range(size):
        if rows[k][k] < -rounding:
            raise ValueError("the correlations contradict each other")
        for i in range(k + 1, size):
            if rows[k][k] <= rounding:
                if abs(rows[i][k]) > math.sqrt(rounding):
                    raise ValueError("the correlations contradict each other")
                continue
            factor = rows[i][k] / rows[k][k]
            for j in range(k, size):
                rows[i][j] -= factor * rows[k][j]


def budget(
    value: Any,
    gradient: Mapping[str, float],
    inputs: Mapping[str, Any],
    uncertainties: Mapping[str, float],
    correlations: Correlations | None,
) -> Budget:
    """The uncertainty of a result, and where it comes from.

    Args:
        value: the result.
        gradient: its derivative with respect to each input.
        inputs: the values of the inputs.
        uncertainties: their standard uncertainties; those not given are 0.
        correlations: theirs, if they have any.

    Raises:
        OverflowError: the uncertainty is beyond the largest double.
    """
    parts = {
        name: gradient[name] * u if (u := uncertainties.get(name, 0.0)) else 0.0
        for name in gradient
    }
    # Squares of the largest part may be beyond the largest double, or the smallest.
    unit = max(map(abs, parts.values()), default=0.0) or 1.0
    if not math.isfinite(unit):
        raise OverflowError
    scaled = {name: part / unit for name, part in parts.items()}
    variances = {
        name: part
        * (
            math.fsum(correlations[name, other] * scaled[other] for other in scaled)
            if correlations
            else part
        )
        for name, part in scaled.items()
    }
    variance = max(math.fsum(variances.values()), 0.0)
    uncertainty = unit * math.sqrt(variance)
    if not math.isfinite(uncertainty):
        raise OverflowError
    contributions = [
        Contribution(
            name,
            inputs[name],
            uncertainties.get(name, 0.0),
            gradient[name],
            parts[name],
            100 * variances[name] / variance if variance else None,
        )
        for name in gradient
    ]
    return Budget(value, uncertainty, contributions)


def propagate(
    point: Point,
    uncertainties: Mapping[str, float],
    correlations: Correlations | None,
    bends: Callable[[str], list[tuple[float, float]]],
) -> None:
    """Give a point the budgets of its values, and a note where they are in doubt.

    Args:
        point: it has its values and first derivatives.
        uncertainties: the standard uncertainties of inputs,
        correlations: and their correlation coefficients, if they have any.
        bends: gives, for the name of an input, the first and the second derivatives in
            it of each first derivative: all of the first value, and so on.

    Raises:
        RangeError: an uncertainty is beyond the largest double.
    """
    for value, gradient in zip(point.values, point.jacobian, strict=True):
        try:
            point.budgets.append(
                budget(value, gradient, point.inputs, uncertainties, correlations)
            )
        except OverflowError:
            raise RangeError(f"an uncertainty is beyond {floats.limit}") from None
    point.notes += _doubts(point, uncertainties, bends)


def _doubts(
    point: Point,
    uncertainties: Mapping[str, float],
    bends: Callable[[str], list[tuple[float, float]]],
) -> Iterator[str]:
    """A note for each value whose terms of second order are not small."""
    uncertain = {name: u for name, u in uncertainties.items() if u}
    try:
        bent = {name: bends(name) for name in uncertain}
    except (DomainError, RangeError) as error:
        yield f"whether linear propagation is to be trusted is open: {error.message}"
        return
    for k, (gradient, found) in enumerate(
        zip(point.jacobian, point.budgets, strict=True)
    ):
        assert found
        rows = slice(k * len(gradient), (k + 1) * len(gradient))
        here = {x: dict(zip(gradient, bent[x][rows], strict=True)) for x in uncertain}
        part = second_order(gradient, here, uncertain, found.uncertainty)
        if abs(part) > (SMALL if found.uncertainty else 0):
            which = f" of f{k + 1}" if len(point.budgets) > 1 else ""
            how = f"{100 * part:.0f} % of" if found.uncertainty else "not 0, unlike"
            yield (
                f"the second-order terms of the uncertainty{which} are {how} the"
                " first-order ones: linear propagation is not to be trusted here"
            )


def second_order(
    gradient: Mapping[str, float],
    bends: Mapping[str, Mapping[str, tuple[float, float]]],
    uncertainties: Mapping[str, float],
    unit: float,
) -> float:
    """The terms of second order in the variance, for independent inputs: GUM 5.1.2.

    Args:
        gradient: the derivative in each input.
        bends: in each uncertain input the first and the second derivative of each of
            these derivatives.
        uncertainties: the standard uncertainties, none of them 0.
        unit: the square root of what they are a part of; 0 counts as 1.
    """
    terms = []
    for x, u in uncertainties.items():
        for y, v in uncertainties.items():
            slope, curvature = bends[y][x]
            weight = u * v / (unit or 1.0)
            terms.append(
                (slope * slope / 2 + gradient[x] * curvature) * weight * weight
            )
    return sum(terms)


def rounded(value: float, uncertainty: float) -> str:
    """A result and its uncertainty, rounded to two digits of the uncertainty.

    Where these digits would not be the last ones, or stand far behind the point, both
    are multiples of a power of ten.
    """
    if not uncertainty:
        return f"{value} ± 0"
    exponent = _exponent(uncertainty, DIGITS)
    largest = max(_exponent(value, 17), exponent) if value else exponent
    place = exponent - DIGITS + 1
    if place <= 0 and -5 < largest < 16:
        return " ± ".join(
            _shifted(number, 0, -place) for number in (value, uncertainty)
        )
    both = (
        _shifted(number, largest, largest - place) for number in (value, uncertainty)
    )
    return f"({' ± '.join(both)})e{largest}"


def _exponent(number: float, digits: int) -> int:
    """That of ten in a number that is rounded to so many digits."""
    return int(f"{number:.{digits - 1}e}".partition("e")[2])


def _shifted(number: float, exponent: int, decimals: int) -> str:
    """The number over a power of ten, with so many decimals."""
    from decimal import Decimal

    return f"{Decimal(number).scaleb(-exponent):.{decimals}f}"
