"""What needs Lark: to say what is wrong with a text, and to make the tables of others.

It is loaded only for a text that is not in the language.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from pprint import pformat
from typing import TYPE_CHECKING, Any

from .errors import EXCERPT, ParseError, normalize, shorten, visible
from .operations import FUNCTIONS
from .tokens import OPERAND_ENDS, Statements, span

if TYPE_CHECKING:
    from lark import Lark, Token

#: What to write instead of a character that the language does not have.
INSTEAD = {
    "|": "abs(x), or 'or' between conditions",
    "&": "'and'",
    "!": "'not' before a condition, and factorial(x) for x!",
    "%": "mod(x, y), or /100",
    "√": "sqrt(x)",
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
    "–": "-",
    "—": "-",
    "⋅": "*",
    "∗": "*",
    "∕": "/",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "∞": "inf, which only a value can be",
    **{digit: f"^{k}" for k, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    "⁻": "^-",
}

#: How other languages call a choice.
CHOICES = {"if", "iif", "ifelse", "where", "ite", "cond", "piecewise"}

#: How a choice is written.
IF = "if(condition, a, b)"

#: What the generated module of tables begins with.
HEAD = '''"""The LALR tables of grammar/expression.lark; generated, see docs/design.md.

A step of a state is the next state, or ~k for a reduction by rule k, of which there are
the name, the nonterminal that it makes and how many symbols that takes. One without a
name leaves its only symbol as it is.
"""

# ruff: noqa: E501
# fmt: off
'''


@cache
def grammar() -> "Lark":
    """Lark's own parser of the language, which makes trees."""
    from lark import Lark

    here = Path(__file__).parent
    # Beside the package is where the grammar is in a checkout and an editable install.
    files = (place / "grammar" / "expression.lark" for place in (here, here.parent))
    return Lark(
        next(file for file in files if file.exists()).read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        postlex=Statements(),
        keep_all_tokens=True,
    )


def tables() -> str:
    """The module of the grammar's tables, made out of those of Lark."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    data, memo = grammar().memo_serialize([TerminalDef, Rule])
    parser, ignored = data["parser"]["parser"], data["parser"]["lexer_conf"]["ignore"]
    (start,), (end,) = parser["start_states"].values(), parser["end_states"].values()
    rules = [rule["@"] for rule in data["rules"]]

    # Lark numbers the states anew each time; here they are in the order of a search.
    steps: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    numbers, found = {start: 0}, [start]
    for state in found:
        steps.append({})
        gotos.append({})
        actions = parser["states"][state]
        for symbol in sorted(actions, key=parser["tokens"].__getitem__):
            (reduces, to), name = actions[symbol], parser["tokens"][symbol]
            if not reduces and to not in numbers:
                numbers[to] = len(found)
                found.append(to)
            step = ~rules.index(to["@"]) if reduces else numbers[to]
            (gotos if name.islower() else steps)[-1][name] = step

    # As Lark tries them: the widest first, and texts that are names as names.
    (name_pattern,) = (t.pattern for t in grammar().terminals if t.name == "NAME")
    keywords, tokens = {}, {}
    for terminal in sorted(
        grammar().terminals,
        key=lambda t: (-t.pattern.max_width, -len(t.pattern.value), t.name),
    ):
        text = terminal.pattern.value
        if terminal.pattern.type == "str" and re.fullmatch(name_pattern.value, text):
            keywords[text] = terminal.name
        else:
            tokens[terminal.name] = terminal.pattern.to_regexp()
    definitions = {
        "TOKENS": tokens,
        "IGNORED": ignored,
        "KEYWORDS": keywords,
        "RULES": [_reduction(memo[rule]) for rule in rules],
        "STEPS": steps,
        "GOTOS": gotos,
        "ACCEPT": numbers[end],
    }
    return HEAD + "".join(
        f"{name} = {pformat(value, width=88, compact=True, sort_dicts=False)}\n"
        for name, value in definitions.items()
    ).encode("ascii", "backslashreplace").decode("ascii")


def _reduction(rule: dict[str, Any]) -> tuple[str, str, int]:
    """What reduces by a rule, the nonterminal, and the number of symbols."""
    origin, size = rule["origin"]["name"], len(rule["expansion"])
    alone = size == 1 and rule["options"]["expand1"] and not rule["alias"]
    return ("" if alone else rule["alias"] or origin), origin, size


def explain(text: str, parses: Callable[[str], bool]) -> ParseError:
    """The error, in plain words, at which Lark stops.

    Args:
        text: the whole expression, which is not in the language.
        parses: whether a text is an expression, and so may be suggested.
    """
    from lark.exceptions import UnexpectedInput

    try:
        grammar().parse(text)
    except UnexpectedInput as stop:
        error = stop
    else:
        raise AssertionError("Lark parses what the tables do not")
    lexed = grammar().lex(text)
    token: Token | None = getattr(error, "token", None)
    if token is None:
        assert error.pos_in_stream is not None
        return bad_character(text, error.pos_in_stream)
    before: list[Token] = []
    at_end = token.type == "$END"
    for earlier in lexed:
        if not at_end and earlier.start_pos == token.start_pos:
            break
        before.append(earlier)
    if at_end:
        return _ends_early(text, before)
    if before and before[-1].type in OPERAND_ENDS:
        return _no_operator(text, before, token, lexed, parses)
    return _no_operand(text, before, token)


def bad_character(text: str, place: int) -> ParseError:
    """text has a character at place that the language does not have."""
    character = text[place]
    instead = INSTEAD.get(character)
    hint = f"; write {instead}" if instead else ""
    if "\udc80" <= character <= "\udcff":
        hint = ": it is a byte that is not UTF-8"
    message = f"'{visible(character)}' has no meaning in an expression{hint}"
    return ParseError(message, text, (place, place + 1))


def bad_name(name: str, start: int, text: str) -> ParseError:
    """text has at start a name that is no Unicode identifier."""
    for k, character in enumerate(name):
        if not f"x{character}".isidentifier():
            return bad_character(text, start + k)
    message = f"a name cannot begin with '{visible(name[0])}'"
    return ParseError(message, text, (start, start + len(name)))


def _ends_early(text: str, before: "list[Token]") -> ParseError:
    if not before:
        return ParseError("the expression is empty")
    _, end = span(before[-1])
    if before[-1].type not in OPERAND_ENDS:
        message = f"{_after(before)}, but the expression ends"
        if before[-1].type == "IF":
            message = f"a choice is written {IF}"
        return ParseError(message, text, (end, end))
    opening = before[_unclosed(before, len(before))]
    return ParseError("this '(' is never closed", text, span(opening))


def _no_operand(text: str, before: "list[Token]", token: "Token") -> ParseError:
    start, end = span(token)
    last = before[-1] if before else None
    if last is None or last.type == "END":
        what = "an expression" if last is None else "a statement"
        message = f"{what} cannot begin with '{visible(token)}'"
        if last == "\n":
            message += "; to go on in another line, end the line with the operator"
    elif last.type == "LPAR" and token.type == "RPAR":
        start, _ = span(last)
        message = "there is nothing between these parentheses"
    elif last.type == "IF":
        message = f"a choice is written {IF}"
    elif last == "<" and token == ">":
        message, start = "write !=", span(last)[0]
    else:
        message = f"{_after(before)}, not '{visible(token)}'"
    if token.type in ("AND", "OR", "NOT"):
        message += f"; '{token}' stands only in the condition of {IF}"
    return ParseError(message, text, (start, end))


def _no_operator(
    text: str,
    before: "list[Token]",
    token: "Token",
    after: "Iterator[Token]",
    parses: Callable[[str], bool],
) -> ParseError:
    last, place = before[-1], span(token)
    start, end = span(last)
    for name in (last, token):
        if name.type == "NAME" and not normalize(name).isidentifier():
            return bad_name(name, span(name)[0], text)
    if (problem := _in_condition(text, before, token)) is not None:
        return problem
    if token.type == "RPAR":
        message = "this ')' closes nothing"
    elif token.type == "COMMA":
        message = "a comma stands only between the arguments of a function"
        message += " and between the values of the result"
        if last.type == "NUMBER":
            message += "; in a number write '.'"
    elif token.type == "RAISED":
        message = "write an exponent of several digits with '^'"
    elif token.type == "COMPARE":
        message = f"a comparison stands only in the condition of {IF}"
        if (called := _called(before)) and called.casefold() in CHOICES:
            message, place = f"a choice is written {IF}", span(called)
    elif token.type in ("AND", "OR", "NOT"):
        message = f"'{token}' stands only in the condition of {IF}"
    elif token.type == "IF":
        message = f"an operator is missing; a choice is written {IF}"
    elif token.type == "IS":
        message = (
            "only a name at the beginning of a statement is given a value with '='"
        )
    elif token.type == "END":
        opening = span(before[_unclosed(before, len(before))])
        return ParseError("this '(' is not closed before the ';'", text, opening)
    elif (
        last.type == "NUMBER"
        and end == place[0]
        and (reason := _bad_number(text, start, end, token))
    ):
        return reason
    else:
        message = "an operator is missing"
        message += _instead(text, before, token, after, parses)
    return ParseError(message, text, place)


def _called(before: "list[Token]") -> "Token | None":
    """The name of the function whose arguments go on at the end of before, if any."""
    k = _unclosed(before, len(before))
    return before[k - 1] if k > 0 and before[k - 1].type in ("NAME", "IF") else None


def _in_condition(
    text: str, before: "list[Token]", token: "Token"
) -> ParseError | None:
    """What is wrong at token, if that is in an if: its condition, or its commas."""
    opening = _unclosed(before, len(before))
    inner = opening + 1
    # Out of parentheses that only group.
    while opening > 0 and before[opening - 1].type not in ("NAME", "IF"):
        opening = _unclosed(before, opening)
    if opening <= 0 or before[opening - 1].type != "IF":
        return None
    commas = _commas(before[opening + 1 :])
    if commas and inner == opening + 1 and token.type in ("RPAR", "COMMA"):
        message = f"if takes 3 arguments: {IF}, and here"
        message += " are more than 3" if commas == 2 else " 2 are given"
        return ParseError(message, text, span(token))
    if commas:
        return None
    part = _last_condition(before[inner:])
    compares = _compares(part)
    if token.type in ("PLUS", "MINUS", "TIMES", "OVER", "CARET", "RAISED", "COMPARE"):
        message = "a comparison is no number; join comparisons with 'and' or 'or'"
    elif token.type == "IS":
        following = text[span(token)[1] : span(token)[1] + 1]
        message = f"write {following}=" if following in ("<", ">") else "write '=='"
        message += " to compare"
    elif token.type in ("RPAR", "COMMA", "AND", "OR", "END") and not compares:
        message = "this is no condition; write one as x > 0"
        place = span(part[0])[0], span(part[-1])[1]
        return ParseError(message, text, place)
    elif token.type in ("RPAR", "COMMA"):
        message = f"if takes 3 arguments: {IF}, and here 1 is given"
    elif token.type != "END" and compares:
        message = "an operator is missing: one as '*', or 'and' between conditions"
    else:
        return None
    return ParseError(message, text, span(token))


def _commas(tokens: "list[Token]") -> int:
    """How many commas are outside of all parentheses."""
    depth = commas = 0
    for token in tokens:
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        commas += token.type == "COMMA" and depth == 0
    return commas


def _compares(tokens: "list[Token]") -> bool:
    """Whether there is a comparison, outside of the arguments of functions."""
    opened: list[bool] = []  # whether each '(' is that of a function
    calls, before = 0, ""
    for token in tokens:
        if token.type == "LPAR":
            opened.append(before in ("NAME", "IF"))
            calls += opened[-1]
        elif token.type == "RPAR" and opened:
            calls -= opened.pop()
        elif token.type == "COMPARE" and not calls:
            return True
        before = token.type
    return False


def _last_condition(tokens: "list[Token]") -> "list[Token]":
    """The tokens behind the last 'and', 'or' or 'not' outside of all parentheses."""
    depth = 0
    for k in reversed(range(len(tokens))):
        depth += (tokens[k].type == "RPAR") - (tokens[k].type == "LPAR")
        if depth == 0 and tokens[k].type in ("AND", "OR", "NOT"):
            return tokens[k + 1 :]
    return tokens


def _instead(
    text: str,
    before: "list[Token]",
    token: "Token",
    after: "Iterator[Token]",
    parses: Callable[[str], bool],
) -> str:
    """What to write where an operator is missing before token, if that is clear."""
    operand, following = _operand(text, token, after)
    first = _operand_start(before)
    function = before[first] if before[first] in FUNCTIONS else None
    left = text[span(before[first])[0] : span(before[-1])[1]]
    behind = [later.type for later in before[first + 1 : first + 3]]
    divided = first > 0 and before[first - 1].type == "OVER"
    if not operand or (function and behind == ["CARET", "MINUS"]):
        return ""  # sin^-1(x) may mean 1/sin(x) or the inverse function
    if before[-1].type == token.type == "NUMBER":
        return ", or a space is too much"
    if before[-1] in FUNCTIONS:
        # Of sin 2x or sin x^2 it is not clear how far the argument goes.
        ends = following in ("", "PLUS", "MINUS", "RPAR", "END", "COMMA")
        one = any(operation.takes(1) for operation in FUNCTIONS[before[-1]])
        suggestion = f"{before[-1]}({operand if ends and one else '…'})"
        instead = f"; write the function with parentheses, {suggestion}"
    elif function and behind[:1] in (["CARET"], ["RAISED"]):
        argument = operand if token.type == "LPAR" else f"({operand})"
        suggestion = f"{function}{argument}{left.removeprefix(function)}"
        instead = f"; for a power of a function write {suggestion}"
    elif divided and following in ("CARET", "RAISED"):
        return ""
    else:
        suggestion = f"({left}*{operand})" if divided else f"{left}*{operand}"
        instead = f"; for a product write {suggestion}"
    instead = " ".join(instead.split())
    if len(instead) > EXCERPT or not ("…" in suggestion or parses(suggestion)):
        return ""
    return visible(instead)


def _bad_number(text: str, start: int, end: int, token: "Token") -> ParseError | None:
    """What is wrong with the number at [start, end), which token follows at once."""
    run = re.compile(r"[\w.]+").match(text, start)
    assert run
    number = shorten(run.group())
    if token.type == "NUMBER":
        reason = "is no number"
    elif token in ("e", "E"):
        reason = (
            f"is no number: after the {token} must come digits;"
            f" for a product write {shorten(text[start:end])}*{token}"
        )
    elif token.startswith("_"):
        reason = "is no number: write it without '_'"
    else:
        return None
    return ParseError(f"{number} {reason}", text, (start, run.end()))


def _after(before: "list[Token]") -> str:
    return f"after '{before[-1]}' must come a number, a name, a sign or '('"


def _operand_start(tokens: "list[Token]") -> int:
    """The index where the operand begins that the last token ends, with its powers."""
    k = len(tokens) - 1
    while True:
        if tokens[k].type == "RAISED":
            k -= 1
        if tokens[k].type == "RPAR":
            k = _unclosed(tokens, k)
            if k and tokens[k - 1].type in ("NAME", "IF"):
                k -= 1
        before = k - 1
        while before >= 0 and tokens[before].type in ("PLUS", "MINUS"):
            before -= 1
        if before < 0 or tokens[before].type != "CARET":
            return k
        k = before - 1


def _operand(text: str, first: "Token", rest: "Iterator[Token]") -> tuple[str, str]:
    """The operand that begins with the token first, and the type of what is behind it.

    The operand is empty where there is no whole one, and the type at the text's end.
    """
    from lark.exceptions import UnexpectedInput

    start, end = span(first)
    depth = int(first.type == "LPAR")
    previous, following = first, ""
    try:
        for token in rest:
            callable = first.type in ("NAME", "IF")
            call = previous is first and callable and token.type == "LPAR"
            if not depth and not call:
                following = token.type
                break
            if token.type == "RPAR" and previous.type not in OPERAND_ENDS:
                return "", ""
            depth += (token.type == "LPAR") - (token.type == "RPAR")
            _, end = span(token)
            previous = token
    except UnexpectedInput:
        return "", ""
    bare = previous is first and (first in FUNCTIONS or first.type == "IF")
    return ("" if depth else text[start:end] + "(…)" * bare), following


def _unclosed(tokens: "list[Token]", end: int) -> int:
    """The index of the last '(' before end that no ')' before end closes, or -1."""
    depth = 0
    for k in reversed(range(end)):
        depth += (tokens[k].type == "RPAR") - (tokens[k].type == "LPAR")
        if depth < 0:
            return k
    return -1
