"""Formulas of arrays: each element as if it were a point of its own."""

import math
import threading
from random import Random

import numpy as np
import pytest
import test_operations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules import RULES, sample
from trees import CALLED, NAMES, trees, write

import exprdiff
from exprdiff import DomainError, RangeError, UsageError
from exprdiff.numbers import arrays, floats
from exprdiff.operations import OPERATIONS, Operation
from exprdiff.parser import parse

#: The points and partial derivatives at the edges.
EDGES = test_operations.test_gradient_at_the_edges.pytestmark[0].args[1]

INF, NAN = math.inf, math.nan


def run(text, wrt=None, **values):
    """Values and derivatives of a formula with one value."""
    (value,), (slopes,) = arrays.jacobian(parse(text), values, wrt)
    return value, slopes


def same(computed, expected):
    """Whether they are equal, NaN included."""
    return np.array_equal(computed, np.broadcast_to(expected, computed.shape), True)


# ---- Rules ---------------------------------------------------------------------------


def applied(operation, points):
    """The value at each point, and the partial derivatives."""
    columns = [np.array(column) for column in zip(*points, strict=True)]
    columns = [x if x.dtype == bool else x.astype(float) for x in columns]
    with np.errstate(all="ignore"):
        value = operation.value(arrays, *columns)
        if operation.jump:
            value = arrays.settle(value, columns)
        partials = operation.partials(arrays, value, *columns)
    slopes = []
    for slope, mask in map(arrays._partly, partials):
        slope = np.where(mask, 0.0 if slope is None else slope, 0.0)
        slopes.append(np.broadcast_to(slope, len(points)))
    return np.broadcast_to(value, len(points)), slopes


def close(computed, exact, ulps):
    if not math.isfinite(exact):
        return same(np.array(computed), exact)
    return abs(computed - exact) <= ulps * math.ulp(exact)


@pytest.mark.parametrize("name", [name for name in RULES if RULES[name].reference])
def test_every_value_and_partial_is_that_of_the_floats(name):
    operation, ulps = OPERATIONS[name], 2 * RULES[name].ulps
    # One of polygamma takes milliseconds.
    points = sample(name, RULES[name], 30 if name == "polygamma" else 500)
    values, slopes = applied(operation, points)
    for k, point in enumerate(points):
        try:
            value = operation.compute(point)
        except OverflowError:
            assert np.isinf(values[k]), point
            continue
        except (ValueError, ZeroDivisionError):
            assert not np.isfinite(values[k]), point
            continue
        assert close(values[k], value, ulps), point
        try:
            gradient = operation.gradient(point, 1.0)
        except OverflowError:
            assert any(np.isinf(slope[k]) for slope in slopes), point
            continue
        except (ValueError, ZeroDivisionError):
            assert not all(np.isfinite(slope[k]) for slope in slopes), point
            continue
        for slope, partial in zip(slopes, gradient, strict=True):
            assert close(slope[k], partial, ulps), point


@pytest.mark.parametrize(
    "name, point",
    [
        ("div", (7e-316, 3e-4)),
        ("div", (-1.1e-320, 7e-3)),
        ("div", (-3e-310, 1e300)),
        ("normpdf", (38.3,)),
        ("normpdf", (38.45,)),
        ("erf", (26.9,)),
        ("power", (math.inf, 2.5)),
        ("power", (math.inf, -1.5)),
        ("sinc", (math.inf,)),
        ("atan", (-math.inf,)),
        ("logaddexp", (math.inf, 2.0)),
        ("silu", (-745.0,)),
    ],
)
def test_the_floats_help_where_numpy_has_no_digits_left(name, point):
    values, slopes = applied(OPERATIONS[name], [point, RULES[name].points[0]])
    assert close(values[0], OPERATIONS[name].compute(point), 4)
    gradient = OPERATIONS[name].gradient(point, 1.0)
    for slope, partial in zip(slopes, gradient, strict=True):
        assert close(slope[0], partial, 4)


@pytest.mark.parametrize("name, point, partials", EDGES)
def test_partials_at_the_edges_are_those_of_the_floats(name, point, partials):
    _, slopes = applied(OPERATIONS[name], [point] * 3)
    for slope, partial in zip(slopes, partials, strict=True):
        assert slope == pytest.approx([partial] * 3, rel=4e-16, abs=0, nan_ok=True)


@pytest.mark.parametrize("name", RULES)
def test_nan_comes_through(name):
    """Also through comparisons, which IEEE 754 says are false."""
    operation, point = OPERATIONS[name], RULES[name].points[0]
    if operation.branch or name == "not":
        return  # whose operands are conditions
    for k in range(len(point) - (name == "leaky_relu")):  # with no slope above 0
        points = [(*point[:k], NAN, *point[k + 1 :]), point]
        values, _ = applied(operation, points)
        assert np.isnan(values[0]) and not np.isnan(values[1])


@pytest.mark.parametrize(
    "text, x, value, slope",
    [
        ("1/x", [0, -0.0, INF], [INF, -INF, 0], [-INF, -INF, 0]),
        ("ln(x)", [0, -1, INF], [-INF, NAN, INF], [INF, NAN, 0]),
        ("sqrt(x)", [0, -0.0, -1], [0, 0, NAN], [INF, INF, NAN]),
        ("exp(x)", [800, -800], [INF, 0], [INF, 0]),
        ("1/(1+exp(x))", [800], [0], [NAN]),
        ("sigmoid(x)", [800, -800, INF], [1, 0, 1], [0, 0, 0]),
        ("gamma(x)", [200, -1, -1e-310], [INF, NAN, -INF], [INF, NAN, -INF]),
        ("gamma(x)", [1e-310], [INF], [-INF]),
        ("x^-2", [0], [INF], [-INF]),
        ("0*sqrt(x)", [0], [0], [NAN]),
        ("mod(x, 0)", [1], [NAN], [NAN]),
        ("1e999*x", [0, 1], [NAN, INF], [NAN, INF]),
        ("step(1)/step(-1)*x", [1], [INF], [INF]),
    ],
)
def test_edges_are_as_ieee_has_them(text, x, value, slope):
    computed, slopes = run(text, x=np.array(x, float))
    assert same(computed, value)
    assert same(slopes["x"], slope)


def test_where_a_value_does_not_exist_nor_do_its_derivatives():
    value, slopes = run("ln(x)+y", x=np.array([-1.0, 1.0]), y=3.0)
    assert same(value, [NAN, 3])
    assert same(slopes["x"], [NAN, 1])
    assert same(slopes["y"], [NAN, 1])


# ---- Choices -------------------------------------------------------------------------

X = np.array([-2.0, -1.0, 0.0, 1.0, 4.0])


@pytest.mark.parametrize(
    "text, value, slope",
    [
        ("if(x>0, sqrt(x), 0)", [0, 0, 0, 1, 2], [0, 0, 0, 0.5, 0.25]),
        ("if(x<=0, 0, 1/x)", [0, 0, 0, 1, 0.25], [0, 0, 0, -1, -1 / 16]),
        ("s = sqrt(x); if(x>0, s*s, x)", [-2, -1, 0, 1, 4], [1] * 5),
        ("if(x==0, 1, sin(x)/x)*0+x", [-2, -1, 0, 1, 4], [1] * 5),
        ("if(x>0, if(x>3, ln(x-3), 1/x), x)", [-2, -1, 0, 1, 0], [1, 1, 1, -1, 1]),
        ("if(x>0 and ln(x)>1, x*x, -x)", [2, 1, 0, -1, 16], [-1, -1, -1, -1, 8]),
        ("if(not x<0 or x==-1, 7, -x)", [2, 7, 7, 7, 7], [-1, 0, 0, 0, 0]),
        ("if(1<2, x, ln(-1))", [-2, -1, 0, 1, 4], [1] * 5),
        # Conditions that are undefined, and those of which that part does not matter.
        ("if(ln(x)<1, 1, x)", [NAN, NAN, 1, 1, 4], [NAN, NAN, 0, 0, 1]),
        ("if(not sqrt(x)<9, 1, x)", [NAN, NAN, 0, 1, 4], [NAN, NAN, 1, 1, 1]),
        ("if(x<2 or ln(x)<1, 1, x)", [1, 1, 1, 1, 4], [0, 0, 0, 0, 1]),
        ("if(x>=0 and sqrt(x)<9, x, 1)", [1, 1, 0, 1, 4], [0, 0, 1, 1, 1]),
        ("if(ln(-1)<2, x, 1)", [NAN] * 5, [NAN] * 5),
        # Functions that do not depend on all operands.
        ("relu(1/x)", [0, 0, INF, 1, 0.25], [0, 0, -INF, -1, -1 / 16]),
        ("relu(-exp(800*x*x))", [0] * 5, [0] * 5),
        ("max(x, 1, -sqrt(relu(x)))", [1, 1, 1, 1, 4], [0, 0, 0, 0.5, 1]),
        ("min(x, x)", [-2, -1, 0, 1, 4], [1] * 5),
        ("clamp(x, -1, 1)", [-1, -1, 0, 1, 1], [0, 0, 1, 0, 0]),
        ("clamp(0, x, x+1)", [-1, 0, 0, 1, 4], [1, 0, 0, 1, 1]),
        ("clamp(x, 1, -1)", [NAN] * 5, [NAN] * 5),
        ("abs(x)", [2, 1, 0, 1, 4], [-1, -1, 0, 1, 1]),
        ("step(x)*x", [0, 0, 0, 1, 4], [0, 0, 0.5, 1, 1]),
        ("leaky_relu(x, 0.5)", [-1, -0.5, 0, 1, 4], [0.5, 0.5, 0.5, 1, 1]),
    ],
)
def test_what_is_not_chosen_does_not_count(text, value, slope):
    computed, slopes = run(text, x=X)
    assert computed == pytest.approx(value, rel=1e-15, nan_ok=True)
    assert slopes["x"] == pytest.approx(slope, rel=1e-15, nan_ok=True)


def test_no_number_is_an_integer_of_numpy():
    """Of which quotients, remainders and large powers are others."""
    for condition in (X > 0, X[0] > 0, True):
        assert np.asarray(arrays.where(condition, 1, 0)).dtype == float
        partial = arrays.where(X < 0, arrays.where(X > -1, None, 1), 0)
        assert partial.value.dtype == float
    assert arrays.where(X > 0, False, True).dtype == bool


def test_a_branch_that_is_taken_elsewhere_only():
    """Two masks on one adjoint, and none: each counts where it is."""
    text = "s = 1/x; if(x>0, s, 0) + if(x<-1, s, 0) + if(x==0, 0, 1)"
    value, slopes = run(text, x=X)
    assert same(value, [0.5, 1, 0, 2, 1.25])
    assert same(slopes["x"], [-0.25, 0, 0, -1, -1 / 16])
    value, slopes = run("s = sqrt(x); if(x>0, s, 0) + s", x=X)
    assert same(slopes["x"], [NAN, NAN, INF, 1, 0.5])


# ---- The floats' functions, so that all digits have to be the same -------------------

#: What of the number system is about arrays, and not about doubles.
OWN = {"each", "log", "max", "min", "number", "settle", "shares", "where"}


@pytest.fixture
def exact(monkeypatch):
    names = [name for name in vars(arrays) if not name.startswith("_")]
    for name in names:
        function = getattr(floats, name, None)
        if callable(function) and name not in OWN and not isinstance(function, type):
            monkeypatch.setattr(arrays, name, arrays.each(name))


numbers = st.integers(-3, 3) | st.floats(0.01, 3) | st.floats(-3, 3)
points = st.lists(st.tuples(*[numbers] * len(NAMES)), min_size=1, max_size=6)


@given(trees(CALLED, choices=True), points)
@settings(
    deadline=None,
    derandomize=True,
    max_examples=600,
    suppress_health_check=list(HealthCheck),
)
def check_every_element_is_as_a_point_of_its_own(tree, points):
    text = write(tree, Random(0))
    formula = exprdiff.parse(text)
    if not formula.variables:
        return
    columns = dict(zip(NAMES, np.array(points, float).T, strict=True))
    given = {name: columns[name] for name in formula.variables}
    value, slopes = run(text, **given)
    for k in range(len(points)):
        point = {name: float(column[k]) for name, column in given.items()}
        try:
            expected = formula.point(**point)
        except (DomainError, RangeError):
            continue
        assert close(value[k], expected.values[0], 64), point
        for name, slope in expected.jacobian[0].items():
            assert slopes[name][k] == pytest.approx(slope, rel=1e-9, abs=1e-300)


def test_every_element_is_as_a_point_of_its_own(exact):
    check_every_element_is_as_a_point_of_its_own()


# ---- Shapes --------------------------------------------------------------------------

TEXT = "ln(x1)+x1*x2-sin(x2)"


def by_hand(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2), 1 / x1 + x2, x1 - np.cos(x2)


def check(x1, x2):
    value, slopes = run(TEXT, x1=x1, x2=x2)
    found = value, slopes["x1"], slopes["x2"]
    x1, x2 = np.asarray(x1, float), np.asarray(x2, float)
    for array, expected in zip(found, by_hand(x1, x2), strict=True):
        assert array.dtype == float
        assert array.shape == np.shape(expected)
        assert array == pytest.approx(np.asarray(expected), rel=1e-14)


def filled(*shape):
    return np.random.default_rng(0).uniform(0.5, 3, shape)


@pytest.mark.parametrize("block", [1, 7, 64, 2**14])
@pytest.mark.parametrize(
    "first, second",
    [
        ((), ()),
        ((1,), ()),
        ((0,), ()),
        ((0, 3), (1, 3)),
        ((3, 0), ()),
        ((100,), ()),
        ((100,), (100,)),
        ((100,), (1,)),
        ((5, 1), (1, 40)),
        ((5, 1), (40,)),
        ((40,), (5, 1)),
        ((2, 3, 5, 7), (3, 1, 7)),
        ((70, 2), (70, 2)),
        ((2, 70), (2, 1)),
    ],
)
def test_arrays_are_broadcast(monkeypatch, block, first, second):
    monkeypatch.setattr(arrays, "LARGEST_BLOCK", block)
    monkeypatch.setattr(arrays, "SMALLEST_BLOCK", 1)
    check(filled(*first), filled(*second) + 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x[::3],
        lambda x: x[::-1],
        lambda x: x.reshape(20, 30).T,
        lambda x: np.asfortranarray(x.reshape(20, 30)),
        lambda x: x.astype(np.float32),
        lambda x: x.astype(">f8"),
        lambda x: x.astype(np.longdouble),
        lambda x: np.ceil(x).astype(np.uint8),
        lambda x: np.ceil(x).astype(int),
    ],
)
def test_layouts_and_types_of_numbers(monkeypatch, change):
    monkeypatch.setattr(arrays, "LARGEST_BLOCK", 64)
    x1, x2 = change(filled(600)), change(filled(600) + 0.5)
    x1.flags.writeable = x2.flags.writeable = False
    check(x1, x2.astype(float))
    check(x1.astype(float), x2)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (10,), (3, 50), (7, 1, 31), (9, 0)])
@pytest.mark.parametrize("size", [1, 4, 30, 1000])
def test_blocks_cover_every_element_once(shape, size):
    counts = np.zeros(shape, int)
    for block in arrays._blocks(shape, size):
        counts[block] += 1
        assert counts[block].size <= size
    assert np.all(counts == 1)


def test_derivatives_that_are_constant_have_the_shape_of_all():
    x, y = filled(4, 1), filled(3)
    value, slopes = run("x+3*y+0*z", x=x, y=y, z=5)
    assert same(value, x + 3 * y)
    assert [slopes[name].shape for name in "xyz"] == [(4, 3)] * 3
    assert [np.unique(slopes[name]).tolist() for name in "xyz"] == [[1], [3], [0]]
    # What is returned is no view of what was given.
    value, slopes = run("x", x=y)
    value[0] = 7
    assert y[0] != 7


def test_several_values_and_those_asked_for():
    x, y = filled(2, 5)
    graph = parse("s = x*y; s, sin(x), 2, s+s*y")
    values, slopes = arrays.jacobian(graph, {"x": x, "y": y}, ["y"])
    expected = [x * y, np.sin(x), 0 * x + 2, x * y + x * y * y]
    assert np.array(values) == pytest.approx(np.array(expected), rel=1e-15)
    assert [list(row) for row in slopes] == [["y"]] * 4
    found = np.array([row["y"] for row in slopes])
    assert found == pytest.approx(np.array([x, 0 * x, 0 * x, x + 2 * x * y]), rel=1e-15)
    alone = arrays.evaluate(graph, {"x": x, "y": y})
    assert all(map(same, alone, values))


def test_zeros_of_derivatives_have_no_sign():
    _, slopes = run("-x*y", x=np.array([0.0, 1.0]), y=np.array([0.0, 1.0]))
    assert not np.signbit(slopes["x"])[0]


# ---- What is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    "array, kind",
    [
        (np.array([1j]), "complex128"),
        (np.array([True]), "bool"),
        (np.array(["1"]), "<U1"),
        (np.array([1, None]), "object"),
        (np.array([1], "M8[s]"), "datetime64[s]"),
        (np.ma.masked_less(np.arange(3.0), 1), "MaskedArray"),
    ],
)
def test_other_arrays_are_refused(array, kind):
    with pytest.raises(UsageError) as caught:
        run("x", x=array)
    assert str(caught.value) == f"x is an array of {kind}, and not of real numbers"


def test_shapes_have_to_fit():
    with pytest.raises(UsageError) as caught:
        run("x+y+z", x=filled(3), y=filled(4, 2), z=1)
    message = "the shapes of the arrays do not fit: x (3,), y (4, 2), z ()"
    assert str(caught.value) == message


# ---- Threads -------------------------------------------------------------------------


def test_blocks_are_run_by_two_threads_or_more(monkeypatch):
    monkeypatch.setattr(arrays, "_processors", lambda: 1)
    monkeypatch.setattr(arrays, "LARGEST_BLOCK", 10)
    monkeypatch.setattr(arrays, "SMALLEST_BLOCK", 1)
    together, seen = threading.Barrier(2, timeout=30), set()
    forward = arrays.Sweeps.forward

    def meeting(sweeps):
        if threading.get_ident() not in seen:
            seen.add(threading.get_ident())
            together.wait()
        return forward(sweeps)

    monkeypatch.setattr(arrays.Sweeps, "forward", meeting)
    check(filled(100), filled(100))
    assert len(seen) == 2
    assert threading.get_ident() not in seen


def test_a_failure_in_a_thread_is_raised_and_ends_the_others(monkeypatch):
    monkeypatch.setattr(arrays, "LARGEST_BLOCK", 1)
    monkeypatch.setattr(arrays, "SMALLEST_BLOCK", 1)
    count = 0

    forward = arrays.Sweeps.forward

    def failing(sweeps):
        nonlocal count
        count += 1
        if count == 1:
            raise MemoryError
        return forward(sweeps)

    monkeypatch.setattr(arrays.Sweeps, "forward", failing)
    with pytest.raises(MemoryError):
        run(TEXT, x1=filled(10_000), x2=1)
    assert count < 5000


def test_the_state_of_numpy_is_as_before():
    with np.errstate(all="raise"):
        run("1/x+ln(x)+exp(1/x)", x=np.zeros(100_000))
        assert set(np.geterr().values()) == {"raise"}


def test_long_formulas(monkeypatch):
    """A chain of many nodes, in blocks that are smaller for it."""
    count = 20_000
    sizes = []
    blocks = arrays._blocks

    def noting(shape, size):
        sizes.append(size)
        return blocks(shape, size)

    monkeypatch.setattr(arrays, "_blocks", noting)
    x = filled(1000)
    value, slopes = run("+".join(["x"] * count), x=x)
    assert value == pytest.approx(count * x)
    assert same(slopes["x"], count)
    run(TEXT, x1=x, x2=x)
    assert sizes == [arrays.SMALLEST_BLOCK, arrays.LARGEST_BLOCK]


def test_a_new_operation_needs_no_more_than_the_floats(monkeypatch):
    """What the floats have is there, and what they have not is said by name."""

    class Twice(Operation):
        def value(m, x):
            return m.twice(x)

    monkeypatch.setattr(floats, "twice", lambda x: 2 * x, raising=False)
    assert same(Twice.value(arrays, np.array([1.0, 2.0])), [2, 4])
    monkeypatch.delattr(arrays, "twice")
    with pytest.raises(AttributeError, match="arrays have no thrice"):
        _ = arrays.thrice
