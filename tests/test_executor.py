"""The sweeps: orders, shared nodes, and what is not finite."""

import pytest

import exprdiff
from exprdiff import (
    Add,
    DomainError,
    Executor,
    Identity,
    MissingValues,
    Mul,
    Node,
    RangeError,
    UsageError,
)
from exprdiff.operations import Operation
from exprdiff.render import render

identity, add, mul = Identity(), Add(), Mul()


def shared(depth):
    """The expression of s_depth, where s_k = s_(k-1) + s_(k-1) is one shared node."""
    x = node = identity(1)
    for _ in range(depth):
        node = add(node, node)
    return x, node


@pytest.mark.parametrize(
    "text, order",
    [
        # Of a shared node's places the last: every user stands above what it uses.
        ("ln(x1)+x1*x2", [3, 2, 0, 1, -1]),
        ("(x1+x2)*(x2+1)", [3, 2, 1, 0, -1]),
        ("(x1+σ(x2))/(σ(x1)+(x1+x2)^2)", [7, 6, 5, 4, 3, 2, 1, 0, -1]),
    ],
)
def test_order_of_the_trace(text, order):
    expression = exprdiff.parse(text)
    trace = expression.trace(**dict.fromkeys(expression.variables, 2))
    assert [step.id for step in trace.steps] == order
    seen = set()
    for step in trace.steps:
        seen.add(step.id)
        assert not seen & set(step.inputs)


@pytest.mark.parametrize("depth", [1, 10, 900])
def test_shared_nodes_count_once(depth):
    x, root = shared(depth)
    executor = Executor(root)
    assert executor.node_calculate() == 2**depth
    executor.derivation()
    assert x.grad == 2**depth
    assert len(executor.topo_list) == depth + 1


def test_article_passes_on_only_what_is_new():
    """3 s + s of a shared s = x^2 at 1: the gradient is 8, and 10 if s counts twice."""
    x = identity(1)
    s = mul(x, x)
    lines = render(Executor(add(mul(s, 3), s)).trace(), "article").splitlines()
    grads = [float(line.rsplit(" ", 1)[1]) for line in lines[1:]]
    # The sum, s, x, x; the product, s once more, x, x; then all of it with the end's.
    assert grads[:8] == [1, 1, 2, 2, 1, 4, 8, 8]
    assert grads[8:] == [1, 4, 8, 8, 1, 4, 8, 8]


def test_article_passes_on_nothing_where_nothing_came():
    """Of an infinite slope, too: the second visit of the root has nothing for it."""
    root = exprdiff.Sqrt()(identity(0))
    text = render(Executor(add(root, root)).trace(), "article")
    assert [line.rsplit(" ", 1)[1] for line in text.splitlines()[1:6]] == (
        ["1.000", "2.000", "inf", "2.000", "inf"]
    )


def test_of_several_outputs_the_first_is_calculated_and_derived():
    x = identity(3)
    executor = Executor(mul(x, x), add(x, 1))
    assert executor.node_calculate() == 9
    executor.derivation()
    assert x.grad == 6


@pytest.mark.parametrize("condition, value", [(True, 9), (False, 4)])
def test_a_condition_may_be_a_literal(condition, value):
    x = identity(3)
    root = exprdiff.If()(condition, mul(x, x), add(x, 1))
    assert Executor(root).node_calculate() == value


def test_the_trace_of_several_values_is_not_too_large(monkeypatch):
    monkeypatch.setattr("exprdiff.executor.LARGEST_TRACE", 10)
    just, more = exprdiff.parse("x*y+1, x/y"), exprdiff.parse("x*y+1, x/y-1")
    assert len(just.trace(x=1, y=2).steps) == 5
    with pytest.raises(
        UsageError,
        match=r"^the trace of 2 values would have more than 10 derivatives; ask",
    ):
        more.trace(x=1, y=2)
    assert len(more.jacobian(x=1, y=2)) == 2
    assert len(exprdiff.parse("+".join(["x"] * 20)).trace(x=1).steps) == 20


def test_the_trace_of_a_graph_has_no_expression():
    assert Executor(identity(1)).trace().expression == ""


def test_order_of_variables_is_that_of_their_ids():
    b, a = (
        Node(identity, [name], id=id, name=name) for id, name in [(-1, "b"), (0, "a")]
    )
    executor = Executor(add(a, b), values={"a": 1, "b": 2})
    assert list(executor.trace().jacobian[0]) == ["b", "a"]
    executor = Executor(add(a, b), values={"a": 1, "b": 2}, variables=[a])
    assert list(executor.point().jacobian[0]) == ["b", "a"]


@pytest.mark.parametrize(
    "root, error, message",
    [
        (identity(float("nan")), UsageError, "nan is no number"),
        (add(identity(1), "abc"), UsageError, "abc is no number"),
        (add(identity(1), "inf"), UsageError, "inf is no number"),
        (add(identity(1), "1_0"), UsageError, "1_0 is no number"),
        (Node(identity, ["x"], name="x"), MissingValues, "no value for x"),
        (add(identity(1), "abc" * 99), UsageError, "^.{20}….{20} is no number"),
        (identity(10**5000), RangeError, "^a number is beyond"),
    ],
)
def test_graphs_with_odd_inputs(root, error, message):
    with pytest.raises(error, match=message):
        Executor(root).node_calculate()


def test_article_stops_before_it_is_too_long():
    long = exprdiff.parse("+".join(["x"] * 2500)).trace(x=1)
    assert render(long, "article").count("\n") == 10_000
    with pytest.raises(UsageError):
        render(exprdiff.parse("+".join(["x"] * 2501)).trace(x=1), "article")
    # 2 (2^(depth+1) - 1) visits, the value and no variable with a name: 8,191 lines.
    _, root = shared(11)
    text = render(Executor(root).trace(), "article")
    assert text.count("\n") == 1 + 2 * (2**12 - 1)
    for depth in (12, 900):
        _, root = shared(depth)
        with pytest.raises(UsageError, match="more than 10,000 lines"):
            render(Executor(root).trace(), "article")


@pytest.mark.parametrize(
    "text, point, value, gradient",
    [
        # Infinite operands.
        ("exp(x)", {"x": float("-inf")}, 0, [0]),
        ("tanh(x)*y", {"x": float("inf"), "y": 2}, 2, [0, 1]),
        ("sigmoid(x)", {"x": float("-inf")}, 0, [0]),
        ("1/x", {"x": float("inf")}, 0, [0]),
        ("x+y", {"x": float("inf"), "y": 2}, float("inf"), [1, 1]),
        ("x*y", {"x": float("inf"), "y": 2}, float("inf"), [2, float("inf")]),
        ("x^3*y", {"x": 2, "y": float("-inf")}, float("-inf"), [float("-inf"), 8]),
        # Infinite slopes, passed on and added up.
        ("3*sqrt(x)", {"x": 0}, 0, [float("inf")]),
        ("-sqrt(x) - x^0.25", {"x": 0}, 0, [float("-inf")]),
        ("exp(-sqrt(x))", {"x": 0}, 1, [float("-inf")]),
        ("sqrt(if(x > 1, x, 0))", {"x": 0}, 0, [0]),
        ("sqrt(if(x > -1, x, 2))", {"x": 0}, 0, [float("inf")]),
        ("sqrt(if(x > 1, 2, x))", {"x": 0}, 0, [float("inf")]),
        ("sqrt(relu(x))", {"x": -1}, 0, [0]),
        ("sqrt(max(x, 0))", {"x": -1}, 0, [0]),
        ("sqrt(min(x, y))", {"x": 0, "y": 5}, 0, [float("inf"), 0]),
        ("sqrt(clamp(x, 0, 1))", {"x": -1}, 0, [0]),
        ("sqrt(clamp(2, x, y))", {"x": -1, "y": 0}, 0, [0, float("inf")]),
        ("s = sqrt(y); if(s >= 0, x, s)", {"y": 0, "x": 2}, 2, [0, 1]),
        ("sqrt(clamp(x, -1, 0))", {"x": 5}, 0, [0]),
        ("sqrt(clamp(0, x, 1))", {"x": -1}, 0, [0]),
        ("sqrt(clamp(0, -1, x))", {"x": 1}, 0, [0]),
        ("0*(1/x)", {"x": 1e-200}, 0, [0]),
        ("min(1, 1/x) + 5*x", {"x": 1e-160}, 1, [5]),
        ("5*x + min(1, 1/x)", {"x": 1e-160}, 1, [5]),
        # What overflows is not asked for.
        ("atan2(0, x)", {"x": 1e-310}, 0, [0]),
        ("x/(1e-200*1)", {"x": 0}, 0, [1e200]),
        ("min(1, 1/x)", {"x": 1e-160}, 1, [0]),
        ("x^floor(y)", {"x": -2, "y": 2.5}, 4, [-4, 0]),
        ("x^if(y > 0, 3, y)", {"x": -2, "y": 1}, -8, [12, 0]),
        ("1/if(x > 0, 1e-200, 1)", {"x": 1}, 1e200, [0]),
        ("sqrt(0*if(x > 0, 3, 1))", {"x": 1}, 0, [0]),
        ("sqrt(if(x <= 1, 0, x))", {"x": 0}, 0, [0]),
        # Constants may have no finite adjoint; the gradient is not concerned.
        ("sqrt(1-1)*x", {"x": 0}, 0, [0]),
        ("sqrt(1-1)+x", {"x": 2}, 2, [1]),
        ("(1e-310*1)^0.5*0+x", {"x": 2}, 2, [1]),
        # The exponents of powers are not differentiated where they are constant.
        ("x^(2-1/2)", {"x": 4}, 8, [3]),
        ("x^ln(1)", {"x": -4}, 1, [0]),
        ("x^y", {"x": 0, "y": 0.5}, 0, [float("inf"), 0]),
        ("3*x^0.5+x", {"x": 0}, 0, [float("inf")]),
        ("exp(x)+sqrt(x)", {"x": 0}, 1, [float("inf")]),
        # A constant's slope may overflow.
        ("x+(2^-1000)^-1", {"x": 1}, 2.0**1000, [1]),
        ("(2^-1000*1)^-1+x", {"x": 1}, 2.0**1000, [1]),
    ],
)
def test_what_is_not_finite_passes(text, point, value, gradient):
    expression = exprdiff.parse(text)
    assert expression.evaluate(**point) == value
    assert list(expression.gradient(**point).values()) == gradient
    trace = expression.trace(**point)
    for format in ("trace", "article", "json"):
        assert "nan" not in render(trace, format).lower()


@pytest.mark.parametrize(
    "text, point, error, place",
    [
        ("x*sqrt(x)", {"x": 0}, DomainError, "sqrt(x)"),
        ("sqrt(x)-sqrt(x)", {"x": 0}, DomainError, "sqrt(x)"),
        ("1+x^y", {"x": -2, "y": 2}, DomainError, "x^y"),
        ("exp(1e200*x*1e200)", {"x": 0}, RangeError, "1e200*x"),
        ("(1e308*x+1e308*x)*1.5", {"x": 0}, RangeError, "1e308*x"),
        ("1/(1e-300*x*1e-5)", {"x": 1}, RangeError, None),
        ("1+x^-3", {"x": 1e-77}, RangeError, "x^-3"),
        ("1+x^-3", {"x": -1e-77}, RangeError, "x^-3"),
        ("sqrt(clamp(0, x, 1))", {"x": 0}, DomainError, "clamp(0, x, 1)"),
        ("sqrt(clamp(0, -1, x))", {"x": 0}, DomainError, "clamp(0, -1, x)"),
        ("sqrt(clamp(0, x, 1))", {"x": 0.0}, DomainError, "clamp(0, x, 1)"),
        ("sqrt(clamp(0, -1, x))", {"x": 0.0}, DomainError, "clamp(0, -1, x)"),
        ("2-1/x", {"x": 1e-200}, RangeError, "1/x"),
        ("2-3/x", {"x": -1e-200}, RangeError, "3/x"),
        ("1+x^y", {"x": 1e-77, "y": -3}, RangeError, "x^y"),
        ("2*(1+inf_)-inf_", {"inf_": float("inf")}, DomainError, "2*(1+inf_)-inf_"),
        ("1+x*0", {"x": float("inf")}, DomainError, "x*0"),
        (
            "1+logaddexp(x,y)",
            {"x": float("inf"), "y": float("inf")},
            DomainError,
            "logaddexp(x,y)",
        ),
    ],
)
def test_what_is_not_a_number_is_refused(text, point, error, place):
    with pytest.raises(error) as raised:
        exprdiff.parse(text).gradient(**point)
    start, end = raised.value.span
    assert place is None or text[start:end] == place
    assert "nan" not in str(raised.value)


@pytest.mark.parametrize(
    "text, span",
    [
        ("x1e400 + 1e400", (9, 14)),
        # The same digits begin a number that fits.
        ("9" * 400 + "e-399 + " + "9" * 400 + " + x1e400", (408, 808)),
    ],
)
def test_the_place_of_a_literal_is_not_in_a_name(text, span):
    with pytest.raises(RangeError) as raised:
        exprdiff.parse(text).evaluate(x1e400=1)
    assert raised.value.span == span


def test_notes_are_those_of_the_last_run():
    executor = Executor(exprdiff.Sqrt()(identity(0)))
    executor.derivation()
    assert len(executor.trace().notes) == 1
    assert len(executor.trace().notes) == 1


def test_notes_name_the_node_and_the_slope():
    trace = exprdiff.parse("sqrt(x)+(y-1)^(1/3)+sqrt(1-1)").trace(x=0, y=1)
    assert [note.split(": ")[0] for note in trace.notes] == ["sqrt(x)", "(y-1)^(1/3)"]
    assert all(note.endswith("and counts as inf") for note in trace.notes)


def test_a_derivative_that_does_not_exist_is_noted_at_a_smooth_place_too():
    class Half(Operation):
        """x y, with a derivative in x alone."""

        def value(m, x, y):
            return x * y

        def partials(m, z, x, y):
            return y, m.nan

    x, y = Identity()(3, name="x"), Identity()(4, name="y")
    run = Executor(Half()(x, y), values={"x": 3, "y": 4}, wrt=["x"])
    (note,) = run.trace().notes
    assert "half(3, 4) has no derivative in y, which is not needed" in note
    run = Executor(Half()(x, y), values={"x": 3, "y": 4})
    with pytest.raises(DomainError):
        run.trace()
