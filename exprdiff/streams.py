"""Files that are read, and the standard streams: all text is UTF-8."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

from .errors import FileError, shorten
from .style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import FileIO
    from typing import BinaryIO

#: The longest line of points, in bytes; and what may be between the columns of one.
LONGEST_LINE, SEPARATORS = 1 << 24, ",;\t"


def read_text(path: str) -> str:
    """The text of a file, or for "-" of standard input, without a byte-order mark.

    Raises:
        FileError: it cannot be read, or is not UTF-8.
    """
    name = "standard input" if path == "-" else f"'{shorten(path)}'"
    try:
        if path == "-":
            data = _standard_input().read()
        else:
            with open(encoded(path), "rb") as file:
                data = file.read()
    except OSError as error:
        raise FileError(f"cannot read {name}: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"cannot read {name}: line {line} has a byte {data[error.start]:#04x}"
            " that is not UTF-8; save it in that encoding"
        ) from None


def lines() -> Iterator[bytes]:
    """The lines of standard input, each as soon as it has come.

    Raises:
        FileError: it cannot be read, or has a line beyond all measure.
    """
    try:
        stream = _standard_input()
        while line := stream.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise FileError(
                    f"standard input has a line of more than {LONGEST_LINE:,} bytes"
                )
            yield line
    except OSError as error:
        raise FileError(f"cannot read standard input: {error.strerror}") from None


def separator_of(head: str) -> str:
    """What stands between the columns of a table in CSV that has this first line."""
    plain = re.sub('"[^"]*"', "", head)
    return next((c for c in SEPARATORS if c in plain), ",")


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise FileError("cannot read standard input: it is closed")
    # Otherwise the end could not be told from a moment without input.
    os.set_blocking(sys.stdin.buffer.fileno(), True)
    return sys.stdin.buffer


def encoded(path: str) -> bytes:
    """The name of a file as the system has it, whatever the locale says."""
    return path.encode("utf-8", "surrogateescape")


def write(text: str | bytes) -> None:
    """Write to standard output, with nothing left in a buffer."""
    if sys.stdout is None:
        raise OSError(None, "it is closed")
    write_to(sys.stdout.buffer, text)
    sys.stdout.flush()


def say(kind: str, message: str, style: Style) -> None:
    """Put a message on standard error, if there is anybody to read it.

    Args:
        kind: "error" or "note".
        message: it may go on with an excerpt of the expression.
        style: says whether it is coloured.
    """
    if sys.stderr is None:
        return
    head, *lines = message.split("\n")
    if lines and (carets := lines[-1].lstrip(" ")).strip("^") == "":
        lines[-1] = lines[-1].replace(carets, style.paint(kind, carets))
    text = "\n".join([f"exprdiff: {style.paint(kind, f'{kind}:')} {head}", *lines])
    try:
        write_to(sys.stderr.buffer, f"{text}\n")
        sys.stderr.flush()
    except OSError:
        forget(2)


def forget(descriptor: int) -> None:
    """Let nothing come of what a stream has left in its buffer.

    The interpreter flushes it at its end, and would fail on it again.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def write_to(stream: BinaryIO | FileIO, text: str | bytes) -> None:
    """Write all of it, text as UTF-8 whatever the locale is."""
    if isinstance(text, str):
        text = text.encode("utf-8", "backslashreplace")
    rest = memoryview(text)
    while rest:  # an unbuffered stream may take a part only
        written = stream.write(rest)
        if written is None:
            raise BlockingIOError(None, "it takes no more at the moment")
        rest = rest[written:]
