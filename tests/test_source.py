"""Source code, compiled and run by the real tools, against the doubles of exprdiff."""

import json
import math
import re
import shutil
import subprocess
import sys
from importlib import import_module
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from rules import RULES, sample
from test_parser import CORPUS
from trees import CALLED, trees, write

from exprdiff import DomainError, ExprdiffError, RangeError, UsageError
from exprdiff import Expression as Formula
from exprdiff.derivation import Derivation
from exprdiff.executor import Executor
from exprdiff.graph import Node
from exprdiff.numbers import floats
from exprdiff.operations import OPERATIONS
from exprdiff.style import PLAIN

LANGUAGES = ("python", "numpy", "jax", "c", "javascript")
WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]

#: What is refused, because a language lacks it.
REFUSED = {
    "python": {"polygamma", "sinc_n"},
    "numpy": {"polygamma", "sinc_n", "gamma", "lgamma", "digamma", "factorial"},
    "jax": {"polygamma", "sinc_n"},
    "c": {"polygamma", "sinc_n"},
    "javascript": set(),
}


def source(text, language, wrt=None):
    """The code of a formula."""
    program = Formula(text).program(wrt)
    return import_module(f"exprdiff.render.{language}").render(program, PLAIN)


# ---- What is to come out -------------------------------------------------------------


class Case:
    """A formula at a point: the numbers that its code ought to give.

    Each has with it how large the terms are that it is calculated from: every node,
    times how much it counts. Where there is no number, there is an error.
    """

    def __init__(self, text, point, wrt=None):
        self.text, self.point, self.wrt = text, point, wrt

    def expected(self):
        formula = Formula(self.text)
        derivation = Derivation(formula.graph, self.text, self.wrt)
        values = dict(zip(formula.variables, map(float, self.point), strict=True))
        ends = [*derivation.values]
        for row in derivation.jacobian:
            ends += row.values()
        return [self.number(end, formula, derivation, values) for end in ends]

    def number(self, end, formula, derivation, values):
        if not isinstance(end, Node):
            try:
                return float(floats.number(end)), 0.0
            except OverflowError:
                return RangeError, 0.0
        executor = Executor(end, values=values, text=self.text)
        try:
            (value,) = executor.forward()
        except (DomainError, RangeError) as error:
            return type(error), 0.0
        try:
            adjoints = executor.reverse(end)
        except ExprdiffError:
            return value, math.inf
        sizes = [abs(a * executor.primals[node]) for node, a in adjoints.items()]
        return value, sum(sizes)


def agree(found, expected):
    """Whether a number is right; None is one for which there was an exception."""
    value, size = expected
    if value is RangeError:
        return True
    if value is DomainError:
        return found is None or not math.isfinite(found)
    if found is None or not size < math.inf:
        return not size < math.inf
    if found == value:
        return True
    return abs(found - value) <= 1e-12 * abs(value) + 1e-13 * size + 1e-300


def points(names, seed):
    """Points to try a formula at, edges among them."""
    random = Random(seed)
    edges = [0.0, 1.0, -1.0, 2.0, 5.0, 0.5]
    yield [2.0 + 3 * k for k, _ in enumerate(names)]
    yield [random.choice(edges) for _ in names]
    yield [random.uniform(-3, 3) for _ in names]
    yield [random.uniform(0.05, 0.95) for _ in names]


@settings(
    max_examples=150,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(trees(CALLED, choices=True))
def _draw(tree):
    DRAWN.append(tree)


DRAWN = []

#: Choices whose sides share parts, or come one after the other.
CHOICES = [
    "if(x > 0, sqrt(x)*y, 0)",
    "if(x > 0, sqrt(x), 1) + if(y > 0, sqrt(x), 2)",
    "if(x > 0, sqrt(x), 1)*if(x > 0, ln(x), exp(if(x > 1, ln(x), 2)))",
    "w = if(x > 0, ln(x), x); if(x > 0, ln(x)*w, w*w) + w",
    "if(x > 0 and ln(x) > y, ln(x)*y, if(y > 0 or sqrt(x + 2) > 1, y*x, sqrt(x + 2)))",
    "if(not (x > 0 and 1/x > y), 1/y, 1/x) + if(x > 0 and 1/x > y, sqrt(x), y)",
    "if(ln(x) > 0, 1, 2) + y",
    "if(sinc_n(x, y) > 0, 1, 2)",
    "if(x < 0 or ln(x) > y, x, 2)*if(1/y > 0, x, y)",
    "max(x, ln(y)) + relu(sqrt(x)) + clamp(x, ln(y), 5)",
    "s = x*y; if(s > 0, if(s > 1, ln(s), 1/s), if(s < -1, ln(-s), s)), if(s > 0, s, 2)",
    "if(x > 1, if(y > 1, ln(x - 1)*ln(y - 1), ln(x - 1)), if(y > 1, ln(y - 1), 3))",
    "if(x > 0, 1, 1/0*x) + sqrt(2)*(1/3) + 2^-1 + if(y > 0, y, (-8)^(1/3)*y)",
]


def operation_cases():
    for name, rule in RULES.items():
        operation = OPERATIONS[name]
        letters = list("xyz")[: max(len(rule.domains), len(operation.operands))]
        for k, point in enumerate(rule.points):
            if name in ("if", "and", "or", "not"):
                continue
            if name in ("lt", "le", "gt", "ge", "eq", "ne"):
                yield Case(f"if(x {operation.infix} y, x, y)", point)
            elif name == "power":
                yield Case(f"x^({point[1]!r})", point[:1])
            elif name in ("sinc_n", "polygamma"):
                yield Case(f"{name}({point[0]}, x)", point[1:])
            elif not operation.spoken:
                yield Case("x", point)
            else:
                yield Case(f"{name}({', '.join(letters)})", point)
                if k == 0:
                    for edge in (0.0, 1.0, -1.0, 2.5):
                        yield Case(
                            f"{name}({', '.join(letters)})", [edge] * len(letters)
                        )
                    for domain in rule.domains[:1]:
                        for end in {*domain.ends(), *domain.at}:
                            here = [end, *point[1:]]
                            yield Case(f"{name}({', '.join(letters)})", here)


def all_cases():
    _draw()
    random = Random(1)
    texts = dict.fromkeys([*CORPUS, *CHOICES, *(write(t, random) for t in DRAWN)])
    for text in texts:
        try:
            formula = Formula(text)
            formula.program()
        except ExprdiffError:
            continue
        for point in points(formula.variables, text):
            yield Case(text, point)
        if text in CHOICES:
            for x in (-2.5, -1.0, 0.0, 0.5, 3.0):
                for y in (-2.0, 0.0, 0.5, 4.0):
                    yield Case(text, [x, y][: len(formula.variables)])
    yield from operation_cases()


@pytest.fixture(scope="module")
def cases():
    found = list(all_cases())
    assert len(found) > 1500
    return [(case, case.expected()) for case in found]


def compare(cases, language, run):
    """Run the code of all formulas, a batch at once, and look for what differs."""
    codes = {}
    wanted = []
    for case, expected in cases:
        if case.text not in codes:
            try:
                codes[case.text] = source(case.text, language, case.wrt)
            except UsageError as error:
                assert re.search(f"^({'|'.join(REFUSED[language])}) .* in ", str(error))
                codes[case.text] = None
        if codes[case.text] is not None:
            wanted.append((case, expected))
    index = {text: k for k, (text, code) in enumerate(codes.items()) if code}
    calls = [(index[case.text], list(map(float, case.point))) for case, _ in wanted]
    results = run({index[text]: code for text, code in codes.items() if code}, calls)
    wrong = []
    right = 0
    for (case, expected), found in zip(wanted, results, strict=True):
        undefined = any(isinstance(value, type) for value, _ in expected)
        if found is None:
            if not undefined:
                wrong.append((case.text, case.point, None, expected))
            continue
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            right += not isinstance(other[0], type)
            if not agree(one, other):
                # What is undefined may leave nothing defined; infinity at a pole may
                # come to nothing, as in max(x, ln(0)), but not in the derivatives, too.
                if undefined and not math.isfinite(one):
                    continue
                if other[0] is DomainError and not all(map(math.isfinite, found)):
                    continue
                wrong.append((case.text, case.point, found, expected))
                break
    assert not wrong, (len(wrong), wrong[:8])
    assert right > 2500


def flat(result):
    """The numbers of a result in Python, one behind the other."""
    numbers, waiting = [], [result]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += reversed(one)
        else:
            numbers.append(float(one))
    return numbers


def load(code):
    names = {}
    exec(compile(code, "f", "exec"), names)
    return names["f"]


def in_process(codes, calls):
    functions = {k: load(code) for k, code in codes.items()}
    for k, point in calls:
        try:
            yield flat(functions[k](*point))
        except (ValueError, ArithmeticError):
            yield None


def test_python(cases):
    compare(cases, "python", in_process)


def test_numpy(cases):
    compare(cases, "numpy", in_process)


def by_arrays(codes, calls):
    """All points of a formula at once."""
    found = {}
    for k, code in codes.items():
        own = [(n, point) for n, (j, point) in enumerate(calls) if j == k]
        columns = map(np.array, zip(*[point for _, point in own], strict=True))
        values, rows = load(code)(*columns)
        results = [*values, *sum(rows, ())] if isinstance(values, tuple) else None
        results = results or [values, *rows]
        table = np.array([np.broadcast_to(x, len(own)) for x in results]).T
        found |= {
            n: list(map(float, row)) for (n, _), row in zip(own, table, strict=True)
        }
    return [found[n] for n in range(len(calls))]


def test_numpy_with_arrays(cases):
    compare(cases, "numpy", by_arrays)


JAX = """
import json, sys
import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
codes, calls = json.load(sys.stdin)
found = {}
for k, code in codes.items():
    names = {}
    exec(compile(code, "f", "exec"), names)
    own = [(n, point) for n, (j, point) in enumerate(calls) if j == int(k)]
    f = jax.jit(names["f"]) if int(k) % 20 == 0 else names["f"]
    # All of the same length, for which operations are compiled once.
    padded = [point for _, point in own]
    padded += padded[-1:] * (-len(own) % 64)
    leaves = jax.tree_util.tree_leaves(f(*map(np.array, zip(*padded))))
    table = np.array([np.broadcast_to(x, len(padded)) for x in leaves]).T
    found |= {n: list(map(float, row)) for (n, _), row in zip(own, table)}
print(json.dumps([found[n] for n in range(len(calls))]))
"""


def by_jax(codes, calls):
    done = subprocess.run(
        [sys.executable, "-c", JAX],
        input=json.dumps([codes, calls]),
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_jax(cases):
    pytest.importorskip("jax")
    # Doubles with few digits are 0 to it.
    ordinary = [
        (case, expected)
        for case, expected in cases
        if not any(0 < abs(x) < 1e-300 for x in case.point) and "e-3" not in case.text
    ]
    assert len(cases) - len(ordinary) < 100
    compare(ordinary, "jax", by_jax)


def renamed(code, k):
    """The code in C with names of its own, so that it may be in a file with others."""
    names = re.findall(r"^(?:static )?(?:double|void) (\w+)\(", code, re.M)
    lines = [f"#define {name} {name}_{k}" for name in names]
    ends = [f"#undef {name}" for name in names]
    # Behind the headers, of which each is read once.
    return "\n".join(
        ["#include <math.h>", "#include <stdbool.h>", *lines, code, *ends, ""]
    )


def compiled(tmp_path, code, *options):
    if not shutil.which("gcc"):
        pytest.skip("there is no gcc")
    path, program = tmp_path / "f.c", tmp_path / "f"
    path.write_text(code, encoding="utf-8")
    command = ["gcc", *WARNINGS, *options, path, "-o", program, "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr[:3000]
    done = subprocess.run([program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    return [list(map(float, line.split())) for line in done.stdout.splitlines()]


def literal(x):
    return "NAN" if x != x else repr(x).replace("inf", "INFINITY")


def by_c(tmp_path, option):
    def run(codes, calls):
        parts = [renamed(code, k) for k, code in codes.items()]
        parts.append(
            "#include <stdio.h>\nint main(void)\n{\n    double v[64], g[64][64];"
        )
        for k, point in calls:
            head = re.findall(r"^(?:double|void) f\((.*?)\)$", codes[k], re.M | re.S)[0]
            arguments = list(map(literal, point))
            counts = [int(n) for n in re.findall(r"\[(\d+)\]", head)]
            if "values[" in head:
                rows, columns = counts[0], counts[2] if len(counts) > 1 else 0
                arguments.append("v")
                if columns:
                    arguments.append(f"(double (*)[{columns}])g")
                parts.append(f"    f_{k}({', '.join(arguments)});")
                parts.append(
                    f'    for (int i = 0; i < {rows}; i++) printf("%.17g ", v[i]);'
                )
                count = rows * columns
            else:
                count = counts[0] if counts else 0
                arguments += ["g[0]"] * bool(counts)
                parts.append(f'    printf("%.17g ", f_{k}({", ".join(arguments)}));')
            parts.append(
                f'    for (int i = 0; i < {count}; i++) printf("%.17g ", (*g)[i]);'
                if count
                else "    (void)g;"
            )
            parts.append('    printf("\\n");')
        parts.append("    (void)v;\n    return 0;\n}\n")
        return compiled(tmp_path, "\n".join(parts), option)

    return run


def test_c(cases, tmp_path):
    compare(cases, "c", by_c(tmp_path, "-O1"))


def node(script, given=""):
    if not shutil.which("node"):
        pytest.skip("there is no node")
    done = subprocess.run(
        ["node", "-"], input=script, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def by_node(codes, calls):
    parts = ["const f = {};"]
    for k, code in codes.items():
        parts.append(
            f"f[{k}] = ((module) => {{\n{code}\nreturn module.exports.f;\n}})({{}});"
        )
    parts.append(
        """
for (const [k, point] of CALLS) {
    const { value, gradient, values, jacobian } = f[k](...point);
    const numbers = values === undefined
        ? [value, ...Object.values(gradient)]
        : [...values, ...jacobian.flatMap((row) => Object.values(row))];
    console.log(numbers.join(" "));
}
""".replace("CALLS", json.dumps(calls))
    )
    for line in node("\n".join(parts)).splitlines():
        yield [float(x.replace("Infinity", "inf")) for x in line.split(" ")]


def test_javascript(cases):
    compare(cases, "javascript", by_node)


@pytest.mark.parametrize(
    "name", ["gamma", "lgamma", "digamma", "polygamma", "factorial", "sinc_n"]
)
def test_what_is_written_out_in_javascript(name):
    """All over the domain, and close to the zeros as right as x is."""
    operation = OPERATIONS[name]
    code = source(f"{name}({', '.join(operation.operands)})", "javascript", ())
    points = sample(name, RULES[name], 300)
    results = by_node({0: code}, [(0, point) for point in points])
    for point, (found,) in zip(points, results, strict=True):
        try:
            value = operation.compute(point)
        except OverflowError:
            assert not math.isfinite(found), point
            continue
        except ValueError:
            assert math.isnan(found), point
            continue
        try:
            slope = operation.gradient(point, min(abs(point[-1]), 1.0))[-1]
        except OverflowError:
            slope = 0.0
        close = 1e-13 * abs(value) + 1e-14 * abs(slope) + 1e-322
        assert abs(found - value) <= close, (point, found, value)


def test_derivatives_that_only_jax_has():
    pytest.importorskip("jax")
    found = [Case("digamma(x)", [x]) for x in (4.5, -0.1, -2.5, 1.0, 30.0)]
    found += [Case("gamma(x) + lgamma(x)*factorial(x)", [x]) for x in (4.5, 0.3, -1.5)]
    codes = {k: source(case.text, "jax") for k, case in enumerate(found)}
    results = by_jax(codes, [(k, case.point) for k, case in enumerate(found)])
    for case, result in zip(found, results, strict=True):
        for one, (value, _) in zip(result, case.expected(), strict=True):
            assert one == pytest.approx(value, rel=1e-10)


# ---- Every operation -----------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_operation_is_calculated_or_refused_by_name(language):
    title = {"numpy": "NumPy", "jax": "JAX", "c": "C", "javascript": "JavaScript"}
    refused = set()
    for name, operation in OPERATIONS.items():
        letters = ", ".join("xyz"[: len(operation.operands)])
        text = f"{name}({letters})" if operation.spoken else "x"
        if name in ("polygamma", "sinc_n"):
            text = f"{name}(3, x)"
        elif operation.infix and name not in ("and", "or"):
            text = f"if(x {operation.infix} y, 1, 2)" if "t" in name else text
        try:
            source(text, language, ())
        except UsageError as error:
            assert f"{name} cannot be written in" in str(error)
            assert str(error).endswith(title.get(language, "Python"))
            refused.add(name)
    assert refused == REFUSED[language]


def test_what_is_refused_is_named():
    with pytest.raises(UsageError, match=r"^polygamma cannot be written in Python$"):
        source("digamma(x)", "python")
    with pytest.raises(UsageError, match=r"^gamma cannot be written in NumPy$"):
        source("gamma(x)", "numpy")


# ---- Names and comments --------------------------------------------------------------

HOSTILE = [
    *("lambda", "class", "double", "return", "math", "np", "jnp", "value", "d_x", "v1"),
    *("c1", "x", "π2", "θ", "Δx", "μ", "µ", "ﬁ", "fi", "__proto__", "INFINITY", "int"),
    *("NaN", "Infinity", "eval", "arguments", "None", "__debug__", "sigmoid", "_Bool"),
    *("abs", "max", "log", "f", "gradient", "main", "module", "nowhere", "undefined"),
    *("linux", "unix", "M_PI", "u03b8", "y1", "await", "special", "Math", "larger"),
]
PROGRAM = "; ".join(
    [
        "s = " + " + ".join(f"{k}*sin({x})" for k, x in enumerate(HOSTILE, 1)),
        "if(s > 0 and sqrt(s) > 0.1, sigmoid(s) + abs(s)*max(s, x), ln(-s))",
    ]
)
COMMENTS = [
    "x # */ \"\"\" ''' \\",
    "x # \\N{x} \\u12 \\x \\",
    "x # */*/ /* // */ **/ *//* ??/ ???/",
    'x # "\\""" \\" ""',
    "s = x # \r\u2028 \x85 \x00 \x1b[2J \u202e\n# */ \\\ns",
    "x # <!-- --> </script> ${x} `",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_and_texts(language, tmp_path):
    run = {
        "python": in_process,
        "numpy": in_process,
        "jax": by_jax,
        "c": by_c(tmp_path, "-O2"),
        "javascript": by_node,
    }[language]
    texts = [PROGRAM, *COMMENTS]
    codes, calls, wanted = {}, [], []
    for k, text in enumerate(texts):
        try:
            formula = Formula(text)
        except ExprdiffError:
            continue
        codes[k] = source(text, language)
        for sign in (1.0, -1.0):
            point = [sign * 0.1 * n for n in range(1, len(formula.variables) + 1)]
            calls.append((k, point))
            wanted.append(Case(text, point).expected())
    assert len(codes) > 4
    for found, expected in zip(run(codes, calls), wanted, strict=True):
        assert len(found) == len(expected)
        assert all(map(agree, found, expected))
    for code in codes.values():
        assert not re.search("[\x00-\x09\x0b-\x1f\x85\u2028\u202e]", code)


# ---- Long formulas -------------------------------------------------------------------

LONG = {
    "sum": "+".join(["x*y"] * 20_000),
    "functions": "sin(" * 5_000 + "x" + ")" * 5_000,
    "then": "".join(f"if(x > -{k}, {k}*x + " for k in range(500))
    + "x*x"
    + ", 3)" * 500,
    "else": "".join(f"if(x > {k}, ln({k} + x), " for k in range(9, 500))
    + "x"
    + ")" * 491,
    "and": f"if({' and '.join(f'ln(x + {k}) > 0' for k in range(1, 500))}, x, 1)",
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("language", ["python", "numpy", "c", "javascript"])
def test_long_formulas(language, name, tmp_path):
    run = {
        "python": in_process,
        "numpy": in_process,
        "c": by_c(tmp_path, "-O0"),
        "javascript": by_node,
    }[language]
    text = LONG[name]
    formula = Formula(text)
    point = [0.25, 3.0][: len(formula.variables)]
    code = source(text, language)
    assert len(code) < 80 * len(formula.program().steps) + 4000
    (found,) = run({0: code}, [(0, point)])
    gradient = formula.gradient(**dict(zip(formula.variables, point, strict=True)))
    value = formula.evaluate(**dict(zip(formula.variables, point, strict=True)))
    assert found == pytest.approx([value, *gradient.values()], rel=1e-9)


# ---- How it looks --------------------------------------------------------------------


def test_code_in_python():
    assert (
        source("ln(x1) + x1*x2", "python")
        == '''\
import math


def f(x1, x2):
    """Value and gradient of

        ln(x1) + x1*x2

    Returns the value and the tuple of its derivatives with respect to x1, x2. Where
    they are undefined or too large it raises ValueError, ZeroDivisionError or
    OverflowError.
    """
    value = math.log(x1) + x1*x2
    d_x1 = 1.0/x1 + x2
    d_x2 = x1
    return value, (d_x1, d_x2)
'''
    )


def test_what_is_shared_on_one_side_of_a_choice_is_calculated_there():
    assert """\
    if x > 0.0:
        v1 = math.sqrt(x)
        value = v1*y
        d_x = y/(2.0*v1)
        d_y = v1
    else:
        value = 0.0
        d_x = 0.0
        d_y = 0.0
""" in source("if(x > 0, sqrt(x)*y, 0)", "python")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_order_of_rounding_is_that_of_the_formula(language):
    code = source("x + (y + z) - (x - y) + x*(y*z) - -(-x) + 3*(x/y)", language, ())
    assert "x + (y + z) - (x - y) + x*(y*z) - " in code
    assert "3.0*(x/y)" in code


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_round_trip(language):
    code = source(
        "x + 0.1 + 1e300 + 12345678901234567 + 007 + .5 + 3. + 1e-7", language
    )
    for number in (
        "0.1",
        "1e+300",
        "1.2345678901234568e+16",
        "7.0",
        "0.5",
        "3.0",
        "1e-07",
    ):
        assert f" {number}" in code


def test_constants_are_those_of_the_language():
    assert "math.pi*x" in source("pi*x", "python")
    assert "3.141592653589793*x" in source("pi*x", "c")
    assert "Math.E*x" in source("e*x", "javascript")


# ---- From the text to the number -----------------------------------------------------


@pytest.mark.parametrize("language", ["python", "numpy"])
def test_the_code_gives_what_the_formula_gives(language):
    """Not only what its own derivatives give in doubles, but the gradient."""
    chance, compared = Random(3), 0
    for text in CORPUS:
        try:
            f = Formula(text)
            written = source(text, language)
        except ExprdiffError:
            continue
        code = {"__name__": "f"}
        exec(compile(written, "f", "exec"), code)
        for _ in range(4):
            x = [
                chance.choice([chance.uniform(-3, 3), 0.0, 1.0, -1.0, 0.5])
                for _ in f.variables
            ]
            point = dict(zip(f.variables, x, strict=True))
            try:
                values, rows = f.evaluate(**point), f.jacobian(**point)
                found, slopes = code["f"](*x)
            except (ExprdiffError, ValueError, ZeroDivisionError):
                continue
            if f.outputs == 1:
                values, found, slopes = (values,), (found,), (slopes,)
            for row, slope in zip(rows, slopes, strict=True):
                for expected, got in zip(row.values(), slope, strict=True):
                    if got != got and 0 in x and re.search(r"\^|\*\*|pow", text):
                        continue  # 0^0, of which derivatives have no number
                    if math.isfinite(expected):
                        assert got == pytest.approx(expected, rel=1e-10, abs=1e-13), (
                            text
                        )
                        compared += 1
            assert found == pytest.approx(values, rel=1e-12, abs=1e-15), text
    assert compared > 500
