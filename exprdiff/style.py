"""How numbers and words look."""

from __future__ import annotations

import math
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

#: What is coloured, and its graphic rendition in a terminal: the basic colours, of
#: which everybody's own palette has readable ones.
COLORS = {
    "operation": "36",
    "value": "1",
    "gradient": "32",
    "error": "1;31",
    "note": "1;35",
}

#: When there is colour.
CHOICES = ("auto", "always", "never")


class Style:
    """How numbers and words are written.

    Args:
        precision: how many significant digits numbers have; by default all, and
            adjoints in a trace have three decimals, as in the article.
        color: whether terminal sequences give words a colour.
    """

    def __init__(self, precision: int | None = None, color: bool = False) -> None:
        self.precision = precision
        self.color = color

    def rounded(self, number: Any) -> Any:
        """The number with no more digits than it is to have, unless it overflows."""
        if self.precision is None or isinstance(number, bool):
            return number
        rounded = float(f"{number:.{self.precision - 1}e}")
        return type(number)(rounded) if math.isfinite(rounded) else number

    def number(self, number: Any, absent: str = "None") -> str:
        """The number as text, or what stands for one that is absent."""
        return absent if number is None else str(self.rounded(number))

    def adjoint(self, adjoint: Any) -> str:
        """The adjoint as a trace shows it."""
        if adjoint != adjoint:
            return "none"
        return f"{adjoint:.3f}" if self.precision is None else self.number(adjoint)

    def paint(self, role: str, text: str) -> str:
        """The text in the colour of its role, one of COLORS."""
        return f"\x1b[{COLORS[role]}m{text}\x1b[0m" if self.color else text


PLAIN = Style()


def has_color(stream: TextIO | None, choice: str) -> bool:
    """Whether what goes to a stream is coloured.

    Args:
        stream: standard output or standard error.
        choice: "always", "never" or "auto": on a terminal that is not dumb, unless
            the environment has NO_COLOR (https://no-color.org).
    """
    if choice != "auto":
        return choice == "always"
    return (
        stream is not None
        and stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )
