"""Large inputs: right, within seconds, and without recursion."""

import subprocess
import sys

import pytest

import exprdiff
from exprdiff import Add, Executor, Identity
from exprdiff.render import render

N = 100_000
K = N // 10

PROGRAM = "; ".join(["s0 = x", *(f"s{k + 1} = s{k}+1" for k in range(K)), f"s{K}"])


@pytest.fixture(autouse=True)
def shallow_stack():
    """A stack so shallow that no recursion goes unnoticed."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(250)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.parametrize(
    "text, value, gradient",
    [
        pytest.param("(" * N + "x" + ")" * N, 0.5, 1, id="parentheses"),
        pytest.param("-" * N + "x", 0.5, 1, id="minus"),
        pytest.param("-" * (N + 1) + "x", -0.5, -1, id="odd_minus"),
        pytest.param("+".join(["x"] * N), N / 2, N, id="sum"),
        pytest.param("*".join(["1"] * N) + "*x", 0.5, 1, id="product"),
        pytest.param("1^" * N + "x", 1, 0, id="powers"),
        pytest.param("x^" + "1^" * N + "1", 0.5, 1, id="exponent"),
        pytest.param("abs(" * N + "x" + ")" * N, 0.5, 1, id="chain"),
        pytest.param("x + " * N + "x", (N + 1) / 2, N + 1, id="spaces"),
        pytest.param("x+(" * N + "x" + ")" * N, (N + 1) / 2, N + 1, id="right"),
        pytest.param(PROGRAM, K + 0.5, 1, id="statements"),
        pytest.param(PROGRAM.replace("; ", "  # and\n"), K + 0.5, 1, id="lines"),
        pytest.param("x" + ";" * N, 0.5, 1, id="semicolons"),
        pytest.param("\n" * N + "x", 0.5, 1, id="empty_lines"),
        pytest.param("x #" + "y" * N * 10, 0.5, 1, id="comment"),
        pytest.param("if(x>0," * K + "x" + ",1)" * K, 0.5, 1, id="taken"),
        pytest.param("if(x>0,1," * K + "x" + ")" * K, 1, 0, id="not_taken"),
        pytest.param(f"if({' and '.join(['x>0'] * K)},x,1)", 0.5, 1, id="and"),
        pytest.param(f"if({' or '.join(['x<0'] * K)},1,x)", 0.5, 1, id="or"),
        pytest.param(f"if(0{'<=x' * K},x,1)", 0.5, 1, id="chain_of_ties"),
        pytest.param(f"if({'not ' * N}x>0,x,1)", 0.5, 1, id="not"),
        pytest.param(f"if({'(' * N}x>0{')' * N},x,1)", 0.5, 1, id="grouped"),
        pytest.param(f"max({','.join(['x'] * K)})", 0.5, 1, id="equal_arguments"),
        pytest.param(f"{'+'.join(['abs(x-x)'] * K)}+x", 0.5, 1, id="kinks"),
        pytest.param("abs(" * K + "x-x" + ")" * K + "+x", 0.5, 1, id="deep_kinks"),
    ],
)
def test_large_expressions(text, value, gradient):
    expression = exprdiff.parse(text)
    assert expression.evaluate(x=0.5) == value
    trace = expression.trace(x=0.5)
    assert trace.jacobian == [{"x": pytest.approx(gradient, rel=1e-9)}]
    assert len(trace.notes) <= 101
    assert float(render(trace, "trace").partition("\n")[0]) == value
    assert render(trace, "json").startswith('{"expression": ')


def test_a_chain_of_functions_converges_as_it_must():
    """sin iterated N times tends to sqrt(3/N); the next term is that of de Bruijn."""
    text = "sin(" * N + "x" + ")" * N
    value = exprdiff.parse(text).evaluate(x=1)
    assert value == pytest.approx((3 / N) ** 0.5, rel=1e-4)


def test_many_values():
    """Each of them knows the few nodes that it depends on."""
    names = [f"v{k}" for k in range(N // 20)]
    text = ",".join(f"2*{name}" for name in names)
    point = dict.fromkeys(names[:100], 1)
    rows = exprdiff.parse(",".join(f"2*{name}" for name in names[:100])).jacobian(
        **point
    )
    assert [row[f"v{k}"] for k, row in enumerate(rows)] == [2] * 100
    assert len(exprdiff.parse(text).evaluate(**dict.fromkeys(names, 1))) == len(names)


def test_many_variables():
    names = [f"v{k}" for k in range(N // 5)]
    gradient = exprdiff.parse("*".join(names)).gradient(**dict.fromkeys(names, 1))
    assert gradient == dict.fromkeys(names, 1)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS sets no such limit")
def test_memory_is_in_proportion():
    source = """
import resource
from exprdiff.cli import main
resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))
main(["sin(" * 20_000 + "x" + ")" * 20_000, "--x=1"])
"""
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "text, nodes",
    [
        pytest.param("x+" * N + "x", N, id="width"),
        pytest.param("-" * N + "x", N, id="depth"),
        pytest.param("sin(" * N + "x" + ")" * N, N, id="functions"),
        pytest.param("sqrt(" * N + "x" + ")" * N, N, id="edges"),
        pytest.param("x*(" * N + "x" + ")" * N, N, id="right"),
        pytest.param("+".join(["sin(x)*x^3/3.5"] * K), 5 * K, id="mix"),
        pytest.param(PROGRAM, K, id="statements"),
    ],
)
def test_a_node_takes_no_more_than_600_bytes(text, nodes):
    """From text to gradient, at its peak."""
    source = """
import sys, tracemalloc
import exprdiff
text = sys.stdin.read()
exprdiff.parse("sin(sqrt(x)) * x^3 / -x").gradient(x=0.5)
tracemalloc.start()
exprdiff.parse(text).point(x=0.5)
print(tracemalloc.get_traced_memory()[1])
"""
    done = subprocess.run(
        [sys.executable, "-c", source], input=text, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert int(done.stdout) / nodes < 600


def test_a_shared_graph_with_2_to_the_10000_paths():
    x = node = Identity()(1.0)
    for _ in range(10_000):
        node = Add()(node, node) * 0.5
    executor = Executor(node)
    assert executor.node_calculate() == 1
    executor.derivation()
    assert x.grad == 1


def test_a_million_nodes_deep_can_be_built_and_dropped():
    source = """
import exprdiff
x = node = exprdiff.Identity()(1)
for _ in range(1_000_000):
    node = -node
executor = exprdiff.Executor(node)
executor.derivation()
print(executor.outputs[0].value, x.grad)
"""
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True
    )
    assert (done.stdout, done.returncode) == ("1 1.0\n", 0)


@pytest.mark.parametrize(
    "text, value, slope",
    [
        pytest.param("-" * 10 * N + "x", 0.5, 1, id="depth"),
        pytest.param("+".join(["x"] * 5 * N), 2.5 * N, 5 * N, id="width"),
    ],
)
def test_a_million_tokens_are_an_ordinary_input(text, value, slope):
    point = exprdiff.parse(text).point(x=0.5)
    assert (point.values, point.jacobian) == ((value,), [{"x": slope}])


@pytest.mark.parametrize(
    "text, value",
    [
        # Where a loop or a number with many digits would be easy to come by.
        ("digamma(-1e15-0.5)", 34.538776394910684),
        ("lgamma(1e300)", 6.897755278982137e302),
        ("gamma(-1e15-0.5)", 0),
        ("floor(1e308)", 1e308),
        ("round(-1e308)", -1e308),
        ("mod(1e308, 3)", 2),
        ("mod(1e308, 1e-308)*0", 0),
        ("2^-1e308", 0),
        ("sin(1e308)", 0.4533964905016491),
        ("0." + "0" * 5000 + "1", 0),
        ("0" * 5000 + "7", 7),
    ],
)
def test_large_numbers_take_no_time(text, value):
    assert exprdiff.parse(text).evaluate() == pytest.approx(value, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    "text, message",
    [
        pytest.param("(" * N, "but the expression ends", id="open"),
        pytest.param("(" * N + "x", "is never closed", id="open_x"),
        pytest.param("(" * N + "x" + ")" * (N + 1), "closes nothing", id="close"),
        pytest.param(
            "(" * N + "x" + ")" * N + "y", "an operator is missing", id="then"
        ),
        pytest.param("y" + "(" * N + "x" + ")" * N, "y is no function", id="call"),
        pytest.param(
            "2" + "(" * N + "x" + ")" * N, "an operator is missing", id="number"
        ),
        pytest.param("(a)^" * N + "(a) b", "an operator is missing", id="tower"),
        pytest.param("-" * N, "but the expression ends", id="minus"),
        pytest.param("ln(" * N + "x" + ")" * N, None, id="domain"),
        pytest.param("n" * N + "(x)", "is no function", id="name"),
        pytest.param("x*" + "1" * N, "is beyond", id="digits"),
        pytest.param("x*9^9^9^9", "is beyond", id="nines"),
        pytest.param("x" * N + " y", "an operator is missing", id="long"),
        pytest.param("x€" * N, "has no meaning", id="odd"),
        pytest.param("1e400*x", "the number 1e400 is beyond", id="exponent"),
        pytest.param("x*1e" + "9" * 5000, "is beyond", id="digits_of_an_exponent"),
        pytest.param("x*factorial(1e9)", "is beyond", id="factorial"),
        pytest.param("factorial(-1e9)*x", "is undefined", id="no_factorial"),
        pytest.param("x*gamma(1e308)", "is beyond", id="gamma"),
        pytest.param("x*exp2(1e308)", "is beyond", id="exp2"),
        pytest.param("x*9**9**9**9**9", "is beyond", id="exponents"),
        pytest.param("if(" * N, "but the expression ends", id="if"),
        pytest.param("if(" + "(" * N + "x", "is never closed", id="if_open"),
        pytest.param("if(" + "x and " * N + "1", "condition", id="no_condition"),
        pytest.param("s = " * N, "is given a value", id="is"),
        pytest.param(";".join("x" * N), "only the last statement", id="results"),
        pytest.param("x,(" * N, "a comma stands only", id="commas"),
    ],
)
def test_errors_in_large_expressions_are_short(text, message):
    with pytest.raises(exprdiff.ExprdiffError) as error:
        exprdiff.parse(text).evaluate(x=0.5)
    assert message is None or message in str(error.value)
    assert len(str(error.value)) < 500
