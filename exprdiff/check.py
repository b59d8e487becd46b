"""Derivatives checked against difference quotients."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from .errors import DomainError, ExprdiffError, RangeError, UsageError, shorten
from .expression import Expression

#: How many digits have to agree, and how many do at most: a double has no more.
ENOUGH, ALL = 10, 16

#: The step of differences, as a power of 2 beside the operand, and of a smaller one.
STEP, SMALLER = 100, 102

#: The bits of the first try, and of the last one.
FIRST, LAST = 640, 2**14


class Agreement(NamedTuple):
    """How a derivative compares with differences."""

    output: int  #: the number of the value, from 1
    name: str  #: the variable
    derivative: float
    difference: float | None  #: None where there is none on both sides
    digits: int | None  #: how many agree; None where the function is not smooth

    @property
    def good(self) -> bool:
        """Whether it is as it should be."""
        return self.digits is None or self.digits >= ENOUGH


def compare(
    formula: Expression,
    values: Mapping[str, int | float],
    jacobian: list[dict[str, float]],
) -> Iterator[Agreement]:
    """Each derivative beside a central difference of many digits.

    Args:
        formula: it.
        values: the numbers of its variables.
        jacobian: its derivatives there.

    Raises:
        UsageError: a value is infinite.
        MissingLibrary: that of numbers with many digits is not installed.
    """
    from .digits import enclosure

    _check_finite(values)
    point = {name: Fraction(value) for name, value in values.items()}

    def at(name: str, by: Fraction) -> list[Any]:
        """The values with a variable moved, or None where they do not exist."""
        moved = {**point, name: point[name] + by}
        bits = FIRST
        while True:
            try:
                return [ball.bounds() for ball in enclosure(formula, moved, bits)]
            except (DomainError, RangeError):
                if bits > LAST:
                    return [None] * formula.outputs
                bits *= 2

    for name in jacobian[0]:
        unit = Fraction(2) ** (math.frexp(values[name] or 1.0)[1])
        steps = [unit / 2**STEP, unit / 2**SMALLER]
        around = {by: at(name, by) for h in steps for by in (h, -h)}
        around[Fraction(0)] = at(name, Fraction(0))
        for k, gradient in enumerate(jacobian):
            ys = {by: found[k] for by, found in around.items()}
            yield Agreement(
                k + 1, name, gradient[name], *_agree(gradient[name], ys, steps)
            )


def _agree(
    derivative: float, ys: Mapping[Fraction, Any], steps: list[Fraction]
) -> tuple[float | None, int | None]:
    """The central difference, and how many digits of it the derivative has."""
    if None in ys.values():
        return None, None
    centre = {by: (low + high) / 2 for by, (low, high) in ys.items()}
    noise = max(high - low for low, high in ys.values())
    wide, narrow = ((centre[h] - centre[-h]) / (2 * h) for h in steps)
    # How far the slopes on both sides are from each other; where the function is
    # smooth, that is less for smaller steps.
    gaps = [abs(centre[h] + centre[-h] - 2 * centre[Fraction(0)]) / h for h in steps]
    if gaps[1] > gaps[0] / 2 + 8 * noise / steps[1]:
        return float(narrow), None
    exact = narrow + (narrow - wide) / 15  # Richardson's, for steps of 4 to 1
    if not math.isfinite(derivative):
        return float(exact), 0
    error = abs(Fraction(derivative) - exact)
    if error <= abs(narrow - wide) + 2 * noise / steps[1]:
        return float(exact), ALL
    if not exact:
        return 0.0, 0
    digits = -math.log10(error / abs(exact))
    return float(exact), max(0, min(ALL, math.floor(digits)))


def _check_finite(values: Mapping[str, int | float]) -> None:
    for name, value in values.items():
        if not math.isfinite(value):
            raise UsageError(f"{shorten(name)} is {value}: there are no differences")


class Step(NamedTuple):
    """The errors of differences over a step, None where there is none."""

    h: float
    forward: float | None
    central: float | None


class Table(NamedTuple):
    """A derivative, and the errors of differences over smaller and smaller steps."""

    output: int  #: the number of the value, from 1
    name: str  #: the variable
    derivative: float
    steps: list[Step]

    def best(self) -> Step | None:
        """The step whose central difference is nearest, or forward difference."""
        for errors in ("central", "forward"):
            found = [step for step in self.steps if getattr(step, errors) is not None]
            if found:
                return min(found, key=lambda step: getattr(step, errors))
        return None


def tables(
    formula: Expression,
    values: Mapping[str, int | float],
    jacobian: list[dict[str, float]],
) -> Iterator[Table]:
    """A table for each derivative; the arguments are those of ``compare``."""

    _check_finite(values)

    def at(name: str, x: float) -> list[Any]:
        """The values with a variable moved to x, or None where they do not exist."""
        try:
            ys = formula.evaluate(**{**values, name: x})
        except ExprdiffError:
            return [None] * formula.outputs
        return list(ys) if formula.outputs > 1 else [ys]

    for name in jacobian[0]:
        x, y = values[name], at(name, values[name])
        around = [
            (h, at(name, x + h), at(name, x - h)) for h in (10.0**-k for k in range(17))
        ]
        for k, gradient in enumerate(jacobian):
            slope = gradient[name]
            if not math.isfinite(slope):
                yield Table(k + 1, name, slope, [])
                continue
            steps = [
                Step(
                    h,
                    _error(right[k], y[k], h, slope),
                    _error(right[k], left[k], 2 * h, slope),
                )
                for h, right, left in around
            ]
            yield Table(k + 1, name, slope, steps)


def _error(right: Any, left: Any, h: float, slope: float) -> float | None:
    if right is None or left is None:
        return None
    return abs((right - left) / h - slope)
