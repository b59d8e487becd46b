"""What is wrong with a text that is not in the language; loaded only for one."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .errors import ParseError, normalize, shorten, visible
from .operations import FUNCTIONS
from .tokens import OPERAND_ENDS, span

if TYPE_CHECKING:
    from lark import Token
    from lark.exceptions import UnexpectedInput

#: What to write instead of a character that the language does not have.
INSTEAD = {
    "|": "abs(x)",
    "√": "sqrt(x)",
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
    "–": "-",
    "⋅": "*",
    "∗": "*",
    "∕": "/",
    "⁴": "^4",
    "⁻": "^-",
}

#: How a choice is written.
IF = "if(condition, a, b)"


def explain(
    error: "UnexpectedInput", text: str, lexed: "Iterator[Token]"
) -> ParseError:
    """The error, in plain words, at which Lark stopped.

    Args:
        error: what Lark raised.
        text: the whole expression.
        lexed: its tokens, from the first one on.
    """
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
        return _no_operator(text, before, token, lexed)
    return _no_operand(text, before, token)


def bad_character(text: str, place: int) -> ParseError:
    """text has a character at place that the language does not have."""
    character = text[place]
    instead = INSTEAD.get(character)
    hint = f"; write {instead}" if instead else ""
    message = f"'{visible(character)}' has no meaning in an expression{hint}"
    return ParseError(message, text, (place, place + 1))


def bad_name(token: "Token", text: str) -> ParseError:
    """text has a name that is no Unicode identifier."""
    start, end = span(token)
    for k, character in enumerate(token):
        if not f"x{character}".isidentifier():
            return bad_character(text, start + k)
    message = f"a name cannot begin with '{visible(token[0])}'"
    return ParseError(message, text, (start, end))


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
    else:
        message = f"{_after(before)}, not '{visible(token)}'"
    if token.type in ("AND", "OR", "NOT"):
        message += f"; '{token}' stands only in the condition of {IF}"
    return ParseError(message, text, (start, end))


def _no_operator(
    text: str, before: "list[Token]", token: "Token", after: "Iterator[Token]"
) -> ParseError:
    last, place = before[-1], span(token)
    start, end = span(last)
    if token.type == "NAME" and not normalize(token).isidentifier():
        return bad_name(token, text)
    commas = _commas_of_if(before)
    if commas is not None and token.type in ("RPAR", "COMMA"):
        return _wrong_if(text, before, token, commas)
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
    elif token.type in ("AND", "OR"):
        message = f"'{token}' joins comparisons, in the condition of {IF}"
    elif token.type == "IS":
        message = (
            "write '==' to compare"
            if commas == 0
            else "only a name at the beginning of a statement is given a value with '='"
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
        message = "an operator is missing" + _instead(text, before, token, after)
    return ParseError(message, text, place)


def _commas_of_if(before: "list[Token]") -> int | None:
    """How many commas the if has that encloses the end of before, if one does."""
    depth = commas = 0
    for k in reversed(range(len(before))):
        kind = before[k].type
        depth += (kind == "RPAR") - (kind == "LPAR")
        if depth < 0:
            return commas if k and before[k - 1].type == "IF" else None
        commas += kind == "COMMA" and depth == 0
    return None


def _wrong_if(
    text: str, before: "list[Token]", token: "Token", commas: int
) -> ParseError:
    """An if has not the three arguments that it must have."""
    first = _unclosed(before, len(before)) + 1
    condition = before[first:]
    if commas == 0 and not any(part.type == "COMPARE" for part in condition):
        place = span(condition[0])[0], span(condition[-1])[1]
        return ParseError("this is no condition; write one as x > 0", text, place)
    message = f"if takes 3 arguments: {IF}, and here"
    message += " are more than 3" if commas == 2 else f" {commas + 1} are given"
    return ParseError(message.replace("1 are", "1 is"), text, span(token))


def _instead(
    text: str, before: "list[Token]", token: "Token", after: "Iterator[Token]"
) -> str:
    """What to write where an operator is missing before token, if that is clear."""
    operand, following = _operand(text, token, after)
    first = _operand_start(before)
    left = text[span(before[first])[0] : span(before[-1])[1]]
    behind = [later.type for later in before[first + 1 : first + 3]]
    inverse = behind == ["CARET", "MINUS"]
    if not operand or (before[first] in FUNCTIONS and inverse):
        return ""  # sin^-1(x) may mean 1/sin(x) or the inverse function
    if before[-1] in FUNCTIONS:
        # Of sin 2x or sin x^2 it is not clear how far the argument goes.
        argument = operand if following in ("", "PLUS", "MINUS", "RPAR") else "…"
        instead = f"; write the function with parentheses, {before[-1]}({argument})"
    elif (
        before[first] in FUNCTIONS
        and behind[0] in ("CARET", "RAISED")
        and token.type == "LPAR"
    ):
        exponent = left.removeprefix(before[first])
        powered = f"{before[first]}{operand}{exponent}"
        instead = f"; for a power of a function write {powered}"
    else:
        product = f"{left}*{operand}"
        divided = first and before[first - 1].type == "OVER"
        instead = f"; for a product write {f'({product})' if divided else product}"
    return shorten(" ".join(instead.split()), 80)


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
    """The index of the last '(' before end that no ')' before end closes."""
    depth = 0
    for k in reversed(range(end)):
        depth += (tokens[k].type == "RPAR") - (tokens[k].type == "LPAR")
        if depth < 0:
            return k
    raise AssertionError("every '(' is closed")
