"""Tables of the sweeps, explanations, worksheets, and descriptions of the graph."""

import json
import re
from xml.etree import ElementTree

import pytest
from rules import RULES

import exprdiff as package
from exprdiff import cli
from exprdiff.operations import OPERATIONS

SURVEY = "ln(x1)+x1*x2-sin(x2)"
#: The same in the order of the survey's own list.
LIST = "v1 = ln(x1); v2 = x1*x2; v3 = sin(x2); v4 = v1 + v2; v4 - v3"
AT = ["--x1", "2", "--x2", "5"]

#: Baydin, Pearlmutter, Radul and Siskind (2018), table 2: the forward primal trace,
PRIMALS = {
    "v-1": ("x1", "", "2"),
    "v0": ("x2", "", "5"),
    "v1": ("ln v-1", "ln 2", "0.693"),
    "v2": ("v-1·v0", "2 × 5", "10"),
    "v3": ("sin v0", "sin 5", "-0.959"),
    "v4": ("v1 + v2", "0.693 + 10", "10.693"),
    "v5": ("v4 - v3", "10.693 - (-0.959)", "11.652"),
    "f": ("v5", "", "11.652"),
}

#: the forward tangent trace along x1,
TANGENTS = {
    "v̇-1": ("ẋ1", "", "1"),
    "v̇0": ("ẋ2", "", "0"),
    "v̇1": ("v̇-1 · 1/v-1", "1 × 0.5", "0.5"),
    "v̇2": ("v̇-1 · v0 + v̇0 · v-1", "1 × 5 + 0 × 2", "5"),
    "v̇3": ("v̇0 · cos v0", "0 × 0.284", "0"),
    "v̇4": ("v̇1 · 1 + v̇2 · 1", "0.5 × 1 + 5 × 1", "5.5"),
    "v̇5": ("v̇4 · 1 + v̇3 · (-1)", "5.5 × 1 + 0 × (-1)", "5.5"),
    "ḟ": ("v̇5", "", "5.5"),
}

#: and table 3: the reverse adjoint trace.
ADJOINTS = [
    ("v̄5", "f̄", "", "1"),
    ("v̄4", "v̄5 · 1", "1 × 1", "1"),
    ("v̄3", "v̄5 · (-1)", "1 × (-1)", "-1"),
    ("v̄1", "v̄4 · 1", "1 × 1", "1"),
    ("v̄2", "v̄4 · 1", "1 × 1", "1"),
    ("v̄0", "v̄3 · cos v0", "-1 × 0.284", "-0.284"),
    ("v̄-1", "v̄2 · v0", "1 × 5", "5"),
    ("v̄0", "v̄2 · v-1", "1 × 2", "1.716"),
    ("v̄-1", "v̄1 · 1/v-1", "1 × 0.5", "5.5"),
    ("∂f/∂x1", "v̄-1", "", "5.5"),
    ("∂f/∂x2", "v̄0", "", "1.716"),
]


def shown(capsys, *words):
    """What the command prints, on a narrow terminal."""
    with pytest.raises(SystemExit) as end:
        cli.main(list(words))
    out, err = capsys.readouterr()
    assert end.value.code == 0, err
    return out


def tables(text):
    """The rows of each table by its title: left side, formula, numbers, result."""
    found = {}
    for block in text.split("\n\n"):
        title, *lines = block.splitlines()
        found[title] = []
        for line in lines:
            left, _, right = re.fullmatch(r"(\S+) +(\+?=) (.*)", line).groups()
            *parts, result = re.split(" += | +→ ", f" {right}")
            formula, numbers = (*parts, "", "")[:2]
            row = (left, formula.strip(), numbers.strip(), result.strip())
            found[title].append(row)
    return found


def test_the_tables_of_the_survey(exprdiff):
    text = exprdiff(LIST, *AT, "--forward", "x1", "--format", "steps").stdout
    primal, tangent, adjoint = tables(text).items()
    assert primal == ("Forward primal trace", [(a, *b) for a, b in PRIMALS.items()])
    title = "Forward tangent trace along ẋ1 = 1"
    assert tangent == (title, [(a, *b) for a, b in TANGENTS.items()])
    assert adjoint[0] == "Reverse adjoint trace"
    assert sorted(adjoint[1]) == sorted(ADJOINTS)
    # Each node passes on only what has arrived as a whole, and first come first added.
    place = {row: k for k, row in enumerate(adjoint[1])}
    assert place[ADJOINTS[5]] < place[ADJOINTS[7]] < len(place)
    assert place[ADJOINTS[6]] < place[ADJOINTS[8]]


def test_the_tables_of_the_survey_as_it_is_typed(exprdiff):
    """The sum comes before the sine there, so the two change their numbers."""

    swap = str.maketrans("34", "43")

    def named(row):
        return tuple(
            re.sub("(?<=[v\u0304\u0307])[34]", lambda m: m[0].translate(swap), cell)
            for cell in row
        )

    text = exprdiff(SURVEY, *AT, "--forward", "x1", "--format", "steps").stdout
    primal, tangent, adjoint = (set(map(named, rows)) for rows in tables(text).values())
    assert primal == {(a, *b) for a, b in PRIMALS.items()}
    assert tangent == {(a, *b) for a, b in TANGENTS.items()}
    assert adjoint == set(ADJOINTS)


def test_tables_are_side_by_side_where_there_is_room(exprdiff, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    below = exprdiff(SURVEY, *AT, "--format", "steps").stdout
    monkeypatch.setenv("COLUMNS", "120")
    beside = exprdiff(SURVEY, *AT, "--format", "steps").stdout
    first = beside.splitlines()[0]
    assert first.startswith("Forward primal trace  ")
    assert first.endswith("  Reverse adjoint trace")
    assert sorted(below.split()) == sorted(beside.split())
    assert max(map(len, below.splitlines())) <= 60


FORMULAS = {
    SURVEY: {"x1": 2, "x2": 5},
    "s = x*y; t = sin(s)/s; (s+t)^3 - s*t*x, -s": {"x": 0.3, "y": -1.7},
    "x*x*x + x^2 + exp(x)*x - x": {"x": -1.25},
    "if(x > 0, sqrt(x), ln(y))*y + max(x, y, 2, x+y)": {"x": 2.25, "y": 3},
    "hypot(x, 3)^y + atan2(y, x) + clamp(x, 0, y)": {"x": 0.7, "y": 1.5},
    "(x+σ(y))/(σ(x)+(x+y)²)": {"x": 3, "y": -4},
    "1e300*x*1e10*0 + 2^x + abs(-x)": {"x": 1e-5},
    "a1+a2+a3+a4+a5+a6+a7+a8+a9 + max(a1,a2,a3,a4,a5,a6,a7,a8,a9,1)": {
        f"a{k}": k / 8 for k in range(1, 10)
    },
}

#: A formula for each operation that one calls, at the first point of its row.
for name, rule in RULES.items():
    if OPERATIONS[name].spoken and rule.points:
        names, point = list(OPERATIONS[name].operands), rule.points[0]
        given = dict(zip(names, point, strict=False))
        if names[0] == "n":  # in which there is no derivative
            names[0] = str(given.pop("n"))
        FORMULAS[f"{name}({', '.join(names)})"] = given


def options(point):
    return [word for name, x in point.items() for word in (f"--{name}", repr(x))]


def read(text):
    """A formula of a table in the language, v-1 being vm1 there."""
    text = re.sub("v(-?)([0-9]+)", lambda m: f"v{'m' * len(m[1])}{m[2]}", text)
    text = (
        re.sub(r"\|([^|]*)\|", r"abs(\1)", text).replace("·", "*").replace(" × ", "*")
    )
    text = re.sub(r"([√∛])(\w[\w.]*|\([^()]*\))", r"\1(\2)", text)
    for sign, name in zip(
        "√∛⌊⌈⌋⌉∞", ("sqrt", "cbrt", "floor(", "ceil(", ")", ")", "inf"), strict=True
    ):
        text = text.replace(sign, name)
    text = re.sub("[⁰⁴-⁹]", lambda m: "^" + str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(m[0])), text)
    return re.sub(r"\b([a-z]\w*) (v\w+|[0-9.e-]+)$", r"\1(\2)", text)


def evaluated(text, values):
    """A formula of a table, at the values that the table has of its nodes."""
    formula = package.parse(read(text))
    named = {read(symbol): value for symbol, value in values.items()}
    return formula.evaluate(**{x: float(named[x]) for x in formula.variables})


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_is_put_in_gives_the_result(formula, capsys, monkeypatch):
    """Formulas and numbers of the tables, read by the language, give what they say.

    In the reverse sweep each line adds a product to what was there before it, and in
    the end there is the gradient that the trace has.
    """
    monkeypatch.setenv("COLUMNS", "1")
    point = FORMULAS[formula]
    words = [formula, *options(point), "--precision", "17"]
    text = shown(capsys, *words, "--format", "steps")
    trace = json.loads(shown(capsys, *words, "--format", "json"))
    (_, primal), *reverse = tables(text).items()
    values = {}
    for left, right, numbers, result in primal:
        if not any(sign in right for sign in "…<>") and "true" not in numbers:
            if right not in point and left[0] != "f":
                assert float(result) == evaluated(right, values)
            if numbers:
                again = package.parse(read(numbers)).evaluate()
                assert float(result) == pytest.approx(again)
        values[left] = result
    for f, (title, rows) in enumerate(reverse):
        assert title.startswith("Reverse adjoint trace")
        totals = {}
        for left, right, numbers, result in rows:
            if not numbers:  # the seed, and the gradient
                totals.setdefault(left, float(result))
                continue
            adjoint, partial = right.split(" · ", 1)
            a, b = (float(part.strip("()")) for part in numbers.split(" × "))
            assert totals[adjoint] == a
            totals[left] = totals.get(left, 0) + a * b
            assert float(result) == totals[left]
            if "∂" not in partial:
                assert evaluated(partial, values) == pytest.approx(b, rel=1e-13)
        for node in trace["nodes"]:
            gradient = node["gradient"]
            if isinstance(gradient, list):
                gradient = gradient[f]
            if gradient is not None:
                assert totals.get(f"v\u0304{node['id']}", 0) == gradient


@pytest.mark.parametrize(
    "number, text",
    [
        *(("2", "2"), ("2.5", "2.5"), ("1/3", "0.333"), ("-2/3", "-0.667")),
        *(("0.1", "0.1"), ("0.0123456", "0.0123"), ("1e-9/3", "3.33e-10")),
        *(("1e5/3", "33333.333"), ("1e7/3", "3.33333e+06"), ("-0.0", "0")),
        *(("123456789", "123456789"), ("inf", "∞"), ("1e300", "1e+300")),
    ],
)
def test_numbers_are_as_short_as_in_textbooks(number, text, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1")
    page = shown(capsys, "x", "--x", number, "--format", "steps")
    assert page.splitlines()[1].split() == ["v-1", "=", "x", "=", text]


def test_which_rows_there_are(capsys, monkeypatch):
    """One for each operand that the rule has a derivative in, be it 0; no others."""
    monkeypatch.setenv("COLUMNS", "1")

    def rows(*words):
        text = shown(capsys, *words, "--format", "steps")
        return {
            title: [row[:3] for row in rows] for title, rows in tables(text).items()
        }

    found = rows("max(x, y)*z", "--x", "1", "--y", "2", "--z", "3")
    numbers = [row[2] for row in found["Reverse adjoint trace"] if row[2]]
    assert numbers == ["1 × 3", "1 × 2", "3 × 0", "3 × 1"]
    found = rows("x^-1", "--x", "2")["Reverse adjoint trace"]
    assert [row[0] for row in found] == ["v̄1", "v̄-1", "∂f/∂x"]
    found = rows("sqrt(x)+y", "--x", "0", "--y", "3", "--forward", "y")
    tangents = found["Forward tangent trace along ẏ = 1"]
    assert ("v̇1", "0", "") in tangents
    assert not any("∞" in row[2] for row in tangents)


# ---- Why? ----------------------------------------------------------------------------


def explained(capsys, *words):
    """What --explain says: paragraphs of lines."""
    return [
        part.splitlines() for part in shown(capsys, *words).rstrip("\n").split("\n\n")
    ]


def test_a_variable_gets_what_its_users_pass_on(capsys):
    title, value, adjoint = explained(capsys, SURVEY, *AT, "--explain", "x2")
    assert title == ["v0 is the variable x2"]
    assert value == ["Value", "  v0 = x2 = 5"]
    assert adjoint == [
        "Adjoint v̄0 = ∂f/∂v0",
        "  v4 = sin v0 passes on v̄4 · cos v0 = -1 × 0.284 = -0.284",
        "  v2 = v-1·v0 passes on v̄2 · v-1    = 1 × 2      = 2",
        "  Sum: 1.716",
    ]


@pytest.mark.parametrize(
    "what",
    ["s*y", "s * y", "s·y", "(s*y)", "p", "2", "v2", "node 2", "Node 2"],
)
def test_a_node_is_found(what, capsys):
    words = "s = x+1; p = s*y; p^2", "--x", "1", "--y", "3", "--explain", what
    paragraphs = explained(capsys, *words)
    assert paragraphs[0] == ["v2 is s*y"]


def test_a_rule_is_given_in_symbols(capsys):
    words = "atan2(u, w)*u", "--u", "1", "--w", "1", "--explain", "atan2(u, w)"
    _, rule, *_ = explained(capsys, *words)
    assert rule[0] == (
        "Rule: z = atan2(y, x), ∂z/∂y = x/hypot(x, y)/hypot(x, y),"
        " ∂z/∂x = -y/hypot(x, y)/hypot(x, y)"
    )


# ---- Worksheets ----------------------------------------------------------------------

BLANKS = {"md": "________", "tex": r"\underline{\hspace{6em}}", "html": 'class="blank"'}


@pytest.mark.parametrize("suffix", BLANKS)
def test_a_worksheet_and_its_key(suffix, exprdiff, tmp_path):
    """They are the same but for blanks in place of answers, at least two a step."""
    sheets = []
    for option in ("--worksheet", "--key"):
        path = tmp_path / f"sheet.{suffix}"
        done = exprdiff(SURVEY, *AT, option, "-o", str(path))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        sheets.append(path.read_text(encoding="utf-8").splitlines())
    questions, answers = sheets
    differ = [(q, a) for q, a in zip(questions, answers, strict=True) if q != a]
    asked = [q.count(BLANKS[suffix]) for q, _ in differ]
    # Five values, f, eight contributions and two derivatives; and the title differs.
    assert [n for n in asked if n] == 5 * [2] + [1] + 8 * [3] + 2 * [1]
    assert not any(BLANKS[suffix] in a for _, a in differ)
    for number in ("11.652", "10.693", "1.716", "-0.284", "5.5"):
        assert any(number in a for a in answers)
        assert not any(number in q for q in questions)


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_formats_of_tables_have_the_same_rows(formula, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1")
    words = (formula, *options(FORMULAS[formula]), "--format")
    plain = [len(rows) for rows in tables(shown(capsys, *words, "steps")).values()]
    text = shown(capsys, *words, "markdown")
    blocks = re.findall(r"^## .*\n\n\|+\n.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert [block.count("\n") for block in blocks] == plain
    text = shown(capsys, *words, "latex-steps")
    blocks = re.findall(r"(?s)\\begin{longtable}{l+}\n(.*?)\\end{longtable}", text)
    assert [block.count(" \\\\\n") for block in blocks] == plain
    assert text.count("{") == text.count("}")
    text = shown(capsys, *words, "html")
    blocks = re.findall("<table>(.*?)</table>", text, re.DOTALL)
    assert [block.count("<tr>") for block in blocks] == plain
    ElementTree.fromstring(f"<a>{''.join(blocks)}</a>")


def test_parentheses_are_as_tall_as_what_is_in_them(capsys):
    words = ["s = x*y; (s + sin(s)/s)^3", "--x", "1", "--y", "2"]
    page = shown(capsys, *words, "--format", "latex-steps")
    assert r"f = \left(x y + \frac{\sin(x y)}{x y}\right)^{3}" in page


# ---- Pictures ------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"
GRAPHS = {
    SURVEY: {"x1": 2, "x2": 5},
    "s = x*y; t = sin(s)/s; (s+t)^3 - s*t*x, -s": {"x": 0.3, "y": -1.7},
    "if(x > 0, abs(x-1), ln(x)+y)*y": {"x": 1, "y": 3},
    "x*x + x": {"x": 3},
    "2*3, y": {"y": 1},
    "s = x*y; t = s+1; s, t, ln(t), x": {"x": 2, "y": 3},
}


def graph(capsys, formula):
    """The nodes and the uses that JSON has of a formula at its point."""
    words = [formula, *options(GRAPHS[formula]), "--format", "json"]
    nodes = {n["id"]: n for n in json.loads(shown(capsys, *words))["nodes"]}
    uses = [
        (source, n["id"])
        for n in nodes.values()
        for source, operand in zip(n["inputs"], n["operands"], strict=True)
        if isinstance(source, int)
    ]
    return nodes, sorted(uses)


def taken(uses, nodes):
    """The uses among nodes that JSON has."""
    return sorted((a, b) for a, b in uses if a in nodes and b in nodes)


@pytest.mark.parametrize("formula", GRAPHS)
def test_a_picture_has_each_node_once_and_each_use(formula, capsys):
    nodes, uses = graph(capsys, formula)
    words = [formula, *options(GRAPHS[formula]), "--precision", "6", "--format", "svg"]
    picture = ElementTree.fromstring(shown(capsys, *words))
    boxes = {
        int(group.get("data-node")): [t.text or "" for t in group.iter(f"{SVG}text")]
        for group in picture.iter(f"{SVG}g")
        if group.get("data-node")
    }
    assert len(boxes) == sum("data-node" in g.attrib for g in picture.iter(f"{SVG}g"))
    for id, node in nodes.items():
        name, value, gradient = boxes[id][:3]
        assert name.startswith(node["name"] or node["operation"])
        rounded = node["value"]
        if not isinstance(rounded, bool):
            assert float(value.split(" = ")[1]) == pytest.approx(rounded, rel=1e-5)
        gradients = node["gradient"]
        if not isinstance(gradients, list):
            gradients = [gradients]
        for shown_one, one in zip(
            gradient.split(" = ")[1].split(", "), gradients, strict=True
        ):
            assert (
                shown_one == "none"
                if one is None
                else float(shown_one) == pytest.approx(one, rel=1e-5)
            )
    drawn = [
        (int(g.get("data-source")), int(g.get("data-target")))
        for g in picture.iter(f"{SVG}g")
        if g.get("data-source")
    ]
    assert taken(drawn, nodes) == taken(uses, nodes)
    # From the left to the right.
    for path in picture.iter(f"{SVG}path"):
        if path.get("class") == "line":
            xs = [
                float(x)
                for x in re.findall(r"[MC ]?(-?[\d.]+) -?[\d.]+", path.get("d"))
            ]
            assert xs == sorted(xs)
    assert set(boxes) - set(nodes) == {
        int(g.get("data-node"))
        for g in picture.iter(f"{SVG}g")
        if "skipped" in g.get("class", "")
    }
    assert picture.find(f"{SVG}title").text == formula
    for id in boxes:
        assert f"v{id}: " in picture.find(f"{SVG}desc").text


def test_a_kink_is_marked(capsys):
    words = ["abs(x)+x", "--x", "0", "--format"]
    with pytest.raises(SystemExit):
        cli.main([*words, "svg"])
    out, err = capsys.readouterr()
    note = err.removeprefix("exprdiff: note: ").strip()
    picture = ElementTree.fromstring(out)
    (marked,) = [g for g in picture.iter(f"{SVG}g") if "remark" in g.get("class", "")]
    assert marked.find(f"{SVG}title").text == note
    assert note in picture.find(f"{SVG}desc").text
    assert "(a convention)" in shown(capsys, *words, "tree")


#: Of the picture's and of the descriptions' arrows the source, the label, the target.
ARROWS = {
    "svg": r'data-source="(-?\d+)" data-target="(-?\d+)".*?<text.*?>(.*?)</text>',
    "dot": r'"(-?\d+)" -> "(-?\d+)" \[label="(.*?)"\]',
}


@pytest.mark.parametrize("format", ARROWS)
@pytest.mark.parametrize("formula", [SURVEY, "x*x + x", "(x1-x2)/x2^3"])
def test_what_arrows_pass_on_adds_up(formula, format, capsys):
    """The gradient of a node is the sum over its arrows of partial and gradient."""
    point = {name: k + 2 for k, name in enumerate(package.parse(formula).variables)}
    words = [formula, *options(point), "--precision", "17", "--format", format]
    text = shown(capsys, *words)
    gradients = {
        s.id: s.adjoints[0] for s in package.parse(formula).trace(**point).steps
    }
    sums = dict.fromkeys(gradients, 0)
    for source, target, partial in re.findall(ARROWS[format], text):
        sums[int(source)] += float(partial) * gradients[int(target)]
    (output,) = package.parse(formula).graph.outputs
    sums[output.id] += 1
    assert sums == pytest.approx(gradients)


def test_what_is_not_taken_is_told_apart(capsys):
    words = ["if(x > 0, x, ln(-x))", "--x", "1", "--format"]
    marks = {"svg": "node skipped", "dot": "dashed", "mermaid": "dasharray"}
    for format, mark in marks.items():
        assert shown(capsys, *words, format).count(mark) == 2
    assert shown(capsys, *words, "tree").count("not taken") == 2


@pytest.mark.parametrize("formula", GRAPHS)
def test_descriptions_have_each_node_once_and_each_use(formula, capsys):
    nodes, uses = graph(capsys, formula)
    words = [formula, *options(GRAPHS[formula]), "--format"]
    dot = shown(capsys, *words, "dot")
    boxes = re.findall(r'^  "(-?\d+)" \[', dot, re.MULTILINE)
    arrows = re.findall(r'^  "(-?\d+)" -> "(-?\d+)"', dot, re.MULTILINE)
    assert len(set(boxes)) == len(boxes)
    assert nodes.keys() <= set(map(int, boxes))
    assert taken([(int(a), int(b)) for a, b in arrows], nodes) == taken(uses, nodes)
    mermaid = shown(capsys, *words, "mermaid")
    ids = dict(enumerate(sorted(map(int, boxes))))
    assert len(re.findall(r"^    n\d+[\[(]", mermaid, re.MULTILINE)) == len(boxes)
    arrows = re.findall(r"^    n(\d+) -->.*n(\d+)$", mermaid, re.MULTILINE)
    arrows = [(ids[int(a)], ids[int(b)]) for a, b in arrows]
    assert taken(arrows, nodes) == taken(uses, nodes)
    tree = shown(capsys, *words, "tree")
    assert len(re.findall(" = .*, grad: ", tree)) == len(nodes)
    # A line for each use and for each result, but for those of literals.
    lines = re.findall(r"^[│ ├└─]*(?:\([^)]*\))?[─ ]*v-?\d+ ", tree, re.MULTILINE)
    every = len(re.findall(" -> ", dot)) + len(
        set(package.parse(formula).graph.outputs)
    )
    assert len(lines) == every


def test_a_deep_tree_goes_on_below(capsys):
    """Its lines are as many as its nodes, and none is as long as it is deep."""
    tree = shown(capsys, "sin(" * 500 + "x" + ")" * 500, "--x", "1", "--format", "tree")
    assert len(re.findall(" = .*, grad: ", tree)) == 501
    assert tree.count("(below)") == (501 - 1) // 31
    assert max(map(len, tree.splitlines())) < 200


# ---- Odd input -----------------------------------------------------------------------

ODD = (
    "a_b*__x__ + Ω # </script><img src=x onerror=alert(1)>"
    "\x1b[31m $\\input{x}$ ]]>\u202e"
)


@pytest.mark.parametrize(
    "format",
    ["html", "svg", "lesson", "markdown", "latex-steps", "dot", "mermaid", "tree"],
)
def test_odd_names_and_comments_do_nothing(format, capsys):
    words = [ODD, "--a_b", "2", "--__x__", "3", "--Ω", "1", "--format", format]
    text = shown(capsys, *words)
    assert not set(text) & {"\x1b", "\u202e"}
    if format in ("html", "svg", "lesson"):
        assert "<img" not in text
        assert text.count("</script") == text.count("<script")
    if format in ("svg",):
        ElementTree.fromstring(text)
    if format == "markdown":
        assert r"a\_b" in text
        assert r"\_\_x\_\_" in text
    if format == "latex-steps":
        assert "input{x}" not in text


# ---- Notebooks -----------------------------------------------------------------------


def test_what_a_notebook_shows():
    formula = package.parse("ln(x1)+x1*x2-sin(x2)")
    latex = r"f = \ln(x_1) + x_1 x_2 - \sin(x_2)"
    assert formula._repr_latex_() == rf"$\displaystyle {latex}$"
    trace = formula.trace(x1=2, x2=5)
    ElementTree.fromstring(trace._repr_svg_())
    page = trace._repr_html_()
    assert page.count("<table>") == 2
    assert "11.652" in page
    assert trace._repr_svg_() in page
    long = package.parse("+".join(f"x*{k}" for k in range(400))).trace(x=1)
    assert long._repr_html_() is long._repr_svg_() is None
    skipped = "+".join(f"ln(x)*{k}" for k in range(400))
    long = package.parse(f"if(x > 0, x, {skipped})").trace(x=1)
    assert long._repr_html_() is long._repr_svg_() is None
