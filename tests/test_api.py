"""The Python face: the article's program as it stands, and the short way."""

import doctest
import math
import pickle
import subprocess
import sys
import threading

import pytest
from transcripts import GOLDEN, commands

import exprdiff
from exprdiff import (
    Add,
    Div,
    Executor,
    Identity,
    If,
    Ln,
    Lt,
    Max,
    Mul,
    Node,
    Operation,
    Power,
    Sigmoid,
    Square,
    Sub,
)

identity, add, sub, mul, div = Identity(), Add(), Sub(), Mul(), Div()
square, ln, sigmoid = Square(), Ln(), Sigmoid()


def shared_variable():
    x1, x2 = identity(2), identity(5)
    return x1, x2, add(ln(x1), mul(x1, x2))


def product():
    x1, x2 = identity(2), identity(1)
    return x1, x2, mul(add(x1, x2), add(x2, 1))


def fraction():
    x1, x2 = identity(3), identity(-4)
    above = add(x1, sigmoid(x2))
    below = add(sigmoid(x1), square(add(x1, x2)))
    return x1, x2, div(above, below)


@pytest.mark.parametrize("example", [shared_variable, product, fraction])
def test_the_articles_program(example):
    """Every line that the program prints at the end stands in the article's output."""
    x1, x2, y = example()
    shift = -1 - x1.id
    executor = Executor(y)
    printed = [str(executor.node_calculate())]
    executor.derivation()
    for node in reversed(executor.topo_list):
        number, rest = str(node).split(" : ")
        printed.append(f"Node {int(number[5:]) + shift} : {rest}")
    printed.append(f"gradient of x1 is {x1.grad:.3f}")
    printed.append(f"gradient of x2 is {x2.grad:.3f}")
    path = GOLDEN / "article" / f"{example.__name__}.txt"
    (golden,) = commands(path.read_text(encoding="utf-8"))
    lines = golden.output.splitlines()
    # Of its second walk, a node's last line.
    walk = lines[1:-2][len(lines[1:-2]) // 2 :]
    last = [line for k, line in enumerate(walk) if line not in walk[k + 1 :]]
    if example is fraction:  # built in another order than the formula is read
        assert sorted(line.split(" : ")[1] for line in printed[1:-2]) == sorted(
            line.split(" : ")[1] for line in last
        )
    else:
        assert printed[1:-2] == last
    assert [printed[0], *printed[-2:]] == [lines[0], *lines[-2:]]


def test_ids_go_on_within_a_process():
    x = identity(1)
    assert (x + x).id == x.id + 1


def test_parsed_expressions_number_their_own_nodes():
    before = identity(1).id
    exprdiff.parse("x*y").evaluate(x=1, y=2)
    assert identity(1).id == before + 1


@pytest.mark.parametrize(
    "formula, value, grad",
    [
        (lambda x: x + 1, 4, 1),
        (lambda x: 1 + x, 4, 1),
        (lambda x: x - 1, 2, 1),
        (lambda x: 1 - x, -2, -1),
        (lambda x: x * 2, 6, 2),
        (lambda x: 2 * x, 6, 2),
        (lambda x: x / 2, 1.5, 0.5),
        (lambda x: 6 / x, 2.0, -2 / 3),
        (lambda x: x**2, 9, 6),
        (lambda x: x**3, 27, 27),
        (lambda x: 2**x, 8, 8 * math.log(2)),
        (lambda x: x**x, 27, 27 * (math.log(3) + 1)),
        (lambda x: x ** add(1, 1), 9, 6),
        (lambda x: -x, -3, -1),
        (lambda x: +x, 3, 1),
        (lambda x: abs(-x), 3, 1),
        (lambda x: mul(x, "0.5"), 1.5, 0.5),
        (lambda x: add(x, 1), 4, 1),
        (lambda x: (s := sigmoid(x)) * s, 0.9525741268224334**2, 0.0860682343918556),
    ],
)
def test_formulas_with_nodes_and_numbers(formula, value, grad):
    x = identity(3)
    executor = Executor(formula(x))
    assert executor.node_calculate() == value
    executor.derivation()
    executor.derivation()  # once more changes nothing
    assert x.grad == pytest.approx(grad, rel=1e-9)


@pytest.mark.parametrize(
    "exponent, name",
    [
        *((2, "square"), ("2", "square"), (2.0, "power"), (identity(2), "pow")),
        *((3, "power"), (1, "power"), (-2, "power")),
    ],
)
def test_powers_are_one_of_three_operations(exponent, name):
    assert (identity(3) ** exponent).operation.name == name


def test_a_constant_exponent_has_no_gradient():
    exponent = add(1, 1)
    executor = Executor(identity(3) ** exponent)
    executor.derivation()
    assert str(exponent).endswith("add = 2, grad: none")


def test_the_nodes_of_a_process_are_numbered_from_minus_1():
    source = "from exprdiff import Neg; x = Neg()(2); print(x, -x, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [
        "Node -1 : [2] neg = None, grad: 0.000",
        "Node 0 : [None] neg = None, grad: 0.000",
    ]


def test_an_operand_that_is_not_taken_shows():
    node = exprdiff.If()(True, identity(3), "1")
    Executor(node).derivation()
    assert str(node).endswith("[True, 3, 1] if = 3, grad: 1.000")
    node = exprdiff.If()(True, 3, identity(1))
    Executor(node).derivation()
    assert str(node).endswith("[True, 3, not taken] if = 3, grad: 1.000")


def test_a_subclass_of_an_operation_has_its_rule():
    class Logarithm(Ln):
        """Ln by another name."""

    assert Logarithm.signature == "logarithm(x)"
    assert Logarithm().gradient([2], 1.0) == [0.5]


def test_the_articles_fault_is_not_here():
    """With a shared node that is no variable: 0.28746968, and there 0.575."""
    x = identity(1.0)
    s = sigmoid(x)
    executor = Executor(mul(s, s))
    executor.derivation()
    assert x.grad == pytest.approx(0.28746968, abs=5e-9)
    assert executor.topo_list == [x, s, executor.outputs[0]]


def test_operations_compute_and_differentiate_numbers():
    assert mul.name == "mul"
    assert mul.compute([2, 5]) == 10
    assert mul.gradient([2, 5], 1.0) == [5, 2]
    assert ln.gradient([2], 3.0) == [1.5]


def test_literals_are_inputs_and_no_nodes():
    x = identity(2)
    assert add(x, 1).inputs == (x, 1)
    assert ((x + 1).inputs, (1 + x).inputs) == ((x, 1), (1, x))
    assert ((x * 3).inputs, (3 * x).inputs) == ((x, 3), (3, x))


def test_inputs_never_change_once_a_node_is_built():
    x = identity(2)
    given = [x, 1]
    node = Node(add, given)
    given.clear()
    assert node.inputs == Node(add, iter([x, 1])).inputs == (x, 1)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: add(1), r"add\(a, b\) takes 2 inputs, not 1"),
        (lambda: ln(1, 2), r"ln\(x\) takes 1 inputs, not 2"),
        (lambda: exprdiff.Max()(1), r"\.\.\.\) takes 2 or more inputs, not 1"),
        (
            lambda: Power()(identity(2), identity(3)),
            "last input of power must be const",
        ),
        (lambda: Node(identity, [1], 4), "positional arguments"),
        (lambda: exprdiff.parse(5), "an expression is a string, not int"),
        (lambda: ln([1]), "ln takes nodes and numbers, not list"),
        (lambda: identity(1) + None, "add takes nodes and numbers, not NoneType"),
        (lambda: Max()(identity(1)), r"max\(a, b, ...\) takes 2 or more inputs, not 1"),
        (lambda: Executor(), "^an executor runs one node or several"),
        (lambda: Executor(identity(1), 2), "an executor runs one node or several"),
    ],
)
def test_nodes_refuse_what_they_cannot_take(make, message):
    with pytest.raises(TypeError, match=message):
        make()


def test_an_operation_of_ones_own():
    class Cube(Operation):
        """Cube."""

        def value(m, x):
            return x * x * x

        def partials(m, y, x):
            return (3 * x * x,)

        def described(self):
            return f"{self.signature} is a cube"

    assert Cube().described() == "cube(x) is a cube"
    x = identity(2)
    executor = Executor(Cube()(x) + 1)
    assert executor.node_calculate() == 9
    executor.derivation()
    assert x.grad == 12
    assert str(executor.outputs[0].inputs[0]).endswith("[2] cube = 8, grad: 1.000")


def test_an_operation_of_ones_own_with_a_parameter():
    class Blend(Operation):
        """Something between a and b."""

        parameters = 1

        def value(m, a, b, t):
            return a + t * (b - a)

        def partials(m, y, a, b, t):
            return 1 - t, t

    a, b = identity(2), identity(10)
    executor = Executor(Blend()(a, b, 0.25))
    assert executor.node_calculate() == 4
    executor.derivation()
    assert (a.grad, b.grad) == (0.75, 0.25)
    with pytest.raises(TypeError, match="last input of blend must be constant"):
        Blend()(a, b, identity(0.25))


def test_a_choice_of_ones_own_that_cannot_choose():
    class Sure(Operation):
        """The first input, if only it is positive."""

        def value(m, a, b):
            return a

        def branch(m, a):
            if a <= 0:
                raise ValueError("cannot choose")
            return 0

    assert Executor(Sure()(identity(2), 1)).node_calculate() == 2
    with pytest.raises(ValueError, match="cannot choose"):
        Executor(Sure()(identity(-2), 1)).node_calculate()


def test_an_operation_whose_slope_overflows():
    class Steep(Operation):
        """Something finite with a slope that is not."""

        def value(m, x):
            return x

        def partials(m, y, x):
            return (m.exp(1000 * x),)

    executor = Executor(Steep()(identity(2)))
    with pytest.raises(
        exprdiff.RangeError, match=r"derivative of steep\(x\) in x at steep"
    ):
        executor.derivation()
    x, constant = identity(2), add(1, 1)
    Executor(x * Steep()(constant)).derivation()
    assert x.grad == 2
    assert math.isnan(constant.grad)


def test_an_operation_that_does_not_say_where_it_is_defined():
    class Half(Operation):
        """The identity above 0."""

        def value(m, x):
            return m.where(x < 0, m.nan, x)

        def partials(m, y, x):
            return (1,)

        def kink(m, y, x):
            return x == 0

    with pytest.raises(exprdiff.DomainError, match=r"^half\(-1\) is undefined$"):
        Executor(Half()(identity(-1))).node_calculate()
    (note,) = Executor(Half()(identity(0))).trace().notes
    assert note.endswith("is undefined below and 1 above, and counts as 1")


@pytest.mark.parametrize(
    "node, options, where",
    [
        (Node(sub, [1, 1], id=4), {}, "x is node 4 (sub) = 0"),
        (Node(sub, [1, 1], id=4), {"text": "ln(1-1)"}, "x is node 4 (sub) = 0"),
        (Node(sub, [1, 1], id=4, span=(3, 6)), {}, "x is node 4 (sub) = 0"),
        (Node(identity, ["y"], name="y"), {"values": {"y": 0}}, "x is y = 0"),
    ],
)
def test_errors_of_graphs_without_text_name_the_node(node, options, where):
    with pytest.raises(exprdiff.DomainError) as error:
        Executor(ln(node), **options).node_calculate()
    assert str(error.value) == f"ln(0) is undefined: ln(x) needs x > 0, but {where}"


@pytest.mark.parametrize(
    "span, text", [(None, None), ((0, 7), None), (None, "2*1e999")]
)
def test_a_literal_that_overflows_in_a_graph_without_text(span, text):
    node = Node(mul, [identity(2), "1e999"], span=span)
    with pytest.raises(exprdiff.RangeError, match="the number 1e999 is beyond"):
        Executor(node, text=text).node_calculate()


def test_expression():
    f = exprdiff.parse("ln(x1)+x1*x2")
    assert f.text == "ln(x1)+x1*x2"
    assert f.variables == ("x1", "x2")
    assert f.evaluate(x1=2, x2=5) == 10.693147180559945
    assert f.gradient(x1=2, x2=5) == {"x1": 5.5, "x2": 2.0}
    assert f.gradient(x1=1, x2=0) == {"x1": 1.0, "x2": 1.0}
    assert f.trace(x1=2, x2=5).steps[0].value == 10.693147180559945


def test_an_expression_with_several_values():
    f = exprdiff.parse("x*y, x/y")
    assert f.outputs == 2
    assert f.evaluate(x=6, y=2) == (12, 3.0)
    assert f.jacobian(x=6, y=2) == [{"x": 2, "y": 6}, {"x": 0.5, "y": -1.5}]
    assert f.jacobian(["y"], x=6, y=2) == [{"y": 6}, {"y": -1.5}]
    with pytest.raises(exprdiff.UsageError, match="ask for its jacobian"):
        f.gradient(x=6, y=2)


def test_only_the_derivatives_that_are_asked_for():
    f = exprdiff.parse("x^y")
    assert f.gradient(["x"], x=-2, y=2) == {"x": -4}
    assert f.gradient({"x", "y"}, x=2, y=1) == pytest.approx(
        {"x": 1, "y": 1.3862943611198906}, rel=1e-15
    )
    assert f.gradient([], x=-2, y=2) == {}
    assert [step.id for step in f.trace(["x"], x=-2, y=2).steps] == [1, 0, -1]
    with pytest.raises(exprdiff.UnknownVariable, match="no variable z"):
        f.gradient(["z"], x=-2, y=2)
    with pytest.raises(exprdiff.DomainError, match="derivative of pow"):
        f.gradient(["y"], x=-2, y=2)


def test_a_choice_made_of_nodes():
    x = identity(-4)
    root = If()(Lt()(x, 0), x * x, ln(x))
    executor = Executor(root)
    assert executor.node_calculate() == 16
    executor.derivation()
    assert x.grad == -8
    assert str(root).endswith("[True, 16, not taken] if = 16, grad: 1.000")


def test_expression_with_awkward_names():
    assert exprdiff.parse("self*text").gradient(self=2, text=3) == {
        "self": 3,
        "text": 2,
    }


@pytest.mark.parametrize(
    "values, error, message",
    [
        ({"x": 1}, exprdiff.MissingValues, "no value for y"),
        ({}, exprdiff.MissingValues, "no value for x, y"),
        ({"x": 1, "y": 2, "z": 3}, exprdiff.UnknownVariable, "no variable z"),
        ({"x": 1, "y": 2, "pi": 3}, exprdiff.UnknownVariable, "no variable pi"),
        ({"x": 1, "y": "two"}, exprdiff.UsageError, "y=two is no number"),
        ({"x": 1, "y": "pi"}, exprdiff.UsageError, "y=pi is no number"),
        ({"x": 1, "y": math.nan}, exprdiff.UsageError, "y=nan is no number"),
        ({"x": 1, "y": None}, exprdiff.UsageError, "y=None is no number"),
        ({"x": 1, "y": 10**400}, exprdiff.RangeError, "value of y is beyond"),
        ({"x": 1, "y": 0}, exprdiff.DomainError, r"div\(1, 0\) is undefined"),
    ],
)
def test_expression_refuses(values, error, message):
    with pytest.raises(error, match=message):
        exprdiff.parse("x/y").gradient(**values)


def test_errors_carry_their_place():
    with pytest.raises(exprdiff.ParseError) as error:
        exprdiff.parse("1 + foo(x)")
    assert (error.value.text, error.value.span) == ("1 + foo(x)", (4, 7))
    with pytest.raises(exprdiff.DomainError) as error:
        exprdiff.parse("1 + ln(x)").evaluate(x=0)
    assert error.value.span == (4, 9)


@pytest.mark.parametrize("text, values", [("x(", {}), ("x", {}), ("1/x", {"x": 0})])
def test_errors_can_be_sent_to_other_processes(text, values):
    for given in (values, {"y": 1}):
        with pytest.raises(exprdiff.ExprdiffError) as error:
            exprdiff.parse(text).evaluate(**given)
        again = pickle.loads(pickle.dumps(error.value))
        assert (type(again), str(again)) == (error.type, str(error.value))


def test_threads_may_parse_at_once():
    found = {}

    def work(k):
        for _ in range(20):
            found[k] = exprdiff.parse(
                "+".join(f"v{k}_{i}" for i in range(30))
            ).variables

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert found == {k: tuple(f"v{k}_{i}" for i in range(30)) for k in range(8)}


def test_the_package_has_no_more_names_than_it_means_to():
    assert not vars(exprdiff).keys() & {"Any", "ClassVar", "OPERATIONS", "RULES"}


def test_docstrings_run():
    assert doctest.testmod(exprdiff).failed == 0
