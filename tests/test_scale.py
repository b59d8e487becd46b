"""Large inputs: right, within seconds, and without recursion."""

import subprocess
import sys

import pytest

import exprdiff
from exprdiff import Add, Executor, Identity
from exprdiff.render import render

N = 100_000


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
    ],
)
def test_large_expressions(text, value, gradient):
    expression = exprdiff.parse(text)
    assert expression.evaluate(x=0.5) == value
    trace = expression.trace(x=0.5)
    assert trace.jacobian == [{"x": gradient}]
    assert float(render(trace, "trace").partition("\n")[0]) == value
    assert render(trace, "json").startswith('{"expression": ')


def test_a_chain_of_functions_converges_as_it_must():
    """sin iterated N times tends to sqrt(3/N); the next term is that of de Bruijn."""
    text = "sin(" * N + "x" + ")" * N
    value = exprdiff.parse(text).evaluate(x=1)
    assert value == pytest.approx((3 / N) ** 0.5, rel=1e-4)


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
    ],
)
def test_errors_in_large_expressions_are_short(text, message):
    with pytest.raises(exprdiff.ExprdiffError) as error:
        exprdiff.parse(text).evaluate(x=0.5)
    assert message is None or message in str(error.value)
    assert len(str(error.value)) < 500
