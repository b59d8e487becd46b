"""Certain digits, and the rules in the number system that they are calculated in."""

import math
import re
import subprocess
import sys
import time
from contextlib import suppress
from fractions import Fraction
from random import Random

import pytest
import rules
from flint import arb, ctx, fmpq
from mpmath import libmp, mp, mpf
from rules import RULES, Differences, exactly, sample

from exprdiff.digits import certify, decimal, enclosure
from exprdiff.errors import DomainError, RangeError, UsageError
from exprdiff.expression import Expression
from exprdiff.numbers.balls import Ball, Balls, Undecided
from exprdiff.operations import OPERATIONS
from exprdiff.render import render

#: The operations that have a reference to be compared with.
MEASURED = [name for name in OPERATIONS if RULES[name].reference is not None]


def exact(x):
    """A bound of an enclosure as mpmath has it, with all its bits."""
    mantissa, exponent = x.man_exp()
    return mp.make_mpf(libmp.from_man_exp(int(mantissa), int(exponent)))


def encloses(ball, x, slack=0):
    """Whether the number x, right up to a relative slack, is in a ball."""
    lower, upper = exact(ball.arb.lower()), exact(ball.arb.upper())
    return lower - abs(x) * slack <= x <= upper + abs(x) * slack


def run(m, operation, point):
    """The value of an operation, settled; a class of errors if it has none."""
    try:
        return m.settle(operation.value(m, *point), point)
    except (ValueError, ZeroDivisionError):
        return ValueError
    except (OverflowError, Undecided) as error:
        return type(error)


# ---- The rules -----------------------------------------------------------------------


@pytest.mark.parametrize("name", MEASURED)
def test_the_balls_enclose_the_value(name, monkeypatch):
    """And closely: to all but 40 bits, and those that a double near a zero takes."""
    monkeypatch.setattr(rules, "RIGHT", 400)
    operation, rule = OPERATIONS[name], RULES[name]
    plain = {tuple(map(float, point)) for point in rule.points}
    for point in sample(name, rule, 25):
        with mp.workprec(400):
            true, _ = exactly(rule.reference, tuple(map(mpf, point)))
        for bits in (64, 300):
            m = Balls(bits)
            with m.working(), mp.workprec(1000):
                y = run(m, operation, tuple(map(m.number, point)))
                if true is None:
                    assert y in (ValueError, Undecided), point
                elif y is OverflowError:
                    assert mp.mag(true) > 3e9, point
                elif y is not Undecided and mp.mag(true) > -(10**6):  # as far as cut
                    assert encloses(y, true, mpf(2) ** -390), (point, bits)
                if true is not None and point in plain and max(map(abs, point)) < 1e6:
                    close = 53 * (name in ("sinc_n", "polygamma"))
                    assert y.accuracy() >= bits - 40 - close, point


@pytest.mark.parametrize("name", MEASURED)
def test_with_enough_bits_the_value_is_known(name):
    operation, rule = OPERATIONS[name], RULES[name]
    for point in sample(name, rule, 25):
        for bits in (1200, 4800):
            m = Balls(bits)
            with m.working():
                y = run(m, operation, tuple(map(m.number, point)))
                known = isinstance(y, type) or y.accuracy() >= 100
            if known and y is not Undecided:
                break
        else:
            assert abs(y.arb) < arb(2) ** -(2**39), (point, y)


@pytest.mark.parametrize("name", MEASURED)
def test_the_balls_enclose_the_derivatives(name):
    operation, rule = OPERATIONS[name], RULES[name]
    for point in sample(name, rule, 12):
        if not all(x == 0 or 1e-12 < abs(x) < 1e6 for x in point):
            continue  # which takes differences too many bits
        m = Balls(300)
        with m.working():
            x = tuple(map(m.number, point))
            y = run(m, operation, x)
            if isinstance(y, type):
                continue
            edges = (operation.kink, operation.jump, operation.vertical)
            try:
                if any(edge and edge(m, y, *x) for edge in edges):
                    continue
                partials = operation.partials(m, y, *x)
            except (ArithmeticError, ValueError):
                partials = [m.nan] * len(x)
        with mp.workprec(400):
            true, bits = exactly(rule.reference, tuple(map(mpf, point)))
            differences = Differences(rule, tuple(map(mpf, point)), true, bits)
            for k in range(len(point) - operation.parameters):
                slope = differences.derivative(k)
                if rule.partials:
                    slope = exactly(rule.partials[k], differences.point)[0]
                if slope is None:
                    assert partials[k] != partials[k], point
                    continue
                with m.working(), mp.workprec(1000):
                    partial = m.settle(partials[k] or 0, ())
                    if abs(slope) > rules.NOTHING:
                        assert encloses(partial, slope, mpf(2) ** -70), (point, k)
                    assert partial.accuracy() >= 150, (point, k)


@pytest.mark.parametrize("name", MEASURED)
def test_a_wide_ball_gives_one_that_has_all_values_and_slopes_in_it(name):
    """Also across kinks, jumps and the ends of domains."""
    operation, rule, random = OPERATIONS[name], RULES[name], Random(name)
    points = [x for x in sample(name, rule, 60) if all(abs(a) < 30 for a in x)]
    for point in points[:60]:
        radius = 10.0 ** random.choice((-20, -9, -2, 0))
        m = Balls(100)
        with m.working():
            wide = [m.number(x) for x in point]
            for k in range(len(wide)):
                if random.random() < 0.8 and not (rule.domains[k].whole):
                    wide[k] = Ball(arb(point[k], radius))
            y = run(m, operation, wide)
            try:
                slopes = operation.partials(m, y, *wide)
            except (ArithmeticError, ValueError, Undecided, AttributeError, TypeError):
                slopes = [m.nan] * len(point)
            for _ in range(6):
                move = [
                    Fraction(radius)
                    * random.choice((0, -1, 1, Fraction(random.random())))
                    for _ in point
                ]
                inner = [
                    m.number(a if ball.exact is not None else Fraction(a) + part)
                    for a, ball, part in zip(point, wide, move, strict=True)
                ]
                value = run(m, operation, inner)
                if y is Undecided or value is Undecided:
                    continue
                if isinstance(y, type):
                    assert value is y, (point, radius)
                    continue
                if isinstance(value, type):
                    pytest.fail(f"{point} ± {radius} has no value at {inner}")
                assert y.arb.overlaps(value.arb), (point, radius)
                try:
                    partials = operation.partials(m, value, *inner)
                except (ArithmeticError, ValueError, Undecided):
                    continue
                for slope, partial in zip(slopes, partials, strict=False):
                    if isinstance(slope, float) or isinstance(partial, float):
                        continue
                    slope, partial = (m.settle(a or 0, ()) for a in (slope, partial))
                    assert slope.arb.overlaps(partial.arb), (point, radius, inner)


@pytest.mark.parametrize(
    "name, point, value, partials",
    [
        ("abs", "0", "0", ["0"]),
        ("relu", "0", "0", ["0"]),
        ("hypot", "0 0", "0", ["0", "0"]),
        ("hypot", "3 4", "5", ["0.6", "0.8"]),
        ("clamp", "3 3 4", "3", ["0", "0", "0"]),
        ("clamp", "5 3 4", "4", ["0", "0", "1"]),
        ("leaky_relu", "0 0.25", "0", ["0.25", "0"]),
        ("leaky_relu", "0 -3", "0", ["0", "0"]),
        ("max", "2 2", "2", ["0.5", "0.5"]),
        ("min", "2 1 2 1", "1", ["0", "0.5", "0", "0.5"]),
        ("sign", "0", "0", ["0"]),
        ("step", "0", "0.5", ["0"]),
        ("floor", "-2.5", "-3", ["0"]),
        ("ceil", "-2.5", "-2", ["0"]),
        ("round", "2.5", "2", ["0"]),
        ("round", "3.5", "4", ["0"]),
        ("trunc", "-2.5", "-2", ["0"]),
        ("floor", "3", "3", ["0"]),
        ("mod", "6 3", "0", ["1", "-2"]),
        ("mod", "-7.5 2", "0.5", ["1", "4"]),
        ("mod", "0.3 0.1", "0", ["1", "-3"]),
        ("pow", "0 0", "1", ["0", "0"]),
        ("pow", "0 2", "0", ["0", "0"]),
        ("pow", "0 1", "0", ["1", "0"]),
        ("pow", "-2 2", "4", ["-4", "nan"]),
        ("power", "0 0", "1", ["0"]),
        ("power", "0 1", "0", ["1"]),
        ("power", "0 2.5", "0", ["0"]),
        ("power", "0 0.5", "0", ["inf"]),
        ("power", "-8 3", "-512", ["192"]),
        ("power", "-1 1e300", "1", ["-1e+300"]),
        ("power", "0.25 0.5", "0.5", ["1"]),
        ("sqrt", "0", "0", ["inf"]),
        ("sqrt", "0.09", "0.3", None),
        ("cbrt", "0", "0", ["inf"]),
        ("cbrt", "-0.027", "-0.3", None),
        ("asin", "-1", None, ["inf"]),
        ("acos", "1", "0", ["-inf"]),
        ("acosh", "1", "0", ["inf"]),
        ("atan2", "0 -2", None, ["-0.5", "0"]),
        ("atan2", "0 0", "0", ["none"]),
        ("sinc", "0", "1", ["0"]),
        ("sinc_n", "2 0", None, ["nan", "0"]),
        ("elu", "0", "0", ["1"]),
        ("softsign", "0", "0", ["1"]),
        ("log", "1000 10", "3", None),
        ("log", "0.125 2", "-3", None),
        ("log2", "8", "3", None),
        ("exp2", "10", "1024", None),
        ("factorial", "20", "2432902008176640000", None),
        ("gelu", "0", "0", ["0.5"]),
    ],
)
def test_values_and_slopes_at_the_edges_are_exact(name, point, value, partials):
    operation, m = OPERATIONS[name], Balls(200)
    with m.working():
        x = [-m.number(a[1:]) if a[0] == "-" else m.number(a) for a in point.split()]
        y = m.settle(operation.value(m, *x), x)
        assert value is None or decimal(y, 30) == value
        assert value is None or y.exact is not None
        if partials == ["none"]:
            with pytest.raises(ZeroDivisionError):
                operation.partials(m, y, *x)
        elif partials:
            slopes = [0 if a is None else a for a in operation.partials(m, y, *x)]
            assert [
                str(a) if isinstance(a, float) else decimal(m.settle(a, ()), 30)
                for a in slopes
            ] == partials


@pytest.mark.parametrize(
    "name, point, error",
    [
        ("sqrt", "-1", ValueError),
        ("ln", "0", ValueError),
        ("div", "1 0", ZeroDivisionError),
        ("asin", "2", ValueError),
        ("acosh", "0.5", ValueError),
        ("atanh", "1", ValueError),
        ("logit", "1", ValueError),
        ("log", "2 1", ZeroDivisionError),
        ("power", "-8 0.3", ValueError),
        ("power", "0 -1", ZeroDivisionError),
        ("power", "0 -0.5", ZeroDivisionError),
        ("gamma", "-3", ValueError),
        ("lgamma", "0", ValueError),
        ("polygamma", "2 -1", ValueError),
        ("polygamma", "1.5 1", ValueError),
        ("polygamma", "1001 1", ValueError),
        ("sinc_n", "-1 1", ValueError),
        ("clamp", "1 3 2", ValueError),
        ("mod", "1 0", ZeroDivisionError),
        ("csch", "0", ValueError),
        ("exp", "1e10", OverflowError),
        ("cosh", "-1e10", OverflowError),
        ("gamma", "1e9", OverflowError),
        ("power", "10 1e10", OverflowError),
        ("power", "1.5 1e300", OverflowError),
        ("sqrt", "± 0", Undecided),
        ("ln", "± 0", Undecided),
        ("gamma", "± -1", Undecided),
        ("tan", "± 11/7", Undecided),
        ("atanh", "± 1", Undecided),
        ("lt", "± 0 0", Undecided),
        ("power", "± 0 -1", Undecided),
        ("power", "-1 ± 2", Undecided),
        ("polygamma", "± 2 1", Undecided),
        ("clamp", "1 ± 2 2", Undecided),
    ],
)
def test_where_there_is_no_value_it_says_so(name, point, error):
    operation, m = OPERATIONS[name], Balls(200)
    x, radius = [], 0
    with m.working():
        for word in point.split():
            if word == "±":
                radius = 0.01
                continue
            x.append(
                Ball(arb(fmpq(*map(int, word.split("/"))), radius))
                if radius
                else m.number(Fraction(word))
            )
            radius = 0
        with pytest.raises(error):
            m.settle(operation.value(m, *x), x)


def test_what_balls_decide():
    m = Balls(100)
    with m.working():
        third, root = m.number("1") / 3, m.sqrt(2)
        wide = Ball(arb(0, 1))
        assert third * 3 == 1
        assert m.number("0.1") + m.number("0.2") == m.number("0.3")
        assert root == root
        assert root - root == 0
        assert root != 1 and 1 < root < 2
        assert -math.inf < root < math.inf
        assert hash(third * 3) == hash(1)
        for condition in (root * root == 2, wide < 0, wide >= 0, wide == wide * 1):
            with pytest.raises(Undecided):
                bool(condition)
        assert m.where(wide > 0, 1, None).within(3) == "0.5 ± 0.501"
        assert isinstance(m.where(wide > 0, True, False), Undecided)
        assert m.max(wide, 5) == 5
        assert (wide or 0) is wide
        assert m.number(0.1).bounds() == (Fraction(0.1),) * 2
        lower, upper = root.bounds()
        assert lower**2 < 2 < upper**2 and upper - lower < Fraction(2) ** -95
        with pytest.raises(OverflowError):
            m.exp(10**9).bounds()
    assert ctx.prec == 53


@pytest.mark.parametrize("bits", [53, 1000])
def test_derivatives_of_sinc_close_to_0_keep_their_digits(bits):
    m = Balls(bits)
    with m.working(), mp.workprec(5000):
        for n in (1, 2, 7, 100):
            x = m.number("1e-300")
            y = m.sinc_n(n, x)
            odd, start = n % 2, mpf(-1) ** ((n + 1) // 2)
            true = start * (mpf(10) ** -300 / (n + 2) if odd else mpf(1) / (n + 1))
            assert encloses(y, true, mpf(10) ** -500)
            assert y.accuracy() > bits - 12


def test_tails_keep_their_digits():
    m = Balls(100)
    with m.working(), mp.workprec(300):
        for y, true in (
            (m.normcdf(m.number(-40)), mp.ncdf(-40)),
            (m.erfc(m.number(30)), mp.erfc(30)),
            (m.tanh_slope(m.number(500)), mp.sech(500) ** 2),
            (m.sigmoid(m.number(-1000)), mp.exp(-1000) / (1 + mp.exp(-1000))),
            (m.softplus(m.number(-1000)), mp.log1p(mp.exp(-1000))),
        ):
            assert encloses(y, true, mpf(2) ** -250)
            assert y.accuracy() > 85


# ---- Digits --------------------------------------------------------------------------


def digits_of(x, digits):
    """The number correctly rounded, by mpmath with twice as many digits."""
    with mp.workdps(2 * digits + 20):
        return mp.nstr(x(), digits, strip_zeros=False, min_fixed=-5, max_fixed=10**9)


@pytest.mark.parametrize(
    "text, values, value, derivatives",
    [
        (
            "ln(x1)+x1*x2",
            {"x1": "2", "x2": "5"},
            lambda: mp.ln(2) + 10,
            {"x1": "5.5", "x2": "2"},
        ),
        (
            "gamma(x)",
            {"x": "1/3"},
            lambda: mp.gamma(mpf(1) / 3),
            {"x": lambda: mp.gamma(mpf(1) / 3) * mp.digamma(mpf(1) / 3)},
        ),
        (
            "erf(x)",
            {"x": "0.7"},
            lambda: mp.erf(mpf(7) / 10),
            {"x": lambda: 2 / mp.sqrt(mp.pi) * mp.exp(-mpf(49) / 100)},
        ),
        (
            "sin(x)/y",
            {"x": "pi/4", "y": "tau"},
            lambda: 1 / mp.sqrt(2) / (2 * mp.pi),
            {
                "x": lambda: 1 / mp.sqrt(2) / (2 * mp.pi),
                "y": lambda: -1 / mp.sqrt(2) / (2 * mp.pi) ** 2,
            },
        ),
        (
            "lgamma(x)",
            {"x": "-5/2"},
            lambda: mp.ln(-mp.gamma(-2.5)),
            {"x": lambda: mp.digamma(-2.5)},
        ),
        (
            "if(x>1, x^y, 0)",
            {"x": "3/2", "y": "0.1"},
            lambda: (mpf(3) / 2) ** (mpf(1) / 10),
            {
                "x": lambda: (mpf(3) / 2) ** (mpf(1) / 10) / 15,
                "y": lambda: (mpf(3) / 2) ** (mpf(1) / 10) * mp.ln(1.5),
            },
        ),
        (
            "polygamma(3, x)",
            {"x": "-0.1"},
            lambda: mp.psi(3, -mpf(1) / 10),
            {"x": lambda: mp.psi(4, -mpf(1) / 10)},
        ),
    ],
)
def test_fifty_digits(text, values, value, derivatives):
    result = certify(Expression(text), values, 50)
    assert result.certain and result.problems == []
    assert result.values == (digits_of(value, 50),)
    expected = {
        name: x if isinstance(x, str) else digits_of(x, 50)
        for name, x in derivatives.items()
    }
    assert result.jacobian == [expected]
    assert list(result.inputs) == list(values)


def test_forty_digits_of_what_is_nearly_an_integer():
    (value,) = certify(Expression("exp(pi*sqrt(163))"), {}, 40).values
    assert value == digits_of(lambda: mp.exp(mp.pi * mp.sqrt(163)), 40)
    assert value.startswith("262537412640768743.99999999999925")


def test_fifty_digits_of_sinc_near_0():
    result = certify(Expression("sinc(x)"), {"x": "1e-20"}, 50)
    x = mpf(10) ** -20
    with mp.workdps(150):
        x = mpf(10) ** -20
        slope = (mp.cos(x) - mp.sin(x) / x) / x
        assert result.values == (mp.nstr(mp.sin(x) / x, 50),)
        assert mpf(result.jacobian[0]["x"]) == mpf(mp.nstr(slope, 50))


@pytest.mark.parametrize(
    "text, values, value, derivative",
    [
        ("(1+x)-1-x", {"x": "1e-30"}, "0", "0"),
        ("x+0.2-0.3", {"x": "0.1"}, "0", "1"),
        ("abs(x-1/10)", {"x": "0.1"}, "0", "0"),
        ("floor(x)", {"x": "3"}, "3", "0"),
        ("floor(10*x)", {"x": "0.3"}, "3", "0"),
        ("x-x", {"x": "pi"}, "0", "0"),
        ("x/8", {"x": "1"}, "0.125", "0.125"),
        ("x*5", {"x": "2"}, "10", "5"),
        ("sqrt(x)", {"x": "4/9"}, "0.66666666666666666667", "0.75"),
        ("sqrt(x)", {"x": "0"}, "0", "inf"),
        ("-x/1e5", {"x": "-1e-3"}, "1e-08", "-1e-05"),
        ("x*1e20", {"x": "7"}, "700000000000000000000", "100000000000000000000"),
        ("x*1e20", {"x": "70"}, "7e+21", "100000000000000000000"),
    ],
)
def test_what_is_exact_is_decided_and_short(text, values, value, derivative):
    result = certify(Expression(text), values, 20)
    assert result.certain
    assert result.values == (value,)
    if result.jacobian[0]:
        assert result.jacobian[0] == {"x": derivative}


@pytest.mark.parametrize(
    "number, digits, text",
    [
        ("2.345", 3, "2.34"),
        ("2.335", 3, "2.34"),
        ("-2.3450000001", 3, "-2.35"),
        ("999.96", 4, "1000"),
        ("999.94", 4, "999.9"),
        ("1e-300", 5, "1e-300"),
        ("1.25e-300", 2, "1.2e-300"),
        ("123456", 3, "1.23e+05"),
        ("120000", 2, "120000"),
        ("0.00012345", 3, "0.000123"),
        ("0.000012345", 3, "1.23e-05"),
        ("1e25", 30, "1e+25"),
    ],
)
def test_numbers_are_rounded_to_even(number, digits, text):
    m = Balls(30_000)
    with m.working():
        x = m.number(number.lstrip("-"))
        assert decimal(-x if number[0] == "-" else x, digits) == text


def test_digits_are_correctly_rounded_wherever_they_are_certain():
    random = Random(1)
    m = Balls(120)
    with m.working():
        for _ in range(2000):
            digits = random.choice((1, 2, 5, 20))
            exponent = random.choice((-310, -20, -3, 0, 4, 30))
            close = Fraction(random.choice((1, 5, 9, 10, 95, 994, 9995, 123456)))
            x = close * Fraction(10) ** exponent
            x += x * random.randint(-2, 2) * Fraction(10) ** -random.choice((3, 18, 33))
            radius = abs(x) / 10 ** random.choice((2, 12, 30))
            ball = Ball(
                arb(
                    fmpq(x.numerator, x.denominator),
                    fmpq(radius.numerator, radius.denominator),
                )
            )
            text = decimal(ball, digits)
            ends = {correct(end, digits) for end in ball.bounds()}
            assert (text is None) == (len(ends) > 1)
            assert text is None or Fraction(text) in ends


def correct(x, digits):
    """A fraction, rounded to so many digits."""
    exponent = len(str(abs(x).numerator)) - len(str(x.denominator)) - digits - 2
    while (
        round(abs(x) / Fraction(10) ** exponent) >= 10**digits
        and abs(x) / Fraction(10) ** exponent >= 10**digits
    ):
        exponent += 1
    return round(x / Fraction(10) ** exponent) * Fraction(10) ** exponent


def place(problem):
    """The part of the text that a problem is about."""
    return problem.text[slice(*problem.span)]


@pytest.mark.parametrize(
    "text, values, places, reason",
    [
        (
            "sin(x)^2+cos(x)^2-1",
            {"x": "1"},
            ["sin(x)^2+cos(x)^2-1", "x"],
            "may be 0",
        ),
        (
            "abs(sin(x)^2+cos(x)^2-1)",
            {"x": "1"},
            ["sin(x)^2+cos(x)^2-1", "abs(sin(x)^2+cos(x)^2-1)"],
            "may be at a kink",
        ),
        ("y*3+relu(x)", {"x": "sin(pi)", "y": "2"}, ["relu(x)"], "may be at a kink"),
        ("max(x,sqrt(2)^2)+y", {"x": "2", "y": "1"}, ["x"], "kink"),
        ("round(x*sqrt(y)*sqrt(y))", {"x": "1.25", "y": "2"}, None, "may be at a jump"),
        ("a=sin(x)*0+cos(x); a*y", {"x": "pi/2", "y": "3"}, None, "cos(x)"),
        ("cbrt(x)", {"x": "sin(pi)"}, ["x", "cbrt(x)"], "may not exist"),
        ("x", {"x": "sqrt(2)^2/8"}, ["x"], "halfway"),
    ],
)
def test_what_is_not_certain_names_the_node(text, values, places, reason):
    digits = 1 if reason == "halfway" else 50
    result = certify(Expression(text), values, digits)
    assert not result.certain
    if places and reason != "kink":
        assert [place(problem) for problem in result.problems] == places
    assert reason in result.problems[-1].message or reason in result.problems[0].message
    numbers = [*result.values, *result.jacobian[0].values()]
    assert sum(not number.certain for number in numbers) == len(result.problems)
    for number in numbers:
        if not number.certain:
            assert re.fullmatch(
                r"-?[\d.]+(e[-+]\d+)? ± ([\d.]+(e[-+]\d+)?|inf)", number
            )


def test_what_is_certain_is_given_beside_what_is_not():
    result = certify(Expression("relu(x)+3*y, x*y"), {"x": "sin(pi)", "y": "2"}, 10)
    assert result.values[0] == "6.000000000"
    assert result.jacobian == [
        {"x": "0.5 ± 0.501", "y": "3"},
        {"x": "2", "y": result.jacobian[1]["y"]},
    ]
    assert not result.jacobian[1]["y"].certain
    first, second, third = (problem.message for problem in result.problems)
    assert first.startswith("the value of f2 is not certain to 10 digits: x is ")
    assert "the derivative of f1 in x is not certain to 10 digits" in second
    assert "the derivative of f2 in y is not certain to 10 digits" in third


@pytest.mark.parametrize(
    "text, span, reason",
    [
        (
            "if(sin(x)^2+cos(x)^2 > 1, x, 2*x)",
            "sin(x)^2+cos(x)^2 > 1",
            "certain whether sin(x)^2+cos(x)^2 > 1: the difference is ",
        ),
        (
            "2+sqrt(sin(x)^2+cos(x)^2-1)",
            "sqrt(sin(x)^2+cos(x)^2-1)",
            "is defined: sqrt(x) needs x >= 0, but x is sin(x)^2+cos(x)^2-1 = ",
        ),
        ("1/(sin(x)^2+cos(x)^2-1)", "1/(sin(x)^2+cos(x)^2-1)", "needs b != 0"),
    ],
)
def test_what_may_be_undefined_is_an_error_that_names_the_node(text, span, reason):
    with pytest.raises(DomainError) as caught:
        certify(Expression(text), {"x": "1"}, 50)
    assert reason in caught.value.message
    assert "±" in caught.value.message
    assert place(caught.value) == span


@pytest.mark.parametrize(
    "text, values, error, message",
    [
        ("ln(x)", {"x": "-1"}, DomainError, "ln(-1) is undefined: ln(x) needs x > 0"),
        ("x^y", {"x": "-8", "y": "1/3"}, DomainError, "is undefined"),
        (
            "x^y",
            {"x": "-2", "y": "2"},
            DomainError,
            "in y at pow(-2, 2) does not exist",
        ),
        ("9^9^9^9", {}, RangeError, "is beyond 1e±1000000000"),
        ("gamma(x)", {"x": "1e9"}, RangeError, "gamma(1000000000) is beyond"),
        ("x*1e-9999999999", {"x": "1"}, RangeError, "the number 1e-9999999999 is"),
        ("x*1e" + "9" * 5000, {"x": "1"}, RangeError, "the number 1e99"),
        ("x+1", {"x": "1/0"}, UsageError, "cannot read the value of x: div(1, 0) is"),
        ("x+1", {"x": "y"}, UsageError, "y is no number and no constant"),
        ("x+1", {"x": "1, 2"}, UsageError, "several values"),
        ("x+1", {"x": "1e"}, UsageError, "cannot read the value of x: 1e is no number"),
        ("x+1", {"x": None}, UsageError, "cannot read the value of x: not a number"),
        ("x+1", {"x": math.nan}, UsageError, "not a number"),
        ("x+y", {"x": "1"}, UsageError, "no value for y"),
        ("x+1", {"x": "1", "z": "2"}, UsageError, "no variable z"),
    ],
)
def test_errors_are_those_of_a_run_in_doubles(text, values, error, message):
    with pytest.raises(error) as caught:
        certify(Expression(text), values, 50)
    assert message in caught.value.message


def test_a_value_that_may_be_undefined_is_tried_with_more_bits():
    close = "3.14159265358979323846264338327950288419716939937510582097494459"
    (value,) = certify(Expression("x"), {"x": f"sqrt(pi-{close})"}, 3).values
    assert value == "4.80e-32"
    with pytest.raises(DomainError) as caught:
        certify(Expression("x"), {"x": "sqrt(sin(pi))"}, 3)
    assert caught.value.message.startswith("cannot read the value of x: with ")
    assert place(caught.value) == "sqrt(sin(pi))"


def test_a_constant_can_be_a_variable():
    result = certify(Expression("e*V"), {"e": "1.6e-19", "V": "2"}, 30)
    assert result.values == ("3.2e-19",)
    assert result.jacobian == [{"e": "2", "V": "1.6e-19"}]


def test_only_what_is_asked_for_is_differentiated():
    result = certify(Expression("x^y"), {"x": "-2", "y": "2"}, 10, wrt=["x"])
    assert result.jacobian == [{"x": "-4"}]
    assert certify(Expression("x^y"), {"x": "-2", "y": "2"}, 10, wrt=[]).certain


def test_the_derivative_along_a_direction():
    values, along = {"x": "1/3", "y": "2", "z": "0"}, {"x": "1", "y": "pi", "z": "0"}
    result = certify(Expression("x*y+abs(z), x"), values, 20, direction=along)
    assert result.derivatives == [digits_of(lambda: 2 + mp.pi / 3, 20), "1"]
    assert result.jacobian == [{}, {}]
    assert result.direction == {"x": "1", "y": digits_of(lambda: +mp.pi, 20), "z": "0"}
    lost = certify(Expression("(x+1)^2-x^2-2*x"), {"x": "pi"}, 9, direction={"x": "1"})
    assert "the derivative is not certain to 9 digits" in lost.problems[0].message


def test_choices_of_convention_are_noted():
    result = certify(Expression("abs(x)+y"), {"x": "0", "y": "1"}, 20)
    assert result.certain
    (note,) = result.notes
    assert note.endswith("slope in x is -1 below and 1 above, and counts as 0")


@pytest.mark.parametrize(
    "text, values",
    [
        ("sin(x)", {"x": "1e1000000"}),
        ("sin(x)", {"x": "1e999999999"}),
        ("gamma(x)", {"x": "-1e300+1/3"}),
        ("lgamma(x)", {"x": "-1e999999+1/3"}),
        ("floor(x/3)", {"x": "2e999999999"}),
        ("exp(-x)", {"x": "1e100"}),
        ("erfc(x)", {"x": "1e100"}),
        ("x^y", {"x": "1.5", "y": "1e9"}),
        ("x^(1/3)", {"x": "1e-999999999"}),
        ("mod(x, 7)", {"x": "1e300000"}),
        ("x-x", {"x": "1e-999999999"}),
        ("polygamma(1000, x)", {"x": "-1000000.3"}),
        ("sinc_n(1000, x)", {"x": "999.9"}),
    ],
)
def test_extremes_come_to_an_end(text, values):
    start = time.perf_counter()
    with suppress(DomainError):
        certify(Expression(text), values, 20)
    assert time.perf_counter() - start < 5


def test_a_chain_of_squares_does_not_grow_without_end():
    text = "x" + "^2" * 0
    for _ in range(300):
        text = f"({text})^2"
    start = time.perf_counter()
    assert not certify(Expression(text), {"x": "sqrt(0.5)"}, 20).certain
    with pytest.raises(RangeError):
        certify(Expression(text), {"x": "sqrt(2)"}, 20)
    assert time.perf_counter() - start < 5


def test_the_result_is_a_point_for_renderers():
    result = certify(Expression("x^2+y, y"), {"x": "0.1", "y": "1/3"}, 5)
    assert render(result, "value") == "0.34333\n0.33333\n"
    assert render(result, "gradient") == "f1\tx\t0.2\nf1\ty\t1\nf2\tx\t0\nf2\ty\t1\n"
    assert (
        render(result, "csv").splitlines()[1] == "0.1,0.33333,0.34333,0.33333,0.2,1,0,1"
    )


def test_without_the_library_the_error_tells_how_to_install_it():
    code = "import sys; sys.modules['flint'] = None; import exprdiff.digits"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "MissingLibrary: this needs flint, which is not installed" in done.stderr
    assert "'exprdiff[exact]'" in done.stderr


def test_enclosures_of_values():
    x = Fraction(1, 3)
    value, other = enclosure(Expression("exp(x)-y, x+y"), {"x": x, "y": "0.1"}, 200)
    with mp.workprec(300):
        assert encloses(value, mp.exp(mpf(1) / 3) - mpf(1) / 10, mpf(2) ** -290)
    assert other.bounds() == (Fraction(13, 30),) * 2
    lower, upper = value.bounds()
    assert 0 < upper - lower < Fraction(2) ** -190
    with pytest.raises(DomainError):
        enclosure(Expression("sqrt(x)"), {"x": "sin(pi)"}, 100)


def test_thousand_digits_of_twenty_operations(capsys):
    text = (
        "exp(sin(x)*y)/(1+x^2)+ln(x+y)*gamma(x)-erf(y/x)+sqrt(x*y)*atan(x-y)"
        "+tanh(x)^3*normcdf(y)"
    )
    formula = Expression(text)
    assert formula.graph.size - 2 >= 20
    start = time.perf_counter()
    result = certify(formula, {"x": "0.7", "y": "4/3"}, 1000)
    took = time.perf_counter() - start
    with capsys.disabled():
        print(f"\n1,000 digits of {formula.graph.size - 2} operations: {took:.3f} s")
    assert result.certain
    assert len(result.values[0].replace(".", "")) == 1000

    def true(x, y):
        return (
            mp.exp(mp.sin(x) * y) / (1 + x**2)
            + mp.ln(x + y) * mp.gamma(x)
            - mp.erf(y / x)
            + mp.sqrt(x * y) * mp.atan(x - y)
            + mp.tanh(x) ** 3 * mp.ncdf(y)
        )

    with mp.workdps(2100):
        x, y, h = mpf(7) / 10, mpf(4) / 3, mpf(10) ** -1010
        assert result.values[0] == mp.nstr(true(x, y), 1000)
        slope = (true(x + h, y) - true(x - h, y)) / (2 * h)
        assert result.jacobian[0]["x"] == mp.nstr(slope, 1000)
        slope = (true(x, y + h) - true(x, y - h)) / (2 * h)
        assert result.jacobian[0]["y"] == mp.nstr(slope, 1000)
