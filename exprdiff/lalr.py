"""An LALR parser on the tables of the grammar. It keeps its own stack of any depth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .lalr_tables import ACCEPT, GOTOS, IGNORED, KEYWORDS, RULES, STEPS, TOKENS
from .tokens import OPERAND_ENDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What is no token belongs to no group.
_TOKEN = re.compile(
    "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in TOKENS.items()) + r"|[\s\S]"
)

#: The state after a reduction and the reductions of single symbols that follow it, by
#: the state before it, the nonterminal and the kind of the next token.
_AFTER: dict[tuple[int, str, str], int] = {}


class Unexpected(Exception):
    """The text is not in the language."""


def reduce(text: str, actions: Any) -> None:
    """Reduce text by the rules of the grammar, from left to right.

    Args:
        text: the whole of it.
        actions: has a method for each name of a rule. It takes where the symbols begin,
            where the last one ends, and what they are; of a token its text, of others
            what a method has returned.

    Raises:
        Unexpected: the grammar has no rule for some token.
    """
    make: list[Any] = [rule and getattr(actions, rule) for rule, _, _ in RULES]
    state, states = 0, [0]
    symbols: list[Any] = []
    starts: list[int] = []
    end = 0
    for kind, word, start, stop in _words(text):
        while True:
            step = STEPS[state].get(kind)
            if step is None:
                raise Unexpected
            if step >= 0:
                break
            _, name, size = RULES[~step]
            made = make[~step](starts[-size:], end, symbols[-size:])
            symbols[-size:] = (made,)
            del starts[len(starts) - size + 1 :], states[-size:]
            after = states[-1], name, kind
            state = _AFTER.get(after, -1)
            if state < 0:
                state = _AFTER[after] = _after(*after)
            if state == ACCEPT and kind == "$END":
                return
            states.append(state)
        states.append(step)
        symbols.append(word)
        starts.append(start)
        state, end = step, stop


def _after(state: int, name: str, kind: str) -> int:
    while True:
        goto = GOTOS[state][name]
        step = STEPS[goto].get(kind, 0)
        if step >= 0 or RULES[~step][0]:
            return goto
        name = RULES[~step][1]


def _words(text: str) -> Iterator[tuple[str, str, int, int]]:
    """The kind, the text and the place [start, end) of each token that counts.

    Of what may end a statement only that counts which does, as in ``Statements``.
    """
    depth, last, ending = 0, "END", None
    for match in _TOKEN.finditer(text):
        kind, word = match.lastgroup or "", match[0]
        if kind in IGNORED:
            continue
        if kind == "NAME":
            kind = KEYWORDS.get(word, kind)
        elif kind == "LPAR":
            depth += 1
        elif kind == "RPAR":
            depth -= 1
        elif kind == "END":
            if word == ";" or (depth <= 0 and last in OPERAND_ENDS):
                ending = match
            continue
        if ending:
            if last != "END":
                yield "END", ending[0], ending.start(), ending.end()
            ending = None
        start, end = match.span()
        last = kind
        yield kind, word, start, end
    yield "$END", "", len(text), len(text)
