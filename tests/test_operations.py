"""The rules at the edges, their integers, and the rules in other number systems."""

import math

import pytest
from mpmath import bernfrac, mp, mpf
from rules import RULES, Differences, exactly, sample

from exprdiff import parse
from exprdiff.numbers import floats, special
from exprdiff.numbers.textbook import Textbook
from exprdiff.operations import FUNCTIONS, OPERATIONS
from exprdiff.reference import derivative


def test_gradient_scales_with_the_output_gradient():
    assert OPERATIONS["mul"].gradient([2, 5], 0.5) == [2.5, 1.0]


@pytest.mark.parametrize(
    "name, point, partials",
    [
        # Kinks: the element of least magnitude of the subdifferential.
        ("abs", (0,), [0]),
        ("relu", (0,), [0]),
        ("hypot", (0, 0), [0, 0]),
        ("clamp", (3, 3, 4), [0, 0, 0]),
        ("clamp", (4, 3, 4), [0, 0, 0]),
        ("clamp", (3, 3, 3), [0, 0, 0]),
        ("leaky_relu", (0, 0.25), [0.25, 0]),
        ("leaky_relu", (0, 3), [1, 0]),
        ("leaky_relu", (0, -3), [0, 0]),
        ("max", (2, 2), [0.5, 0.5]),
        ("min", (2, 2), [0.5, 0.5]),
        ("max", (2, 1, 2, 2, 0), [1 / 3, 0, 1 / 3, 1 / 3, 0]),
        ("min", (2, 1, 2, 2, 1), [0, 0.5, 0, 0, 0.5]),
        # Jumps.
        ("sign", (0,), [0]),
        ("step", (0,), [0]),
        ("floor", (3,), [0]),
        ("ceil", (3,), [0]),
        ("round", (2.5,), [0]),
        ("trunc", (-3,), [0]),
        ("mod", (6, 3), [1, -2]),
        ("mod", (-6, 3), [1, 2]),
        ("mod", (0, 3), [1, 0]),
        ("atan2", (0, -2), [-0.5, 0]),
        ("pow", (0, 0), [0, 0]),
        # Vertical tangents.
        ("sqrt", (0,), [math.inf]),
        ("cbrt", (0,), [math.inf]),
        ("asin", (1,), [math.inf]),
        ("asin", (-1,), [math.inf]),
        ("acos", (1,), [-math.inf]),
        ("acosh", (1,), [math.inf]),
        ("pow", (0, 0.5), [math.inf, 0]),
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
        # Conditions have no slope.
        ("lt", (1, 2), [0, 0]),
        ("and", (True, False), [0, 0]),
        ("not", (True,), [0]),
        # Smooth, but by another formula.
        ("sinc", (0,), [0]),
        ("elu", (0,), [1]),
        ("softsign", (0,), [1]),
        ("gelu", (0,), [0.5]),
        ("sinc_n", (0, 0), [math.nan, 0]),
        ("sinc_n", (1, 0), [math.nan, -1 / 3]),
        ("sinc_n", (2.0, 0), [math.nan, 0]),
        ("sinc_n", (1000, 0), [math.nan, 0]),
        # Tails: 1 to rounding, with a slope that is not 0. From mpmath.
        ("tanh", (19,), [1.2556531168192118e-16]),
        ("sigmoid", (40,), [4.248354255291589e-18]),
        ("sigmoid", (800,), [0]),
        ("sigmoid", (-800,), [0]),
        ("softplus", (800,), [1]),
        ("logaddexp", (800, 0), [1, 0]),
        # At infinity.
        ("floor", (math.inf,), [0]),
        ("cbrt", (math.inf,), [0]),
        ("atan", (-math.inf,), [0]),
        ("atan2", (1, math.inf), [0, 0]),
        ("log", (math.inf, 2), [0, -math.inf]),
        ("max", (math.inf, 2), [1, 0]),
        ("polygamma", (0, math.inf), [math.nan, 0]),
        ("polygamma", (2, math.inf), [math.nan, 0]),
        ("sinc_n", (1000, -math.inf), [math.nan, 0]),
    ],
)
def test_gradient_at_the_edges(name, point, partials):
    gradient = OPERATIONS[name].gradient(point, 1.0)
    assert gradient == pytest.approx(partials, rel=4e-16, abs=0, nan_ok=True)


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
        ("cube", (3,), 27),
        ("cube", (2**20,), float(2**60)),
        ("factorial", (5,), 120),
        ("factorial", (18,), 6402373705728000),
        ("factorial", (19,), 121645100408832000.0),
        ("factorial", (5.0,), 120.0),
        ("sign", (-2.5,), -1),
        ("step", (2,), 1),
        ("step", (0,), 0.5),
        ("relu", (-2,), 0),
        ("relu", (2,), 2),
        ("min", (2, 5, 1), 1),
        ("max", (2, 5.5), 5.5),
        ("clamp", (7, 0, 5), 5),
        ("leaky_relu", (7, 0.5), 7),
        ("elu", (7,), 7),
        ("floor", (-2.5,), -3),
        ("ceil", (-2.5,), -2),
        ("round", (2.5,), 2),
        ("round", (3.5,), 4),
        ("round", (-0.5,), 0),
        ("trunc", (-2.5,), -2),
        ("floor", (1e300,), 1e300),
        ("floor", (-math.inf,), -math.inf),
        ("mod", (7, 3), 1),
        ("mod", (-7, 3), 2),
        ("mod", (7, -3), -2),
        ("mod", (-7.5, 2), 0.5),
        ("cbrt", (27,), 3.0),
        ("cbrt", (-27,), -3.0),
        ("log", (1000, 10), 3.0),
        ("log", (125, 5), 3.0),
        ("log", (2**1023, 2), 1023.0),
        ("log", (1 / 8, 2), -3.0),
        ("exp2", (10,), 1024.0),
        ("sinc", (0,), 1.0),
        ("softplus", (800,), 800.0),
        ("logaddexp", (800, 0), 800.0),
        ("atan2", (0, -1), math.pi),
        ("atan2", (-0.0, -1), math.pi),
        ("atan2", (0, -0.0), 0.0),
        ("gamma", (5,), 24.0),
    ],
)
def test_integers_stay_exact_while_they_fit(name, point, value):
    result = OPERATIONS[name].compute(point)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    "name, point, value",
    [
        # Abramowitz and Stegun, tables 6.1 and 6.2, and 10.1 for the slope of sinc.
        ("polygamma", (0, 1), -0.57721566490153286),
        ("polygamma", (1, 1), 1.6449340668482264),
        ("polygamma", (1.0, 1), math.pi**2 / 6),
        ("polygamma", (2, 1), -2.4041138063191886),
        ("polygamma", (3, 1), 6.4939394022668291),
        # DLMF 5.15.3, and from there down by 5.15.5.
        ("polygamma", (2, 0.5), -14 * 1.2020569031595942),
        ("polygamma", (3, 0.5), math.pi**4),
        ("polygamma", (3, -0.5), math.pi**4 + 96),
        ("polygamma", (2, -0.5), -14 * 1.2020569031595942 + 16),
        ("sinc_n", (1, 1), -0.30116867893975679),
        # The power series of sinc.
        ("sinc_n", (2, 0), -1 / 3),
        ("sinc_n", (3, 0), 0),
        ("sinc_n", (4, 0), 1 / 5),
        ("sinc_n", (1000, 0), 1 / 1001),
    ],
)
def test_published_values(name, point, value):
    assert OPERATIONS[name].compute(point) == pytest.approx(value, rel=1e-15, abs=0)


def test_bernoullis_numbers_are_exact():
    """Of the last ones a wrong digit would show in no double."""
    exact = [bernfrac(2 * k) for k in range(1, len(special.BERNOULLI) + 1)]
    assert list(special.BERNOULLI) == exact


@pytest.mark.parametrize("name", ["polygamma", "sinc_n"])
@pytest.mark.parametrize("n", [-1, 0.5, 1000.5, 1001, 1e300, math.inf])
def test_orders_are_whole_numbers_up_to_1000(name, n):
    with pytest.raises(ValueError):
        OPERATIONS[name].compute((n, 600.5))


@pytest.mark.parametrize(
    "name, ends", [("polygamma", (400, 600.5)), ("sinc_n", (1, 2))]
)
def test_the_highest_derivative_has_a_derivative(name, ends):
    for x in ends:
        (_, slope) = OPERATIONS[name].gradient((1000, x), 1.0)
        assert slope and math.isfinite(slope)


@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "div", "square", "ln", "sigmoid"]
)
def test_the_articles_operations_are_functions(name):
    assert FUNCTIONS[name] == (OPERATIONS[name],)


#: The functions of the language, and what else they are called.
LANGUAGE = """
square cube sqrt cbrt pow hypot exp exp2 expm1 ln log log2 log10 log1p
sin cos tan sec csc cot asin=arcsin acos=arccos atan=arctan atan2=arctan2 sinc
sinc_n degrees radians sinh cosh tanh sech csch coth asinh=arsinh=arcsinh
acosh=arcosh=arccosh atanh=artanh=arctanh
abs sign step=heaviside relu min max clamp floor ceil round trunc mod
sigmoid=σ=logistic softplus leaky_relu elu gelu silu=swish softsign logit logaddexp
erf erfc gamma lgamma digamma polygamma factorial normpdf normcdf
add sub mul div neg
"""


def test_the_functions_are_those_of_the_language():
    assert set(LANGUAGE.replace("=", " ").split()) == FUNCTIONS.keys()
    for names in LANGUAGE.split():
        name, *aliases = names.split("=")
        for alias in aliases:
            assert FUNCTIONS[alias] == FUNCTIONS[name] == (OPERATIONS[name],)
    assert FUNCTIONS["log"] == (OPERATIONS["ln"], OPERATIONS["log"])


# ---- The same rules with thirty digits, and as formulas ------------------------------


class Digits(Textbook):
    """mpmath's numbers, with the textbook's formulas."""

    one, pi, nan = mpf(1), mp.pi, mp.nan
    max, min = staticmethod(max), staticmethod(min)
    ln = staticmethod(mp.ln)
    round, trunc = staticmethod(mp.nint), staticmethod(RULES["trunc"].reference)

    def __getattr__(self, name):
        return RULES[name].reference

    @staticmethod
    def where(condition, a, b):
        return a if condition else b


@pytest.mark.parametrize(
    "name", [name for name in OPERATIONS if RULES[name].reference is not None]
)
def test_the_rule_is_right_in_a_system_with_more_digits(name):
    """No double is left in it, and no formula that is right for doubles only."""
    operation, rule, m = OPERATIONS[name], RULES[name], Digits()
    points = sample(name, rule, 60 * len(rule.domains))
    for point in [x for x in points if all(1e-3 < abs(part) < 30 for part in x)]:
        with mp.workprec(400):
            x = tuple(map(mpf, point))
            exact, bits = exactly(rule.reference, x)
            mp.prec = 400
            if exact is None:
                continue
            value = operation.value(m, *x)
            assert abs(value - exact) <= abs(exact) * mpf(10) ** -20
            edges = (operation.kink, operation.jump, operation.vertical)
            if any(edge and edge(m, value, *x) for edge in edges):
                continue
            slopes = operation.partials(m, value, *x)
            for k in range(len(x) - operation.parameters):
                slope = Differences(rule, x, exact, bits).derivative(k)
                if slope is None:
                    assert mp.isnan(slopes[k])
                    continue
                error = abs((slopes[k] or 0) - slope)
                assert error <= abs(slope) * mpf(10) ** -18 + mpf(10) ** -100


@pytest.mark.parametrize("name", [name for name in RULES if RULES[name].reference])
def test_the_domain_of_the_table_is_where_there_is_a_value(name):
    operation = OPERATIONS[name]
    domain = (operation.domain or "0 < 1").replace(", b", " and b")
    if "..." in domain or "integer" in domain:
        return  # which formulas cannot say
    inside = parse(f"if({domain}, 1, 0)")
    for point in sample(name, RULES[name], 100):
        given = dict(zip(operation.operands, point, strict=False))
        try:
            operation.compute(point)
            defined = True
        except OverflowError:
            defined = True
        except (ValueError, ZeroDivisionError):
            defined = False
        values = {name: given[name] for name in inside.variables}
        assert inside.evaluate(**values) == defined, point


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_derivative_of_the_table_is_that_of_the_rule(name):
    """What the table prints is read back, and gives the numbers of the rule."""
    operation, text = OPERATIONS[name], derivative(OPERATIONS[name])
    if RULES[name].reference is None or operation.variadic:
        return  # which formulas cannot have
    formula = parse(text.removeprefix("none, "))
    point = RULES[name].points[0]
    given = dict(zip(operation.operands, point, strict=True))
    values = formula.evaluate(**{name: given[name] for name in formula.variables})
    gradient = [x for x in operation.gradient(point, 1.0) if not math.isnan(x)]
    only = gradient[0] if len(gradient) == 1 else gradient
    assert values == pytest.approx(only, rel=1e-12)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    "name", [name for name in OPERATIONS if OPERATIONS[name].branch]
)
def test_a_choice_is_the_input_that_its_branch_tells(name, first):
    """The executor takes it for that input; the rule has to say the same."""
    operation = OPERATIONS[name]
    operands = [first, *range(5, 4 + len(operation.operands))]
    k = operation.branch(floats, first)
    assert operation.value(floats, *operands) is operands[k]
    if operation.smooth:
        expected = [1 if i == k else None for i in range(len(operands))]
        assert list(operation.partials(floats, operands[k], *operands)) == expected
