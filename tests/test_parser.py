"""The parser on tables against Lark, which has read the grammar itself."""

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

from exprdiff import Executor, Node, ParseError, lalr, syntax, tables
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
    return (
        *([node.id for node in nodes] for nodes in (graph.outputs, graph.variables)),
        *(graph.assigned, graph.unused, [node.id for node in graph.wengert], found),
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
    assert Path(tables.__file__).read_text(encoding="ascii") == syntax.tables()


def test_every_rule_of_the_grammar_has_an_action():
    for name, _, _ in tables.RULES:
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
    assert walk.topo_list == graph.wengert


@pytest.mark.parametrize("text", ["if(x>0,x,y)", "2,3", "x,2,y"])
def test_where_the_order_depends_the_parser_gives_none(text):
    assert parse(text).wengert == []
