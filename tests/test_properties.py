"""What holds for every formula, tried on formulas made at random."""

import json
import math
from random import Random

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from rules import Differences, Rule, exactly, real
from trees import (
    CALLED,
    CONDITIONS,
    NAMES,
    SMOOTH,
    Tree,
    evaluate,
    expected,
    shape,
    trees,
    write,
)

import exprdiff
from exprdiff import DomainError, ExprdiffError, ParseError, RangeError
from exprdiff.parser import parse as graph
from exprdiff.render import FORMATS, render

settings.register_profile(
    "tests",
    deadline=None,
    derandomize=True,
    max_examples=200,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
settings.load_profile("tests")

randoms = st.integers(0, 2**32).map(Random)
values = st.fixed_dictionaries(
    dict.fromkeys(
        NAMES,
        st.integers(1, 9)
        | st.floats(0.01, 3)
        | st.floats(-3, -0.01)
        | st.sampled_from([-2, 0.5]),
    )
)
all_trees = trees(CALLED, choices=True)


def run(text, point):
    """The trace at a point, which may name more variables than there are."""
    formula = exprdiff.parse(text)
    return formula.trace(**{name: point[name] for name in formula.variables})


def outcome(text, point):
    """Value and gradient, or the kind of error."""
    try:
        trace = run(text, point)
    except (DomainError, RangeError) as error:
        return type(error)
    return trace.values, trace.jacobian[0]


def scales(trace):
    """For each variable, how large the terms are that its derivative is the sum of."""
    names = {step.id: step.name for step in trace.steps if step.name}
    total = dict.fromkeys(names.values(), 0.0)
    for step in trace.steps:
        if step.name and step.id in trace.outputs:
            total[step.name] += 1
        for source, partial in zip(step.inputs, step.partials, strict=True):
            if source in names and partial:
                total[names[source]] += abs(step.adjoints[0] * partial)
    return total


def finite(trace):
    """Whether there are ordinary numbers only, and none that has few digits."""
    numbers = [
        x for step in trace.steps for x in (step.value, *step.adjoints, *step.partials)
    ]
    numbers = [x for x in numbers if x is not None and not isinstance(x, bool)]
    return all(x == 0 or 1e-150 < abs(x) < 1e150 for x in numbers)


# ---- Texts and graphs ----------------------------------------------------------------


@given(all_trees, randoms)
def test_what_is_written_is_parsed_back(tree, random):
    text = write(tree, random)
    (root,) = graph(text).outputs
    assert shape(root) == expected(tree)


@given(all_trees, randoms)
def test_the_text_of_every_node_is_parsed_back(tree, random):
    """Of conditions, which stand in no other place, inside an if."""
    text = write(tree, random)
    (root,) = graph(text).outputs
    waiting = [root]
    while waiting:
        node = waiting.pop()
        part = text[slice(*node.span)]
        if node.operation.name in CONDITIONS:
            (choice,) = graph(f"if({part}, 1, 2)").outputs
            again = choice.inputs[0]
        else:
            (again,) = graph(part).outputs
        assert shape(again) == shape(node)
        waiting += [source for source in node.inputs if isinstance(source, type(node))]


# ---- Derivatives ---------------------------------------------------------------------


@given(trees(SMOOTH), values)
@settings(max_examples=400)
def test_gradients_are_those_of_mpmath(tree, point):
    text = write(tree, Random(0))
    result = outcome(text, point)
    assume(isinstance(result, tuple))
    trace = run(text, point)
    assume(finite(trace) and not trace.notes)
    names = sorted(tree.names())
    assume(names)
    with mp.workprec(160):
        x = [mpf(point[name]) for name in names]

        def reference(*x):
            return evaluate(tree, dict(zip(names, x, strict=True)))

        def slopes(x):
            exact, bits = exactly(reference, x)
            assume(exact is not None)
            rule = Rule(reference, tuple(real(0) for _ in x))
            differences = Differences(rule, x, exact, bits)
            found = [differences.derivative(k) for k in range(len(x))]
            assume(None not in found)
            return [exact, *found]

        exact = slopes(x)
        # How much a change of the operands changes it tells how much rounding may.
        moved = slopes(
            [part * (1 + mpf(2) ** -30 * (k + 2)) for k, part in enumerate(x)]
        )
    computed = [trace.values[0], *(trace.jacobian[0][name] for name in names)]
    terms = [abs(trace.values[0]), *(scales(trace)[name] for name in names)]
    for number, true, other, size in zip(computed, exact, moved, terms, strict=True):
        bound = abs(true - other) * 2**-8 + 1e-9 * (abs(true) + size) + 1e-150
        assert abs(number - true) <= bound


@given(all_trees, values, st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_forward_and_reverse_agree(tree, point, direction):
    """The output's tangent is the gradient times the direction."""
    text = write(tree, Random(0))
    assume(isinstance(outcome(text, point), tuple))
    trace = run(text, point)
    assume(finite(trace))
    along = dict(zip(NAMES, direction, strict=True))
    tangents, bounds = {}, {}
    for step in reversed(trace.steps):
        tangent = along[step.name] if step.name else 0.0
        bound = abs(tangent)
        for source, partial in zip(step.inputs, step.partials, strict=True):
            if isinstance(source, int) and partial is not None and partial == partial:
                tangent += partial * tangents[source]
                bound += abs(partial) * bounds[source]
        tangents[step.id], bounds[step.id] = tangent, bound
    (root,) = trace.outputs
    backward = sum(slope * along[name] for name, slope in trace.jacobian[0].items())
    assert abs(tangents[root] - backward) <= 1e-12 * bounds[root]


def close(computed, exact, terms):
    assert computed.keys() == exact.keys()
    for name, slope in computed.items():
        assert abs(slope - exact[name]) <= 1e-12 * terms[name]


@given(trees(CALLED), trees(CALLED), values)
def test_sums_and_products(f, g, point):
    f, g = write(f, Random(0)), write(g, Random(0))
    outcomes = [outcome(text, point) for text in (f, g)]
    assume(all(isinstance(result, tuple) for result in outcomes))
    traces = [run(text, point) for text in (f, g)]
    assume(all(map(finite, traces)))
    (u, v), (df, dg) = zip(*((t.values[0], t.jacobian[0]) for t in traces), strict=True)
    both = df.keys() | dg.keys()
    terms_f, terms_g = map(scales, traces)
    for text, a, b in [
        (f"({f})+({g})", 1, 1),
        (f"({f})-({g})", 1, -1),
        (f"({f})*({g})", v, u),
        (f"3*({f})-2*({g})", 3, -2),
        (f"({f})/({g})", v and 1 / v, v and -u / v / v),
    ]:
        result = outcome(text, point)
        if not isinstance(result, tuple):
            continue  # out of range, or divided by 0
        exact = {n: a * df.get(n, 0) + b * dg.get(n, 0) for n in both}
        terms = {
            n: abs(a) * terms_f.get(n, 0) + abs(b) * terms_g.get(n, 0) for n in both
        }
        close(result[1], exact, {n: size + 1e-300 for n, size in terms.items()})


@given(trees(CALLED), trees(CALLED), values)
def test_chain_rule(f, h, point):
    """Of h(s) for s = f(x), where h may use s and all variables of f."""
    f = write(f, Random(0))
    h = write(h, Random(0)).replace("x_1", "s")
    inner = outcome(f, point)
    assume(isinstance(inner, tuple) and "s" in h)
    ((s,), df) = inner
    outer = outcome(h, point | {"s": s})
    assume(isinstance(outer, tuple) and "s" in outer[1])
    traces = run(f, point), run(h, point | {"s": s})
    assume(all(map(finite, traces)))
    together = outcome(f"s = {f}; {h}", point)
    assume(isinstance(together, tuple))
    assert together[0] == outer[0]
    terms_f, terms_h = map(scales, traces)
    ds = outer[1]["s"]
    for name, slope in together[1].items():
        exact = outer[1].get(name, 0) + ds * df.get(name, 0)
        terms = terms_h.get(name, 0) + terms_h["s"] * terms_f.get(name, 0)
        assert abs(slope - exact) <= 1e-12 * terms + 1e-300


# ---- What changes nothing ------------------------------------------------------------


@given(all_trees, values, randoms)
def test_added_parentheses_and_spaces_change_nothing(tree, point, random):
    assert outcome(write(tree, Random(0)), point) == outcome(write(tree, random), point)


@given(all_trees, values)
def test_names_do_not_matter(tree, point):
    others = dict(zip(NAMES, ["a", "x", "温度", "y"], strict=True))

    def renamed(tree):
        if tree.operation == "name":
            return Tree("name", (others[tree.parts[0]],))
        if tree.operation == "number":
            return tree
        return Tree(tree.operation, tuple(map(renamed, tree.parts)))

    result = outcome(write(tree, Random(0)), point)
    again = outcome(
        write(renamed(tree), Random(0)), {others[n]: x for n, x in point.items()}
    )
    if isinstance(result, tuple):
        result = result[0], {others[name]: slope for name, slope in result[1].items()}
    assert again == result


@given(all_trees, values)
def test_adding_0_to_every_variable_changes_nothing(tree, point):
    def shifted(tree):
        if tree.operation == "name":
            return Tree("name", (f"{tree.parts[0]}_plus_0",))
        if tree.operation == "number":
            return tree
        return Tree(tree.operation, tuple(map(shifted, tree.parts)))

    sums = [f"{name}_plus_0 = {name}+0" for name in NAMES if name in tree.names()]
    program = "; ".join([*sums, write(shifted(tree), Random(0))])
    assert outcome(program, point) == outcome(write(tree, Random(0)), point)


@given(all_trees, values)
def test_names_for_parts_change_nothing_but_their_count(tree, point):
    """Every part a statement of its own."""
    lines = []

    def named(tree):
        if tree.operation in ("name", "number") or tree.operation in CONDITIONS:
            return tree
        parts = tuple(map(named, tree.parts)) if tree.operation != "if" else tree.parts
        lines.append(
            f"part{len(lines)} = {write(Tree(tree.operation, parts), Random(0))}"
        )
        return Tree("name", (f"part{len(lines) - 1}",))

    last = named(tree)
    program = "\n".join([*lines, write(last, Random(0))])
    assert outcome(program, point) == outcome(write(tree, Random(0)), point)


# ---- No input does harm --------------------------------------------------------------

CHARACTERS = "xyze012.+-*/^()(),=<>;!#&|\n\t ²³π×−≤≠√٣\x1b\u202e\ud800"
WORDS = ["if(", "and", "or", "not", "**", "<=", "==", "1e5", "if", "s = ", "; "]
pieces = st.sampled_from([*CHARACTERS, *WORDS, *(f"{name}(" for name in CALLED)])


@given(st.lists(pieces, max_size=14).map("".join) | st.text(max_size=20))
@settings(max_examples=1500)
@example("if(x")
@example("if(x and y, 1, 2")
def test_any_text_gives_an_answer_or_a_documented_error(text):
    try:
        formula = exprdiff.parse(text)
    except ParseError as error:
        assert str(error).replace("\n", "").isprintable()
        return
    try:
        values = dict.fromkeys(formula.variables, 0.5)
        trace, point = formula.trace(**values), formula.point(**values)
        assert all(value == value for value in trace.values)
        assert (trace.values, trace.jacobian) == (point.values, point.jacobian)
        assert trace.notes == point.notes
        for format, about in FORMATS.items():
            if about.shows in ("trace", "point") and format != "article":
                render(trace if about.shows == "trace" else point, format)
            elif about.shows == "program":
                render(formula.program(None, True), format)
        if len(trace.values) == 1:
            render(trace, "article")
        json.loads(render(trace, "json"), parse_constant=pytest.fail)
    except ExprdiffError as error:
        assert error.exit_status in (2, 3, 4)


@given(
    all_trees, st.fixed_dictionaries(dict.fromkeys(NAMES, st.floats(allow_nan=False)))
)
def test_what_has_a_value_has_a_gradient(tree, point):
    """Unless it is infinite, or one of two that the reference names."""
    text = write(tree, Random(0))
    formula = exprdiff.parse(text)
    point = {name: point[name] for name in formula.variables}
    assume(all(map(math.isfinite, point.values())))
    try:
        values = formula.evaluate(**point)
    except (DomainError, RangeError):
        with pytest.raises((DomainError, RangeError)):
            formula.gradient(**point)
        return
    try:
        gradient = formula.gradient(**point)
    except RangeError as error:
        assert "derivative" in str(error) or "gradient" in str(error)
    except DomainError as error:
        causes = ("pow(x, y) in y", "of atan2", "infinite derivative")
        assert any(cause in str(error) for cause in causes)
    else:
        assert values == values
        assert all(slope == slope for slope in gradient.values())
