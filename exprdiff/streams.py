"""Files and standard streams: text is UTF-8, and what is written is whole."""

import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from io import FileIO
from typing import BinaryIO

from .errors import FileError, shorten
from .style import Style

#: The longest line of points, in bytes.
LONGEST_LINE = 1 << 24

#: Names of files that are open already.
DESCRIPTOR = re.compile("/dev/(stdout|stderr|fd/([0-9]{1,9}))")


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
            with open(_encoded(path), "rb") as file:
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


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise FileError("cannot read standard input: it is closed")
    # Otherwise the end could not be told from a moment without input.
    os.set_blocking(sys.stdin.buffer.fileno(), True)
    return sys.stdin.buffer


@contextmanager
def output(path: str | None) -> Iterator[Callable[[str | bytes], None]]:
    """What writes text or bytes to a file; without path, or "-", to standard output.

    Standard output has each text at once. A file has all of it or, if there is an
    exception, is as it was before; what is no ordinary file is written to directly.

    Raises:
        FileError: it cannot be written.
    """
    if path is None or path == "-":
        yield write
        return
    try:
        with _opened(path) as file:
            yield lambda text: _write(file, text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileError(f"cannot write '{shorten(path)}': {error.strerror}") from None


def _opened(path: str) -> AbstractContextManager[BinaryIO | FileIO]:
    """What the output for path is written to. Raises OSError."""
    if descriptor := DESCRIPTOR.fullmatch(path):
        named = {"stdout": 1, "stderr": 2}
        number = named.get(descriptor[1]) or int(descriptor[2])
        return open(os.dup(number), "wb", buffering=0)
    name = _encoded(path)
    if _is_replaced(name):
        return _replacement(os.path.realpath(name))
    return open(name, "wb", buffering=0)


def _is_replaced(name: bytes) -> bool:
    """Whether name is, or is to be, that of an ordinary file.

    Raises:
        OSError: it is a file that may not be written.
    """
    try:
        ordinary = stat.S_ISREG(os.stat(name).st_mode)
    except FileNotFoundError:
        return os.path.basename(name) != b""
    if ordinary and not os.access(name, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return ordinary


@contextmanager
def _replacement(path: bytes) -> Iterator[BinaryIO]:
    """A new file, which takes the place of the one at path when all has gone well."""
    import signal
    from tempfile import mkstemp

    def end(number: int, frame: object) -> None:
        sys.exit(128 + number)

    # What nohup has made the process ignore, it goes on to ignore.
    deadly = (signal.SIGHUP, signal.SIGTERM)
    heeded = [number for number in deadly if signal.getsignal(number) == signal.SIG_DFL]
    for number in heeded:
        signal.signal(number, end)
    folder, name = os.path.split(path)
    new = None
    try:
        # No signal may come between the file and its name.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, *heeded])
        try:
            descriptor, new = mkstemp(dir=folder, prefix=b".%b." % name[:100])
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, *heeded])
        with open(descriptor, "wb") as file:
            yield file
        os.chmod(new, _mode(path))
        os.replace(new, path)
    except BaseException:
        if new is not None:
            with suppress(OSError):
                os.unlink(new)
        raise
    finally:
        for number in heeded:
            signal.signal(number, signal.SIG_DFL)


def _encoded(path: str) -> bytes:
    """The name of a file as the system has it, whatever the locale says."""
    return path.encode("utf-8", "surrogateescape")


def _mode(path: bytes) -> int:
    """The permissions of the file that is replaced, or of a new one."""
    with suppress(OSError):
        return os.stat(path).st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def write(text: str | bytes) -> None:
    """Write to standard output, with nothing left in a buffer."""
    if sys.stdout is None:
        raise OSError(None, "it is closed")
    _write(sys.stdout.buffer, text)
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
        _write(sys.stderr.buffer, f"{text}\n")
        sys.stderr.flush()
    except OSError:
        forget(2)


def forget(descriptor: int) -> None:
    """Let nothing come of what a stream has left in its buffer.

    The interpreter flushes it at its end, and would fail on it again.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _write(stream: BinaryIO | FileIO, text: str | bytes) -> None:
    """Write all of it, text as UTF-8 whatever the locale is."""
    if isinstance(text, str):
        text = text.encode("utf-8", "backslashreplace")
    rest = memoryview(text)
    while rest:  # an unbuffered stream may take a part only
        written = stream.write(rest)
        if written is None:
            raise BlockingIOError(None, "it takes no more at the moment")
        rest = rest[written:]
