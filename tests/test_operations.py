"""Every rule against mpmath at 1000 digits: its value, and its partials as differences.

A new function is a row in RULES: the same function in mpmath, and points to try it at.
"""

import math

import pytest
from mpmath import mp, mpf

from exprdiff.operations import FUNCTIONS, OPERATIONS, Operation

RULES = {
    # ---- arithmetic
    "identity": (lambda x: x, [(2,), (-0.1,)]),
    "add": (lambda a, b: a + b, [(2, 5), (0.1, 0.2), (1e300, -1.5)]),
    "sub": (lambda a, b: a - b, [(2, 5), (0.3, 0.1), (-1e-300, 7)]),
    "mul": (lambda a, b: a * b, [(2, 5), (0.1, 0.2), (-3, 1e300)]),
    "div": (lambda a, b: a / b, [(2, 5), (0.1, -0.3), (7, 1e-150), (1e300, 3)]),
    "neg": (lambda x: -x, [(2,), (-0.1,)]),
    "abs": (abs, [(2,), (-0.1,), (-3,)]),
    # ---- powers and logarithms
    "square": (lambda x: x * x, [(3,), (-0.1,), (1e150,), (1e-150,)]),
    "sqrt": (mp.sqrt, [(4,), (2,), (1e-300,), (1.5e300,)]),
    "power": (
        lambda x, n: x**n,
        [
            *[(2, 3), (-2, 3), (-2, -3), (7, 0), (2, 1), (-3, 4), (1e200, -1)],
            *[(0.1, 0.5), (1.1, 99.5), (1e-290, 1 / 3), (1e290, -1 / 3)],
            *[(1e-200, 1.7), (1e200, -1.5), (5, -0.1), (1e-150, -1.02)],
            # Near the smallest double, and where n - 1 is rounded to an even number.
            *[(5e-324, 0.999), (5e-324, 1 / 3), (1.1, -7300.3), (1 + 1e-15, 1e16)],
            *[(-1, 1e16), (-1, 2**53 + 2), (-1, -1e16), (-1, 2**53), (-1, -(2**53))],
            *[(0.998139314778971, 389915.1555631312), (1e-310, 0.001), (1e-310, 1e-9)],
            *[(1.0765550754275708, -9918.949734786824), (-1.5, -1830), (-0.5, 1073)],
        ],
    ),
    "pow": (
        lambda x, y: x**y,
        [
            *[(2, 3), (2, -3), (0.1, 0.5), (7, 0), (1e-290, 1 / 3), (1.1, 99.5)],
            *[(5, -0.1), (1.0765550754275708, -9918.949734786824), (2.5e-323, 0.999)],
            *[(2.962831353774217e280, -1.1315776782090889), (0.5, 1073.5)],
        ],
    ),
    "exp": (mp.exp, [(0,), (1,), (-0.1,), (700.5,), (-700.5,)]),
    "ln": (mp.ln, [(2,), (1.1,), (1e-300,), (1e300,), (0.999,)]),
    # ---- trigonometric
    "sin": (mp.sin, [(1,), (-0.1,), (1e-9,), (3,), (1e6,)]),
    "cos": (mp.cos, [(1,), (-0.1,), (1e-9,), (3,), (1e6,)]),
    "tan": (mp.tan, [(1,), (-0.1,), (1e-9,), (1.57,), (1e6,)]),
    # ---- hyperbolic and machine learning
    "tanh": (mp.tanh, [(0,), (1,), (-0.1,), (1e-9,), (19,), (-300,)]),
    "sigmoid": (
        lambda x: 1 / (1 + mp.exp(-x)),
        [(0,), (3,), (-4,), (40,), (-40,), (700,), (-708.9,), (-709.1,), (-740,)],
    ),
}


def check(operation, reference, point):
    """Fail unless value and partials at a point are the reference's, to 4 ulps."""

    def near(computed, exact):
        return abs(computed - exact) <= 4 * mpf(math.ulp(float(exact)))

    with mp.workdps(1000):
        exact = reference(*map(mpf, point))
        assert near(operation.compute(point), exact), f"value at {point}"
        partials = operation.gradient(point, 1.0)
        assert len(partials) == len(operation.operands) - operation.parameters
        for k, partial in enumerate(partials):

            def shifted(by, k=k):
                return reference(*(mpf(x) + by * (i == k) for i, x in enumerate(point)))

            h = mpf(10) ** -99 * (abs(mpf(point[k])) or 1)
            exact = (shifted(h) - shifted(-h)) / (2 * h)
            assert near(partial, exact), (
                f"partial {k} at {point}: {partial}, not {exact}"
            )


@pytest.mark.parametrize("name", OPERATIONS)
def test_rule(name):
    assert name in RULES, "a registered operation needs a row in RULES"
    reference, points = RULES[name]
    for point in points:
        check(OPERATIONS[name], reference, point)


def test_rules_are_all_registered():
    assert RULES.keys() == OPERATIONS.keys()


class Planted(Operation):
    """A sine with a wrong partial derivative."""

    def value(m, x):
        return m.sin(x)

    def partials(m, y, x):
        return (-m.cos(x),)


class Biased(Operation):
    """A sine that is wrong in its last digits."""

    def value(m, x):
        return m.sin(x) * (1 + 2**-50)

    def partials(m, y, x):
        return (m.cos(x),)


class Slanted(Operation):
    """A product of which one partial derivative is wrong in its last digits."""

    def value(m, a, b):
        return a * b

    def partials(m, y, a, b):
        return b, a * (1 - 2**-49)


@pytest.mark.parametrize(
    "rule, reference, point, complaint",
    [
        (Planted, mp.sin, (1.1,), "partial 0"),
        (Biased, mp.sin, (1.1,), "value"),
        (Slanted, lambda a, b: a * b, (1.1, 1.3), "partial 1"),
    ],
)
def test_the_checker_finds_planted_errors(rule, reference, point, complaint):
    with pytest.raises(AssertionError, match=complaint):
        check(rule(), reference, point)


def test_gradient_scales_with_the_output_gradient():
    assert OPERATIONS["mul"].gradient([2, 5], 0.5) == [2.5, 1.0]


@pytest.mark.parametrize(
    "name, point, partials",
    [
        # Kinks: the element of least magnitude of the subdifferential.
        ("abs", (0,), [0]),
        # Vertical tangents.
        ("sqrt", (0,), [math.inf]),
        ("power", (0, 0.5), [math.inf]),
        ("power", (0, 1 / 3), [math.inf]),
        # Powers at 0: x^0 is 1 throughout, x^1 has slope 1, and x^2 has none.
        ("power", (0, 0), [0]),
        ("power", (0, 1), [1]),
        ("power", (0, 2.5), [0]),
        ("power", (0, 1e16), [0]),
        ("power", (math.inf, 0.5), [0]),
        ("power", (math.inf, 1 / 3), [0]),
        ("power", (math.inf, -1.5), [0]),
        ("power", (math.inf, 2.5), [math.inf]),
        ("pow", (0, 2), [0, 0]),
        ("pow", (0, 1), [1, 0]),
        # Tails: 1 to rounding, with a slope that is not 0. From mpmath.
        ("tanh", (19,), [1.2556030991401293e-16]),
        ("sigmoid", (40,), [4.248354255291589e-18]),
        ("sigmoid", (800,), [0]),
        ("sigmoid", (-800,), [0]),
    ],
)
def test_gradient_at_the_edges(name, point, partials):
    assert OPERATIONS[name].gradient(point, 1.0) == pytest.approx(partials, rel=4e-16)


def test_power_in_its_exponent_at_a_negative_base_does_not_exist():
    x, y = OPERATIONS["pow"].gradient((-2, 2), 1.0)
    assert x == -4
    assert math.isnan(y)


@pytest.mark.parametrize(
    "name, point, value",
    [
        ("power", (0, 0), 1),
        ("power", (0.0, 0), 1.0),
        ("sigmoid", (800,), 1.0),
        ("sigmoid", (-800,), 0.0),
        ("power", (2, 53), 2**53),
        ("power", (-1, 2**53), 1),
        ("power", (3, 40), float(3**40)),
        ("mul", (2**27, 2**26), 2**53),
        ("mul", (2**27, 2**26 + 1), float(2**53 + 2**27)),
        ("neg", (0,), 0),
        ("div", (6, 3), 2.0),
    ],
)
def test_integers_stay_exact_while_they_fit(name, point, value):
    result = OPERATIONS[name].compute(point)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "div", "square", "ln", "sigmoid"]
)
def test_the_articles_operations_are_functions(name):
    assert FUNCTIONS[name].name == name


@pytest.mark.parametrize("alias, name", [("σ", "sigmoid"), ("logistic", "sigmoid")])
def test_alias(alias, name):
    assert FUNCTIONS[alias] is FUNCTIONS[name]
