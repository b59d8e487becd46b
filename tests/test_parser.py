"""The parser on tables against Lark, which has read the grammar itself."""

import itertools
import random
import re
import shlex
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lark import Token
from lark.exceptions import UnexpectedInput
from transcripts import GOLDEN, blocks, commands

from exprdiff import (
    Executor,
    ExprdiffError,
    Node,
    ParseError,
    lalr,
    lalr_tables,
    syntax,
)
from exprdiff.operations import FUNCTIONS
from exprdiff.parser import _Builder, parse

PROJECT = Path(__file__).parent.parent


def texts():
    """The words of every command in the golden files and the documentation."""
    transcripts = [file.read_text(encoding="utf-8") for file in GOLDEN.glob("*/*.txt")]
    for page in (PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")):
        transcripts += blocks(page.read_text(encoding="utf-8"))
    for line in {command.line for text in transcripts for command in commands(text)}:
        try:
            yield from shlex.split(line)
        except ValueError:
            yield line


CORPUS = sorted({word for word in texts() if re.search(r"[\w(]", word)})


def lark_graph(text):
    """The graph that the builder makes of Lark's tree, or what it raises."""
    builder = _Builder(text, ())

    def made(symbol):
        """A symbol's value, where it begins and where it ends."""
        if isinstance(symbol, Token):
            return str(symbol), symbol.start_pos, symbol.end_pos
        values, starts, ends = zip(*map(made, symbol.children), strict=True)
        value = getattr(builder, symbol.data)(list(starts), ends[-1], list(values))
        return value, starts[0], ends[-1]

    made(syntax.grammar().parse(text))
    return builder.finish()


class NoActions:
    """What makes nothing, and refuses nothing."""

    def __getattr__(self, rule):
        return lambda starts, end, symbols: None


def accepts(parse, text):
    try:
        parse(text)
    except (UnexpectedInput, lalr.Unexpected):
        return False
    return True


def outline(read, text):
    """All that there is to know of the graph, or the reason why there is none."""
    try:
        graph = read(text)
    except ParseError as error:
        return str(error)

    def word(given):
        if isinstance(given, Node):
            return given.id
        return str(given), getattr(given, "span", None), getattr(given, "name", None)

    below, found = list(graph.outputs), {}
    while below:
        node = below.pop()
        found[node.id] = (
            *(node.operation.name, node.name, node.span, node.active),
            *map(word, node.inputs),
        )
        below += [i for i in node.inputs if isinstance(i, Node) and i.id not in found]

    def ids(nodes):
        return [node.id for node in nodes]

    order = None
    if graph.order:
        parts = (graph.order.branches, graph.order.statements)
        order = ids(graph.order.wengert), graph.order.chooses
        order += tuple(
            {node.id: ids(nodes) for node, nodes in p.items()} for p in parts
        )
    return (
        *(ids(graph.outputs), ids(graph.variables)),
        *(tuple(graph.assigned), graph.unused, found, order),
    )


def check(text):
    """The two agree; return whether there is a graph."""
    accepted = accepts(syntax.grammar().parse, text)
    assert accepts(lambda text: lalr.reduce(text, NoActions()), text) == accepted
    if not accepted:
        with pytest.raises(ParseError):
            parse(text)
        return False
    expected = outline(lark_graph, text)
    assert outline(parse, text) == expected
    return not isinstance(expected, str)


def test_the_tables_are_those_of_the_grammar():
    """Otherwise they are to be made again, as docs/design.md says."""
    assert Path(lalr_tables.__file__).read_text(encoding="ascii") == syntax.tables()


def test_every_rule_of_the_grammar_has_an_action():
    for name, _, _ in lalr_tables.RULES:
        assert not name or callable(getattr(_Builder, name))


def test_tables_and_lark_agree_on_all_that_is_written_anywhere():
    accepted = [check(text) for text in CORPUS]
    assert sum(accepted) > 150
    assert len(accepted) - sum(accepted) > 100


PIECES = [
    *("x", "y2", "Δz", "π", "e", "温度", "1", "2.5", ".5", "3.", "1e-3", "007", "1e"),
    *("+", "-", "−", "*", "×", "·", "/", "÷", "^", "**", "²", "³", "=", "_", "ⅷ"),
    *("<", "<=", ">", ">=", "==", "!=", "≤", "≥", "≠", "if", "and", "or", "not"),
    *("(", ")", "(", ")", ",", ";", "\n", " ", "\t", "# a (\n", "\r\n", "\u00a0"),
    *("if(", "if(x>0,", "s=", "\ns", "max(", "ln(", "iff", "x1and", "%", "\x00", "$"),
]


@settings(deadline=None, max_examples=3000)
@given(st.lists(st.sampled_from(PIECES), max_size=16).map("".join) | st.text())
@example("x\n\n;y=2;;z")
@example("(x\n)\n+\n1\n")
@example("a<b<c")
@example("if(0<x≤1, x, 1) #")
def test_tables_and_lark_agree_on_any_text(text):
    check(text)


SENTENCES = {
    "program": ["sum", "values", "NAME = sum ; program", "sum \n NAME"],
    "values": ["sum", "sum , values"],
    "sum": ["product", "product", "sum + product", "sum - product"],
    "product": ["signed", "signed", "product * signed", "product / signed"],
    "signed": ["power", "power", "- signed", "+ signed"],
    "power": ["atom", "atom", "atom ^ signed", "atom ²", "atom ² ^ signed"],
    "atom": ["NUMBER", "NAME", "NAME", "CALL ( values )", "( sum )", "choice"],
    "choice": ["if ( condition , sum , sum )"],
    "condition": ["negation", "condition or negation", "condition and negation"],
    "negation": ["comparison", "not negation", "( condition )"],
    "comparison": ["sum < sum", "sum >= sum", "sum < sum != sum", "sum == sum"],
    "NUMBER": ["1", "2", "0.5", "1e3"],
    "NAME": ["x", "y", "z", "s", "t"],
    "CALL": sorted(FUNCTIONS),
}


def sentence(chance, symbol, depth):
    """A text that the grammar derives from the symbol, and is not too long."""
    if symbol not in SENTENCES:
        return chance.choice(["", "", " ", "\n" if symbol == "(" else ""]) + symbol
    ways = SENTENCES[symbol]
    way = ways[0] if depth <= 0 else chance.choice(ways)
    space = " " if symbol in ("condition", "negation") else ""
    return space.join(sentence(chance, part, depth - 1) for part in way.split(" "))


@pytest.mark.parametrize("seed", range(4))
def test_tables_and_lark_agree_on_sentences_and_what_is_nearly_one(seed):
    chance = random.Random(seed)
    accepted = 0
    for _ in range(400):
        text = sentence(chance, "program", chance.randrange(4, 16))[:2000]
        accepted += check(text)
        place = chance.randrange(len(text) + 1)
        check(text[:place] + chance.choice(PIECES) + text[place:])
        check(text[:place] + text[place + 1 :])
    assert accepted > 50


@pytest.mark.parametrize(
    "text",
    [
        *("x*y+ln(x)", "y+x", "2", "x,x,y", "x²^y", "a=x;b=a;b*b", "x+0*(y-x)"),
        *("a=x+y;b=y*a;b+a*x", "a=x;y", "a=x;b=a", "a=2;b=a;x", "a=x*y;b=a;a+b,x"),
        *("a=sin(x);b=cos(y);b/a", "a=sin(x);b=a+1;c=b+a;b*c", "a=x;b=a+y"),
        *("u=z;a=2*x;b=a;c=b*b;c+b", "a=x*2;b=a;b", "a=x-1;b=(a);+b", "s=x;t=s;s*t+x"),
        *("a=y;b=a*x;c=b*a;c,b,a", "a=1;x", "a=x;b=y;2", "a=2;b=3;b"),
    ],
)
def test_the_order_that_the_parser_gives_is_that_of_the_walk(text):
    graph = parse(text)
    values = {node.name: 0.7 for node in graph.variables}
    walk = Executor(*graph.outputs, variables=graph.variables, values=values)
    walk.forward()
    assert walk.topo_list == graph.order.wengert
    assert not graph.order.chooses


def both(text):
    """What runs a text in the order that the parser gives, and what has to walk."""
    graph = parse(text)
    return [
        Executor(*graph.outputs, variables=graph.variables, order=order)
        for order in (graph.order, None)
    ]


def found(executor, values):
    """All that there is at a point, or the reason why there is nothing."""
    executor.values = values
    try:
        point = executor.point()
    except ExprdiffError as error:
        return type(error), str(error)
    nodes = [node.id for node in executor.topo_list]
    # As texts, in which NaN is NaN and -0 is not 0.
    return nodes, *map(str, (point.values, point.jacobian, point.notes))


def check_order(text):
    """Both ways agree at all points; return at how many there is a value."""
    executors, values = both(text), 0
    for x, y, z in itertools.product([-0.5, 0, 2], [0.7, 2], [0, 3]):
        one, other = (
            found(executor, {"x": x, "y": y, "z": z, "s": 1.5, "t": -0.3, "u": z})
            for executor in executors
        )
        assert one == other
        values += len(one) > 2
    return values


@pytest.mark.parametrize(
    "text",
    [
        *("if(x>0,x,y)", "if(x>0,x*y,y-x)+x", "if(x<y,2,x)", "if(x<y,(+x),x+x)"),
        # Named parts that are first used where they may not be needed.
        *("a=ln(x);b=a*y;if(x>0,b,-b)+y", "a=ln(x);if(x>0,a,1)", "a=x*y;if(x>0,1,a)+a"),
        *("a=sqrt(x);if(x>0,a*a,0)+if(x<=0,0,a)", "a=x+y;b=a;if(b>1,b,a)-a"),
        *("a=if(x>0,ln(x),y);if(a>0,a,a*x),a", "a=x*y;b=if(x>0,a,z);c=b*b;c+a"),
        # Choices in each other, and in conditions.
        *("if(x>0,if(y>1,ln(x),x*x),if(z>1,y,x*z))", "if(if(x>0,ln(x),y)<1,x*y,z)"),
        *("if(x>0 and ln(x)<1,x,y)", "if(x<=0 or ln(x)<y or z>1,x*x,y)"),
        *("if(not (x>0 and not ln(x)>0),x,y)", "if(0<x<y*y<z+2,x/y,y)"),
        *("if(x==0 or y/x>1 and z>1,y,y/x)", "if((x>0) and (y<1 or z==x),x+z,z)"),
        *(
            "a=1;if(x>0,a,x)",
            "a=x;if(x>0,a,a*y)",
            "if(x>0,1/x,1e200*1e200)",
            "if(1<2,x,y)",
        ),
        *("abs(if(x>0,x,0))", "if(x>=0,x,-x)", "if(x>0,1,2),x", "if(x>0,1,2),3"),
    ],
)
def test_of_choices_the_order_is_that_of_the_walk(text):
    assert check_order(text)


@pytest.mark.parametrize("seed", range(4))
def test_of_any_choices_the_order_is_that_of_the_walk(seed):
    chance, checked = random.Random(seed), 0
    while checked < 100:
        text = sentence(chance, "program", chance.randrange(8, 16))[:2000]
        if "if" in text and not isinstance(outline(parse, text), str):
            checked += check_order(text) > 0


@pytest.mark.parametrize("text", ["2,3", "x,2,y", "if(x>0,x,y),3"])
def test_where_an_output_is_a_number_the_parser_gives_no_order(text):
    assert parse(text).order is None
