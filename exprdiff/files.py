"""Files that are written: as a whole, or not at all."""

from __future__ import annotations

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
from .streams import encoded, write, write_to

#: Names of files that are open already.
DESCRIPTOR = re.compile("/dev/(stdout|stderr|fd/([0-9]{1,9}))")


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
            yield lambda text: write_to(file, text)
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
    name = encoded(path)
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
def place(path: str) -> Iterator[str | None]:
    """The name of a new file, which takes the place of the one at path in the end.

    If there is an exception, that is as it was before. There is no name if what is at
    path is no ordinary file.

    Raises:
        FileError: it cannot be written.
    """
    name = encoded(path)
    try:
        if DESCRIPTOR.fullmatch(path) or not _is_replaced(name):
            yield None
            return
        with _replacing(os.path.realpath(name)) as new:
            yield new.decode("utf-8", "surrogateescape")
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileError(f"cannot write '{shorten(path)}': {error.strerror}") from None


@contextmanager
def _replacement(path: bytes) -> Iterator[BinaryIO]:
    """A new file, which takes the place of the one at path when all has gone well."""
    with _replacing(path) as new, open(new, "wb") as file:
        yield file


@contextmanager
def _replacing(path: bytes) -> Iterator[bytes]:
    """The name of a new file, which takes the place of the one at path in the end."""
    import signal

    def end(number: int, frame: object) -> None:
        sys.exit(128 + number)

    # What nohup has made the process ignore, it goes on to ignore.
    deadly = (signal.SIGHUP, signal.SIGTERM)
    heeded = [number for number in deadly if signal.getsignal(number) == signal.SIG_DFL]
    for number in heeded:
        signal.signal(number, end)
    folder, name = os.path.split(path)
    # The module tempfile would take as long to load as a short formula to calculate.
    unique = b".%b.%b" % (name[:100], os.urandom(6).hex().encode())
    new = None
    try:
        # No signal may come between the file and its name.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, *heeded])
        try:
            path_of_new = os.path.join(folder, unique)
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
            os.close(os.open(path_of_new, flags, mode=0o600))
            new = path_of_new
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, *heeded])
        yield new
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


def _mode(path: bytes) -> int:
    """The permissions of the file that is replaced, or of a new one."""
    with suppress(OSError):
        return os.stat(path).st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
