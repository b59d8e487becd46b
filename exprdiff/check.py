"""Derivatives checked against difference quotients."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache, partial
from typing import Any, NamedTuple

from .errors import DomainError, ExprdiffError, RangeError, UsageError, shorten
from .expression import Expression

#: How many digits have to agree, and how many do at most: a double has no more.
ENOUGH, ALL = 10, 16

#: The steps of differences, as powers of 2 beside the operand, from the first on with
#: which they converge; and the power by which the narrower of two is smaller.
STEPS, NARROWER = (100, 400, 1000), 2

#: The power of 2 from which on an operand is large: steps do not grow with it.
LARGEST = 64

#: The bits of the first try, and of the last one.
FIRST, LAST = 640, 2**14

#: What is nothing beside the smallest double, and beside 1 in a double.
NOTHING, LITTLE = Fraction(2) ** -1074, Fraction(2) ** -60


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

    @cache  # since there is a pass for each value
    def bounds(name: str, bits: int, by: Fraction) -> list[Any]:
        """The bounds of the values with a variable moved, None without values."""
        moved = {**point, name: point[name] + by}
        try:
            return [ball.bounds() for ball in enclosure(formula, moved, bits)]
        except (DomainError, RangeError):
            return [None] * formula.outputs

    def at(name: str, bits: int, k: int, by: Fraction) -> Any:
        return bounds(name, bits, by)[k]

    def differences(name: str, k: int, step: Fraction) -> _Differences:
        """Those of value k, with as many bits as it takes."""
        bits = FIRST
        while True:
            found = _Differences(partial(at, name, bits, k), step)
            if bits > LAST or found.certain:
                return found
            bits *= 2

    for name in jacobian[0]:
        unit = Fraction(2) ** min(math.frexp(values[name] or 1.0)[1], LARGEST)
        for k, gradient in enumerate(jacobian):
            tried = []
            for step in STEPS:
                tried.append(differences(name, k, unit / 2**step))
                if tried[-1].converge(gradient[name]):
                    break
            difference, digits = tried[-1].agree(gradient[name])
            if digits is None:  # where smaller steps tell no more
                difference, _ = tried[0].agree(gradient[name])
            yield Agreement(k + 1, name, gradient[name], difference, digits)


class _Differences:
    """The central differences over a step and a narrower one.

    Args:
        function: gives the bounds of the value beside the point, or None.
        step: the wide step.
    """

    def __init__(self, function: Callable[[Fraction], Any], step: Fraction) -> None:
        steps = step, step / 2**NARROWER
        ys = {by: function(by) for h in steps for by in (h, -h)}
        ys[Fraction(0)] = function(Fraction(0))
        self.defined = None not in ys.values()
        if not self.defined:
            return
        centre = {by: (low + high) / 2 for by, (low, high) in ys.items()}
        self.wide, self.narrow = ((centre[h] - centre[-h]) / (2 * h) for h in steps)
        #: How far the slopes on both sides are from each other; where the function is
        #: smooth, that is less for smaller steps.
        self.gaps = [
            abs(centre[h] + centre[-h] - 2 * centre[Fraction(0)]) / h for h in steps
        ]
        #: By how much what is calculated may be wrong.
        self.noise = 2 * max(high - low for low, high in ys.values()) / steps[1]

    @property
    def certain(self) -> bool:
        """Whether the differences are known to more digits than doubles have."""
        return self.defined and self.noise <= max(abs(self.narrow) * LITTLE, NOTHING)

    def converge(self, derivative: float) -> bool:
        """Whether smaller steps would make no difference to this derivative.

        So it is as well where both are nearly 0 and get smaller.
        """
        if not self.defined:
            return False
        if abs(self.narrow - self.wide) <= abs(self.narrow) * LITTLE:
            return True
        return 2 * abs(self.narrow) <= abs(self.wide) >= abs(derivative)

    def agree(self, derivative: float) -> tuple[float | None, int | None]:
        """The difference, and how many digits of it the derivative has."""
        if not self.defined:
            return None, None
        if self.gaps[1] > self.gaps[0] / 2 + 4 * self.noise:
            return _float(self.narrow), None
        # Richardson's extrapolation, of differences whose error goes with the square.
        better = self.narrow - self.wide
        exact = self.narrow + better / (4**NARROWER - 1)
        if not math.isfinite(derivative):
            return _float(exact), 0
        error = abs(Fraction(derivative) - exact)
        if self.certain and (error <= abs(better) or _float(exact) == derivative):
            return _float(exact), ALL
        error += self.noise
        if error >= abs(exact):
            return _float(exact), 0
        digits = -math.log10(error / abs(exact)) if error else ALL
        return _float(exact), min(ALL, math.floor(digits))


def _float(x: Fraction) -> float:
    """The double next to x, infinite beyond the largest."""
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


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
