"""Forward mode, second and higher derivatives, and derivatives as formulas."""

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from rules import RULES
from test_parser import CORPUS
from test_properties import all_trees, finite, outcome, run, scales, values
from trees import NAMES, SMOOTH, evaluate, trees, write

import exprdiff
from exprdiff import DomainError, ExprdiffError, RangeError, UsageError, parse
from exprdiff.operations import OPERATIONS
from exprdiff.render import render
from exprdiff.render.notation import below

# ---- Forward mode --------------------------------------------------------------------


def test_the_tangents_of_baydin_and_others():
    """Automatic differentiation in machine learning: a survey, table 2."""
    f = parse("ln(x1) + x1*x2 - sin(x2)")
    assert f.evaluate(x1=2, x2=5) == pytest.approx(11.652, abs=5e-4)
    assert f.along({"x1": 1}, x1=2, x2=5) == 5.5
    # Table 3: the adjoint of x2 is 1.716.
    assert f.along({"x2": 1}, x1=2, x2=5) == pytest.approx(1.716, abs=5e-4)


@given(all_trees, values, st.lists(st.floats(-2, 2), min_size=4, max_size=4))
@settings(max_examples=150)
def test_a_tangent_is_the_gradient_times_the_direction(tree, point, direction):
    text = write(tree, Random(0))
    assume(isinstance(outcome(text, point), tuple))
    trace = run(text, point)
    assume(finite(trace) and trace.jacobian[0])
    gradient, sizes = trace.jacobian[0], scales(trace)
    along = dict(zip(NAMES, direction, strict=True))
    along = {name: along[name] for name in gradient}
    here = {name: point[name] for name in gradient}
    expected = sum(gradient[name] * along[name] for name in gradient)
    size = sum(abs(sizes[name] * along[name]) for name in gradient)
    assert parse(text).along(along, **here) == pytest.approx(expected, abs=1e-11 * size)


@pytest.mark.parametrize(
    "text, along, point, expected",
    [
        ("sqrt(x)", {"x": 1}, {"x": 0}, math.inf),
        ("-sqrt(x)", {"x": 2}, {"x": 0}, -math.inf),
        ("sqrt(x) + y", {"y": 1}, {"x": 0, "y": 0}, 1),
        ("sqrt(x) + y", {"x": 0, "y": 1}, {"x": 0, "y": 0}, 1),
        ("abs(x)", {"x": 1}, {"x": 0}, 0),
        ("x^y", {"x": 1}, {"x": -2, "y": 2}, -4),
        # Of these the power has no derivative, and does not count.
        ("max(x^y, x + 9)", {"x": 1, "y": 1}, {"x": -2, "y": 2}, 1),
        ("floor(x^y) + x", {"x": 1, "y": 1}, {"x": -2, "y": 2}, 1),
        ("if(x > 0, sqrt(x), 3*x)", {"x": 1}, {"x": 0}, 3),
        ("x", {"x": 0}, {"x": 5}, 0),
        ("2 + 3*z - z", {"z": 0.5}, {"z": 5}, 1),
    ],
)
def test_tangents_at_the_edges(text, along, point, expected):
    assert parse(text).along(along, **point) == expected


@pytest.mark.parametrize(
    "text, along, point, error",
    [
        ("x^y", {"y": 1}, {"x": -2, "y": 2}, DomainError),
        ("sqrt(x) - sqrt(x)", {"x": 1}, {"x": 0}, DomainError),
        ("sqrt(x)*x", {"x": 1}, {"x": 0}, DomainError),
        ("1/x", {"x": 1}, {"x": 1e-160}, RangeError),
        ("sqrt(x*1e300)*1e300", {"x": 1}, {"x": 1e-320}, RangeError),
        ("x*1e200", {"x": 1e200}, {"x": 0}, RangeError),
    ],
)
def test_tangents_that_are_no_number(text, along, point, error):
    with pytest.raises(error) as info:
        parse(text).along(along, **point)
    assert "None" not in str(info.value)


def test_a_kink_on_the_way_is_noted_in_forward_mode_as_in_reverse_mode(exprdiff):
    lines = [
        exprdiff("abs(x) + floor(abs(y))", "--x", "0", "--y", "0", *more).stderr
        for more in ((), ("--forward", "x=1,y=1"))
    ]
    assert lines[0] == lines[1]
    assert lines[0].count("note: ") == 2


def test_several_values_have_a_derivative_each():
    assert parse("x*y, x, 3").along({"x": 1}, x=2, y=5) == (5, 1, 0)


# ---- Second derivatives --------------------------------------------------------------


def second_differences(reference, x, i, j):
    """A second derivative of a function of mpmath, as a difference quotient."""
    h = mpf(2) ** -60
    total = 0
    for a in (1, -1):
        for b in (1, -1):
            moved = list(x)
            moved[i] += a * h
            moved[j] += b * h
            total += a * b * reference(*moved)
    return total / (4 * h * h)


@given(trees(SMOOTH), values)
@settings(max_examples=150)
def test_hessians_are_those_of_mpmath(tree, point):
    text = write(tree, Random(0))
    names = sorted(tree.names())
    assume(names)
    here = {name: point[name] for name in names}
    try:
        hessian = parse(text).hessian(**here)
    except ExprdiffError:
        assume(False)
    with mp.workprec(400):
        x = [mpf(here[name]) for name in names]

        def reference(*x):
            y = evaluate(tree, dict(zip(names, x, strict=True)))
            assume(isinstance(y, mpf) and mp.isfinite(y))
            return y

        try:
            exact = [
                [second_differences(reference, x, i, j) for j in range(len(x))]
                for i in range(len(x))
            ]
        except (ValueError, ZeroDivisionError):
            assume(False)
        assume(all(abs(y) < 1e100 for row in exact for y in row))
    size = max(abs(y) for row in exact for y in row) + abs(
        max(abs(y) for row in hessian.values() for y in row.values())
    )
    for a, row in zip(names, exact, strict=True):
        for b, y in zip(names, row, strict=True):
            assert abs(hessian[a][b] - y) <= 1e-6 * size + 1e-9


@pytest.mark.parametrize(
    "text, point, expected",
    [
        ("x^3*y", {"x": 2, "y": 3}, [[36, 12], [12, 0]]),
        # Rosenbrock's function at its minimum: [[802, -400], [-400, 200]].
        ("(1-x)^2+100*(y-x^2)^2", {"x": 1, "y": 1}, [[802, -400], [-400, 200]]),
        ("x*y*z", {"x": 2, "y": 3, "z": 5}, [[0, 5, 3], [5, 0, 2], [3, 2, 0]]),
        ("if(x > 0, x^2, -x^2)", {"x": -1}, [[-2]]),
        ("if(x > 0, sqrt(x), 0)", {"x": -1}, [[0]]),
        ("x^0.5", {"x": 4}, [[-1 / 32]]),
        ("2*x + 1", {"x": 4}, [[0]]),
        ("floor(x)", {"x": 4.5}, [[0]]),
        ("max(x, y)^2", {"x": 3, "y": 2}, [[2, 0], [0, 0]]),
        ("e^x", {"x": 0}, [[1]]),
    ],
)
def test_hessians_by_hand(text, point, expected):
    hessian = parse(text).hessian(**point)
    assert [list(row.values()) for row in hessian.values()] == expected
    assert list(hessian) == list(parse(text).variables)


@given(trees(SMOOTH), values, st.lists(st.floats(-2, 2), min_size=4, max_size=4))
@settings(max_examples=100)
def test_a_hessian_times_a_vector_needs_no_hessian(tree, point, vector):
    f = parse(write(tree, Random(0)))
    here = {name: point[name] for name in f.variables}
    along = {name: vector[NAMES.index(name)] for name in f.variables}
    try:
        hessian, product = f.hessian(**here), f.hessian_product(along, **here)
    except ExprdiffError:
        assume(False)
    for name, row in hessian.items():
        terms = [row[other] * along[other] for other in row]
        size = sum(map(abs, terms)) + sum(abs(y) for y in row.values())
        assert product[name] == pytest.approx(sum(terms), abs=1e-7 * size, rel=1e-7)


def test_a_large_hessian_times_a_vector_is_quick():
    """Of 3,000 variables the Hessian has nine million numbers."""
    names = [f"x{k}" for k in range(3000)]
    f = parse(" + ".join(f"{a}*{b}^2" for a, b in pairwise(names)))
    product = f.hessian_product({"x1": 1}, **dict.fromkeys(names, 2))
    assert product["x0"] == 4 and product["x1"] == 4 and product["x2"] == 4
    assert set(product.values()) == {0, 4}


# ---- Taylor polynomials --------------------------------------------------------------

#: Power series at 0, from the NIST Digital Library of Mathematical Functions.
SERIES = {
    "exp(x)": [1 / math.factorial(k) for k in range(11)],
    "tan(x)": [0, 1, 0, 1 / 3, 0, 2 / 15, 0, 17 / 315, 0, 62 / 2835, 0],  # 4.19.3
    "sec(x)": [1, 0, 1 / 2, 0, 5 / 24, 0, 61 / 720, 0, 277 / 8064, 0, 50521 / 3628800],
    "ln(1+x)": [0, *((-1) ** (k + 1) / k for k in range(1, 11))],  # 4.6.1
    "asin(x)": [0, 1, 0, 1 / 6, 0, 3 / 40, 0, 15 / 336, 0, 105 / 3456, 0],  # 4.24.1
    "1/(1-x)": [1] * 11,
    "sinc(x)": [
        0 if k % 2 else (-1) ** (k // 2) / math.factorial(k + 1) for k in range(11)
    ],
    "(1+x)^(1/2)": [
        math.prod((0.5 - i) / (i + 1) for i in range(k)) for k in range(11)
    ],
    "if(x > 0, sqrt(x), x^2 + abs(x-1))": [1, -1, 1, *[0] * 8],
}


@pytest.mark.parametrize("text", SERIES)
def test_power_series(text):
    taylor = parse(text).taylor(10, x=0)
    assert taylor == pytest.approx(SERIES[text], rel=1e-13, abs=1e-15)


@given(trees(SMOOTH), values)
@settings(max_examples=100)
def test_coefficients_are_those_of_mpmath(tree, point):
    f = parse(write(tree, Random(0)))
    assume("x" in f.variables)
    here = {name: point[name] for name in f.variables}
    try:
        taylor = f.taylor(3, ["x"], **here)
    except ExprdiffError:
        assume(False)
    with mp.workprec(300):

        def reference(x):
            y = evaluate(tree, {**{n: mpf(y) for n, y in here.items()}, "x": x})
            assume(isinstance(y, mpf) and abs(y) < 1e100)
            return y

        def coefficients(x):
            try:
                return mp.taylor(reference, x, 3, h=mpf(2) ** -50)
            except (ValueError, ZeroDivisionError):
                assume(False)

        exact = coefficients(mpf(here["x"]))
        # How much a change of x changes them tells how much rounding may.
        moved = coefficients(here["x"] * (1 + mpf(2) ** -30))
    size = max(map(abs, exact))
    for computed, y, other in zip(taylor, exact, moved, strict=True):
        assert abs(computed - y) <= abs(y - other) * 2**-8 + 1e-6 * size + 1e-9


@pytest.mark.parametrize(
    "name", [name for name, operation in OPERATIONS.items() if operation.smooth]
)
def test_every_operation_has_higher_derivatives(name):
    """They are those of the row's function, by mpmath."""
    operation, rule = OPERATIONS[name], RULES[name]
    if rule.reference is None or name == "identity":
        return
    x = list(operation.operands[: len(rule.domains)])
    infix = {"power": "x^n"}.get(name)
    f = parse(infix or f"{name}({', '.join(x)})")
    for point in rule.points:
        here = dict(zip(x, point, strict=True))
        if not all(1e-3 < abs(part) < 30 for part in point):
            continue
        for k, variable in enumerate(x):
            if variable == "n":
                continue
            try:
                taylor = f.taylor(3, [variable], **here)
            except ExprdiffError:
                continue

            def along(t, k=k, point=point):
                return rule.reference(
                    *(t if i == k else mpf(v) for i, v in enumerate(point))
                )

            with mp.workprec(600):
                exact = mp.taylor(along, mpf(point[k]), 3, h=mpf(2) ** -100)
            assert taylor == pytest.approx(
                [float(c) for c in exact], rel=1e-9, abs=1e-12
            ), (variable, here)


def test_the_order_of_a_derivative_that_does_not_exist_is_told():
    f = parse("2*x^2.5 + 1")
    assert f.taylor(2, x=0) == [1, 0, 0]
    with pytest.raises(DomainError, match=r"order 3 of power\(0, 2.5\) does not exist"):
        f.taylor(3, x=0)
    with pytest.raises(RangeError, match="order 2 of exp"):
        parse("exp(1e200*x)").taylor(2, x=0)


def test_the_highest_order():
    taylor = parse("exp(x)*sin(x)^2/(1 + sigmoid(x)) + x^0.5*gamma(x)").taylor(100, x=1)
    assert len(taylor) == 101
    assert all(map(math.isfinite, taylor))


# ---- Formulas ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, derivatives",
    [
        ("ln(x1) + x1*x2 - sin(x2)", {"x1": "1/x1 + x2", "x2": "x1 - cos(x2)"}),
        ("x/y", {"x": "1/y", "y": "-x/y/y"}),
        ("x^y", {"x": "y*x^(y - 1)", "y": "if(x == 0, 0, x^y*ln(x))"}),
        ("2^x", {"x": "2^x*ln(2)"}),
        ("e^x", {"x": "e^x"}),
        ("x^3 + x^-2", {"x": "3*x^2 - 2*x^-3"}),
        ("x^(1/3)", {"x": "1/3*x^(-2/3)"}),
        ("x^0.5", {"x": "0.5*x^-0.5"}),
        ("x*x", {"x": "2*x"}),
        ("x + x", {"x": "2"}),
        ("x*(3*x)", {"x": "6*x"}),
        ("-(-x)", {"x": "1"}),
        ("(x+1)*(x+1)", {"x": "2*(x + 1)"}),
        ("a - (b - x)", {"a": "1", "b": "-1", "x": "1"}),
        ("a/(b*x)", {"a": "1/(b*x)", "b": "-a/(b*x)/(b*x)*x", "x": "-a/(b*x)/(b*x)*b"}),
        ("sin(x)^2", {"x": "2*sin(x)*cos(x)"}),
        ("0.1*x^2", {"x": "0.2*x"}),
        ("x^2/3", {"x": "2/3*x"}),
        ("1e300*x^2", {"x": "2*1e300*x"}),
        ("0*x", {"x": "0"}),
        ("x^1", {"x": "1"}),
        ("x^0", {"x": "0"}),
        ("floor(x)", {"x": "0"}),
        ("abs(x)", {"x": "sign(x)"}),
        ("relu(x)", {"x": "if(x > 0, 1, 0)"}),
        ("sqrt(x)", {"x": "1/(2*sqrt(x))"}),
        ("if(x > 0, sqrt(x), 0)*x", {"x": "if(x > 0, x/(2*sqrt(x)) + sqrt(x), 0)"}),
        (
            "if(x < 0, x, if(x < 1, x^2, sqrt(x)))",
            {"x": "if(x < 0, 1, if(x < 1, 2*x, 1/(2*sqrt(x))))"},
        ),
        ("clamp(x, 0, 1)", {"x": "if(x < 0 or x > 1 or x == 0 or x == 1, 0, 1)"}),
        ("lgamma(x)", {"x": "digamma(x)"}),
        ("digamma(x)", {"x": "polygamma(1, x)"}),
        ("sinc(x)", {"x": "sinc_n(1, x)"}),
        ("1/(1+x^2)", {"x": "-2/(1 + x^2)/(1 + x^2)*x"}),
        ("sqrt(x^2+1)", {"x": "x/sqrt(x^2 + 1)"}),
        ("a*exp(-x^2/2)", {"a": "exp(-x^2/2)", "x": "-a*exp(-x^2/2)*x"}),
        ("s = x*y; s^2 + s", {"x": "(2*x*y + 1)*y", "y": "(2*x*y + 1)*x"}),
    ],
)
def test_derivatives_as_a_mathematician_writes_them(text, derivatives):
    assert parse(text).derivatives() == derivatives


@given(all_trees, values)
@settings(max_examples=300)
def test_formulas_are_parsed_back_and_give_the_same_numbers(tree, point):
    """Where the formula itself is defined; at 0^0 the derivative may be refused."""
    f = parse(write(tree, Random(0)))
    here = {name: point[name] for name in f.variables}
    try:
        derivatives = f.derivatives()
    except DomainError:
        assume(False)
    for name, text in derivatives.items():
        derivative = parse(text)
        assert set(derivative.variables) <= set(f.variables)
        try:
            trace = f.trace([name], **here)
            expected = trace.jacobian[0][name]
            computed = derivative.evaluate(**{x: here[x] for x in derivative.variables})
        except ExprdiffError:
            continue
        bound = 1e-9 * (abs(expected) + scales(trace)[name])
        assert computed == pytest.approx(expected, abs=bound + 1e-300)


def test_shared_parts_of_a_long_formula_have_names():
    nested = "x"
    for _ in range(60):
        nested = f"s = {nested}; s*sin(s)" if "s =" not in nested else nested
    parts = ["s0 = x"]
    parts += [f"s{k} = s{k - 1}*sin(s{k - 1})" for k in range(1, 61)]
    f = parse("; ".join([*parts, "s60"]))
    (text,) = f.derivatives().values()
    assert len(text) < 12_000
    value = parse(text).evaluate(x=1.5)
    assert value == pytest.approx(f.gradient(x=1.5)["x"], rel=1e-10)


@pytest.mark.parametrize(
    "text",
    [
        "+".join(["x*y"] * 20_000),
        "+".join(f"x*{k}.5^y" for k in range(10_000)),
        "sin(" * 10_000 + "x" + ")" * 10_000,
        "-" * 20_001 + "x",
        "if(x > 0, x, " * 2_000 + "x*x" + ")" * 2_000,
        "if(x > 0, " * 2_000 + "x*x" + ", 0)" * 2_000,
        "2*(3*(x/3*" * 5_000 + "x" + "))" * 5_000,
    ],
    ids=["equal", "sum", "functions", "signs", "else", "then", "constants"],
)
def test_long_formulas_have_derivatives_that_are_no_much_longer(text):
    f = parse(text)
    derivatives = f.derivatives()
    assert sum(map(len, derivatives.values())) < 40 * len(text)
    point = {"x": 0.25, "y": 3} if "y" in text else {"x": 0.25}
    for name, derivative in derivatives.items():
        try:
            expected = f.gradient([name], **point)[name]
        except ExprdiffError:
            continue
        g = parse(derivative)
        value = g.evaluate(**{x: point[x] for x in g.variables})
        assert value == pytest.approx(expected, rel=1e-9)


def test_a_gradient_has_about_four_times_the_nodes_of_the_formula_at_most():
    sizes = {}
    for text in CORPUS:
        try:
            program = parse(text).program()
        except ExprdiffError:
            continue
        ends = [operand for row in program.jacobian for operand in row.values()]
        before, after = (
            len(below(some, program.steps)) for some in (program.values, ends)
        )
        sizes[text] = before, after
    assert len(sizes) > 200
    before, after = map(sum, zip(*sizes.values(), strict=True))
    assert after < 2 * before
    for text, (before, after) in sizes.items():
        # Of several arguments, ties between any of them are asked for.
        if not ("max(" in text or "min(" in text):
            assert after <= 4.5 * before, text


# ---- LaTeX ---------------------------------------------------------------------------


def latex(text, hessian=False):
    return render(parse(text).program(None, hessian), "latex").splitlines()


@pytest.mark.parametrize(
    "text, lines",
    [
        (
            "ln(x1) + x1*x2",
            [
                r"f = \ln(x_1) + x_1 x_2",
                r"\frac{\partial f}{\partial x_1} = \frac{1}{x_1} + x_2",
                r"\frac{\partial f}{\partial x_2} = x_1",
            ],
        ),
        (
            "sqrt(θ)",
            [r"f = \sqrt{\theta}", r"\frac{df}{d\theta} = \frac{1}{2 \sqrt{\theta}}"],
        ),
        ("x^(1/3)", [r"f = \sqrt[3]{x}", r"\frac{df}{dx} = \frac{1}{3} x^{-2/3}"]),
        ("tan(x)", [r"f = \tan(x)", r"\frac{df}{dx} = 1 + \tan^{2}(x)"]),
        (
            "e^(x/2)",
            [r"f = e^{\frac{x}{2}}", r"\frac{df}{dx} = \frac{1}{2} e^{\frac{x}{2}}"],
        ),
        (
            "abs(x)",
            [r"f = \left|x\right|", r"\frac{df}{dx} = \operatorname{sgn}(x)"],
        ),
        (
            "erf(x)",
            [
                r"f = \operatorname{erf}(x)",
                r"\frac{df}{dx} = \frac{2}{\sqrt{\pi}} e^{-x^{2}}",
            ],
        ),
        (
            "if(x < 0, -x, x)",
            [
                r"f = \begin{cases} -x & \text{if } x < 0 \\ x & \text{otherwise}"
                r" \end{cases}",
                r"\frac{df}{dx} = \begin{cases} -1 & \text{if } x < 0 \\ 1 &"
                r" \text{otherwise} \end{cases}",
            ],
        ),
        (
            "2.5e-7*(x/y + 1)^2",
            [
                r"f = 2.5 \cdot 10^{-7} \left(\frac{x}{y} + 1\right)^{2}",
                r"\frac{\partial f}{\partial x} = \frac{\frac{x}{y} + 1}{2000000 y}",
            ],
        ),
    ],
)
def test_latex(text, lines):
    assert latex(text)[: len(lines)] == lines


@pytest.mark.parametrize(
    "name, text",
    [
        ("x", "x"),
        ("x1", "x_1"),
        ("x12", "x_{12}"),
        ("x_max", r"x_{\mathrm{max}}"),
        ("θ_0", r"\theta_0"),
        ("Δx", r"\Delta x"),
        ("alpha", r"\alpha"),
        ("λ", r"\lambda"),
        ("Ω", r"\Omega"),
        ("speed", r"\mathrm{speed}"),
        ("x_1_2", "x_{1,2}"),
        ("é", r"\text{é}"),
        ("_x", r"\text{\_x}"),
    ],
)
def test_names_in_latex(name, text):
    assert latex(f"{name} + 1")[0] == f"f = {text} + 1"


def test_second_derivatives_in_latex():
    assert latex("x^2*y", hessian=True)[-3:] == [
        r"\frac{\partial^{2} f}{\partial x^{2}} = 2 y",
        r"\frac{\partial^{2} f}{\partial x \, \partial y} = 2 x",
        r"\frac{\partial^{2} f}{\partial y^{2}} = 0",
    ]


# ---- What does not go ----------------------------------------------------------------


@pytest.mark.parametrize(
    "ask, message",
    [
        (lambda: parse("x, y").hessian(x=1, y=2), "several values"),
        (lambda: parse("x*y").taylor(3, x=1, y=2), "up to order 3 .* in which of x, y"),
        (lambda: parse("x").taylor(0, x=1), "from 1 to 100"),
        (lambda: parse("x").taylor(101, x=1), "from 1 to 100"),
        (lambda: parse("3").taylor(2), "no variable"),
        (lambda: parse("x").along({"y": 1}, x=1), "no variable y"),
        (lambda: parse("x").along({"x": "1"}, x=1), "finite numbers, not x=1"),
        (lambda: parse("x").along({"x": math.inf}, x=1), "finite numbers, not x=inf"),
    ],
)
def test_questions_that_have_no_answer(ask, message):
    with pytest.raises(UsageError, match=message):
        ask()


def test_the_derivative_in_an_order_does_not_exist():
    with pytest.raises(DomainError, match="in n does not exist"):
        parse("polygamma(n, x)").derivatives()
    assert parse("polygamma(n, x)").derivatives(["x"]) == {"x": "polygamma(n + 1, x)"}
    assert exprdiff.parse("sinc_n(2, x)").derivatives() == {"x": "sinc_n(3, x)"}
