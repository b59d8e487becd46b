"""What can go wrong: each with its exit status and its place in the expression."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")

#: What the exit statuses mean.
STATUSES = {
    0: "done",
    1: "a failure of input or output, or a library that is not installed",
    2: "wrong usage: options, or values that are missing, unknown, given twice or"
    " unreadable",
    3: "the expression does not parse: its syntax, an unknown function, a wrong number"
    " of arguments",
    4: "no result: undefined or overflowing here, or at a point of a table that is not"
    " skipped; also a line of --each that cannot be read",
    5: "with --check, a derivative that differs from the differences",
    130: "interrupted",
    141: "the reader of the output has gone",
}

#: How many characters a message shows of a long line of the expression.
EXCERPT = 72

#: What Python calls printable, though nothing shows it: fillers and selectors.
INVISIBLE = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


class ExprdiffError(Exception):
    """Anything that exprdiff refuses; as a string, the message with its place.

    Args:
        message: what is wrong and how to mend it, in one line.
        text: the expression, if the message is about a place in it.
        span: that place, [start, end) in characters.
    """

    exit_status = 1

    def __init__(
        self,
        message: str,
        text: str | None = None,
        span: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.span = span

    def __str__(self) -> str:
        if self.text is None or self.span is None:
            return self.message
        return f"{self.message}\n{excerpt(self.text, *self.span)}"


class FileError(ExprdiffError):
    """A failure of input or output."""

    exit_status = 1


class MissingLibrary(ExprdiffError):
    """A library that is installed only with an extra.

    Args:
        name: the library.
        extra: the extra that it belongs to.
    """

    exit_status = 1

    def __init__(self, name: str, extra: str) -> None:
        import sys
        from shlex import quote

        command = f"{quote(sys.executable)} -m pip install 'exprdiff[{extra}]'"
        super().__init__(
            f"this needs {name}, which is not installed; type\n  {command}"
        )
        self.args = (name, extra)


class UsageError(ExprdiffError):
    """Wrong usage: of options, or of values for the variables."""

    exit_status = 2


class MissingValues(UsageError):
    """Variables without a value."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"no value for {listed(names)}")
        self.args = (names,)
        self.names = names


class UnknownVariable(UsageError):
    """A value for a name that the expression does not have."""

    def __init__(self, name: str, variables: Collection[str]) -> None:
        message = f"the expression has no variable {shorten(name)}"
        hint = did_you_mean(name, variables) if variables else ", nor any other"
        self.suggested = hint.endswith("?")
        if not hint:
            hint = f"; it has {listed(variables)}"
        super().__init__(message + hint)
        self.args = (name, variables)
        self.name = name


class ParseError(ExprdiffError):
    """The expression is not in the language."""

    exit_status = 3


class DomainError(ExprdiffError):
    """The value or the gradient does not exist at this point."""

    exit_status = 4


class PointError(ExprdiffError):
    """A point of a table has no result, or cannot be read."""

    exit_status = 4


class RangeError(ExprdiffError):
    """The value or the gradient is beyond the largest number of the number system."""

    exit_status = 4


class CheckFailed(ExprdiffError):
    """A derivative is not what difference quotients say."""

    exit_status = 5


def normalize(name: str) -> str:
    """name in the one form (NFC) in which names are compared."""
    if name.isascii():
        return name
    from unicodedata import normalize

    return normalize("NFC", name)


def by_name(values: Mapping[str, T]) -> dict[str, T]:
    """What is given by names, by them in the one form.

    Raises:
        UsageError: two of the names are the same.
    """
    normal = {normalize(name): value for name, value in values.items()}
    if len(normal) < len(values):
        raise UsageError("two of the names are the same variable")
    return normal


def visible(text: str) -> str:
    """text with everything that a terminal would obey or hide written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def shorten(text: str, width: int = 40) -> str:
    """text made visible, and cut in its middle where it is long."""
    if len(text) > width:
        half = width // 2
        text = f"{text[:half]}…{text[-half:]}"
    return visible(text)


def listed(names: Collection[str]) -> str:
    """The names, separated by commas, or the first few of many."""
    return ", ".join(map(shorten, list(names)[:8])) + ", ..." * (len(names) > 8)


def excerpt(text: str, start: int, end: int) -> str:
    """The line of text in which the place [start, end) begins, and carets under it."""
    left = text.rfind("\n", 0, start) + 1
    right = text.find("\n", start)
    right = len(text) if right < 0 else right
    ellipses = ["", ""]
    if right - left > EXCERPT:
        cut = min(max(left, start - EXCERPT // 3), right - EXCERPT)
        ellipses = ["…" * (cut > left), "…" * (cut + EXCERPT < right)]
        left, right = cut, cut + EXCERPT
    end = min(end, right)
    before = ellipses[0] + visible(text[left:start])
    place = visible(text[start:end])
    after = visible(text[end:right]) + ellipses[1] if end > start else ""
    carets = "^" * max(1, _columns(place))
    return f"  {before}{place}{after}\n  {' ' * _columns(before)}{carets}"


def nearest(name: str, candidates: Iterable[str]) -> list[str]:
    """The candidates that name may have been meant for, the nearest first."""
    from difflib import get_close_matches

    folded: dict[str, list[str]] = {}
    for candidate in candidates:
        folded.setdefault(candidate.casefold(), []).append(candidate)
    near = get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    return [candidate for key in near for candidate in folded[key]]


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """A question to end a message with, or nothing where no candidate is near."""
    if len(name) > 60:
        return ""
    near = [visible(candidate) for candidate in nearest(name, candidates)[:3]]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def shows(character: str) -> bool:
    """Whether a terminal shows the character, and does not obey or hide it."""
    return character.isprintable() and not re.match(INVISIBLE, character)


def _shown(character: str) -> str:
    if shows(character):
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _columns(text: str) -> int:
    """How many columns of a terminal text fills."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0
        if category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff"
        else 1 + (east_asian_width(character) in "WF")
        for character in text
    )
