"""Every value and every partial derivative is right to its last digits, everywhere."""

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from mpmath import mp, mpf
from rules import (
    LARGEST,
    NOTHING,
    RULES,
    Differences,
    distance,
    exactly,
    measure,
    sample,
)

from exprdiff.operations import OPERATIONS, Operation

COUNT = 1000  # points for each operand
MEASURED = [name for name in OPERATIONS if name in RULES and RULES[name].reference]


def complaints(operation, rule, points):
    """What is wrong, in words; not a number of ulps is wrong as well."""
    found = measure(operation, rule, points)
    return [str(worst) for worst in found if not worst.ulps <= rule.ulps]


def test_rules_are_those_of_the_registered_operations():
    assert RULES.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_value_and_partial_is_right_to_its_last_digits(name):
    assert name in RULES, "a registered operation needs a row in tests/rules.py"
    rule = RULES[name]
    assert rule.points
    if rule.reference:
        wrong = complaints(OPERATIONS[name], rule, sample(name, rule, COUNT))
        assert not wrong, "\n".join([name, *wrong])


@pytest.mark.parametrize("name", MEASURED)
def test_there_are_enough_points(name):
    rule = RULES[name]
    points = sample(name, rule, COUNT)
    assert len(points) >= COUNT * len(rule.domains)
    assert points == sample(name, rule, COUNT)
    for k, domain in enumerate(rule.domains):
        tried = {point[k] for point in points}
        assert tried >= {float(end) for end in domain.ends()}
        assert min(x for x in map(abs, tried) if x) < max(1e-300, abs(domain.lo) / 1e9)
        assert domain.hi < math.inf or LARGEST in tried


@pytest.mark.parametrize("name", [name for name in MEASURED if RULES[name].partials])
def test_derivatives_in_the_table_are_those_of_its_functions(name):
    rule = RULES[name]
    with mp.workprec(160):
        for point in rule.points:
            point = tuple(map(mpf, point))
            y, bits = exactly(rule.reference, point)
            differences = Differences(rule, point, y, bits)
            for k, derivative in enumerate(rule.partials):
                exact, _ = exactly(derivative, point)
                if exact is None:
                    assert differences.derivative(k) is None
                    continue
                error = abs(differences.derivative(k) - exact)
                assert error <= abs(exact) / 1e20 + 8 * NOTHING


def test_the_benchmark_prints_the_worst_errors():
    program = Path(__file__).parent.parent / "benchmarks" / "accuracy.py"
    words = [sys.executable, str(program), "100", "atan2", "erf"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    headings, *rows = done.stdout.splitlines()
    assert headings.split()[:4] == ["operation", "of", "points", "worst"]
    measured = [tuple(row.split()[:2]) for row in rows]
    assert measured == [
        *(("atan2", "value"), ("atan2", "d/dy"), ("atan2", "d/dx")),
        *(("erf", "value"), ("erf", "d/dx")),
    ]
    assert all(0 <= float(row.split()[3]) <= 4 for row in rows)


# ---- What is wrong is found ----------------------------------------------------------


class Biased(Operation):
    """A sine that is wrong in its last digits."""

    def value(m, x):
        return m.sin(x) * (1 + 2**-50)

    def partials(m, y, x):
        return (m.cos(x),)


class Planted(Operation):
    """A sine whose partial derivative has the wrong sign."""

    def value(m, x):
        return m.sin(x)

    def partials(m, y, x):
        return (-m.cos(x),)


class Slanted(Operation):
    """A product of which one partial derivative is 8 units in the last place off."""

    def value(m, a, b):
        return a * b

    def partials(m, y, a, b):
        return b, a * (1 - 2**-49)


class Saturated(Operation):
    """A logistic function whose slope goes with 1 - y."""

    def value(m, x):
        return m.sigmoid(x)

    def partials(m, y, x):
        return (y * (1 - y),)


class Squared(Operation):
    """A quotient whose slope squares the denominator."""

    def value(m, a, b):
        return a / b

    def partials(m, y, a, b):
        return 1 / b, m.slope(-a, b * b)


class Cancelling(Operation):
    """An expm1 by its definition."""

    def value(m, x):
        return m.exp(x) - 1

    def partials(m, y, x):
        return (m.exp(x),)


class Overflowing(Operation):
    """A hyperbolic sine that overflows too early."""

    def value(m, x):
        return (m.exp(x) - m.exp(-x)) / 2 if abs(x) > 1 else m.sinh(x)

    def partials(m, y, x):
        return (m.cosh(x),)


class Narrow(Operation):
    """A square root that does not exist at 0."""

    def value(m, x):
        return m.sqrt(x) / (x > 0)

    def partials(m, y, x):
        return (1 / (2 * y),)


class Wide(Operation):
    """A logarithm that is -1000 at 0."""

    def value(m, x):
        return m.ln(x) if x else -1000.0

    def partials(m, y, x):
        return (m.slope(1, x),)


class Steep(Operation):
    """A square root with a finite slope at 0."""

    def value(m, x):
        return m.sqrt(x)

    def partials(m, y, x):
        return (1 / (2 * y) if x else 0.0,)


class Silent(Operation):
    """A floor that does not tell where it jumps."""

    def value(m, x):
        return m.floor(x)

    def partials(m, y, x):
        return (0,)


class Excused(Operation):
    """A cosine that claims to have no slope at all."""

    def value(m, x):
        return m.cos(x)

    def partials(m, y, x):
        return (0,)

    def kink(m, y, x):
        return True


@pytest.mark.parametrize(
    "wrong, name, complaint",
    [
        (Biased, "sin", "value at"),
        (Planted, "sin", "d/dx at"),
        (Slanted, "mul", "d/db at"),
        (Saturated, "sigmoid", "d/dx at"),
        (Squared, "div", "d/db at"),
        (Cancelling, "expm1", "value at"),
        (Overflowing, "sinh", "value at"),
        (Narrow, "sqrt", "value at"),
        (Wide, "ln", "value at"),
        (Steep, "sqrt", "d/dx at"),
        (Silent, "floor", "d/dx at"),
        (Excused, "cos", "d/dx at"),
    ],
)
def test_planted_errors_are_found(wrong, name, complaint):
    # Without far points, where the right sine needs more than the machine's.
    points = [x for x in sample(name, RULES[name], 300) if max(map(abs, x)) < 1e11]
    (found,) = complaints(wrong(), RULES[name], points)
    assert found.startswith(complaint)


@pytest.mark.parametrize("k", [0, 1])
def test_an_error_of_any_partial_beyond_the_bound_is_found(k):
    class Off(Operation):
        def value(m, x, y):
            return m.hypot(x, y)

        def partials(m, r, x, y):
            exact = [m.cosine(x, y), m.cosine(y, x)]
            exact[k] *= 1 + 2**-49
            return tuple(exact)

        def kink(m, r, x, y):
            return r == 0

    rule = RULES["hypot"]
    points = sample("hypot", rule, 100)
    (found,) = complaints(Off(), rule, points)
    assert found.startswith(("d/dx", "d/dy")[k])
    assert not complaints(Off(), replace(rule, ulps=18), points)


@pytest.mark.parametrize(
    "computed, exact, ulps",
    [
        (1.0, mpf(1), 0),
        (1.0, mpf(1) + mpf(2) ** -51, 2),
        (0.0, mpf(5e-324), 1),
        (5e-324, mpf(0), 1),
        (0.0, mpf(10) ** -1000, 0),
        (math.inf, mpf(10) ** 1000, 0),
        (-math.inf, mpf(10) ** 1000, math.inf),
        (math.inf, mpf(10) ** 308, math.inf),
        (math.inf, mpf(LARGEST), 0),
        (LARGEST, mpf(2) ** 1024, 1),
        (None, None, 0),
        (None, mpf(1), math.inf),
        (1.0, None, math.inf),
        (math.nan, mpf(1), math.inf),
    ],
)
def test_distance(computed, exact, ulps):
    assert distance(computed, exact) == pytest.approx(ulps)


def test_differences_find_tails():
    point = (mpf(300),)
    with mp.workprec(160):
        y, bits = exactly(mp.tanh, point)
        slope = Differences(RULES["tanh"], point, y, bits).derivative(0)
        with mp.workprec(4000):
            assert abs(slope * mp.cosh(300) ** 2 - 1) < 1e-20
