"""The words of an expression, between the grammar's lexer and its rules."""

from __future__ import annotations

from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lark import Token

#: The tokens with which an operand may end, and so a statement.
OPERAND_ENDS = {"NUMBER", "NAME", "RPAR", "RAISED"}


def span(token: Token) -> tuple[int, int]:
    """The place [start, end) of a token in the text."""
    assert token.start_pos is not None and token.end_pos is not None
    return token.start_pos, token.end_pos


class Statements:
    """Leaves out of the tokens every END that ends no statement.

    It is a line break in parentheses or after an operator, what follows another END,
    and what stands before or behind all statements.
    """

    always_accept = ()

    def process(self, tokens: Iterator[Token]) -> Iterator[Token]:
        """The tokens that the grammar's rules are about."""
        depth, last, end = 0, "END", None
        for token in tokens:
            if token.type == "END":
                if token == ";" or (depth <= 0 and last in OPERAND_ENDS):
                    end = end or token
                continue
            if end and last != "END":
                yield end
            end = None
            depth += (token.type == "LPAR") - (token.type == "RPAR")
            last = token.type
            yield token
