"""A pseudo-terminal, and what it shows."""

import codecs
import os
import pty
import re
import select
import subprocess
import sys
import time

#: Makes the terminal the one that keys like Ctrl-C come from, and becomes the command.
#: It is a program, for a process with much memory may be too large to be forked.
CONTROL = """
import fcntl, os, sys, termios
for descriptor in (0, 1, 2):
    if os.isatty(descriptor):
        fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
        break
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """A process on a pseudo-terminal of its own.

    Args:
        words: the command.
        options: as of ``subprocess.Popen``; a stream that is not given is the terminal.
    """

    def __init__(self, *words, **options):
        self.screen, inside = pty.openpty()
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), inside)
        self.process = subprocess.Popen(
            [sys.executable, "-ISc", CONTROL, *words],
            start_new_session=True,
            **streams | options,
        )
        os.close(inside)
        self.shown = ""
        self._decode = codecs.getincrementaldecoder("utf-8")().decode

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        os.close(self.screen)

    def type(self, keys):
        os.write(self.screen, keys.encode())

    def read(self, until=None, seconds=30):
        """All that is shown until a pattern is there, or up to the end."""
        end = time.monotonic() + seconds
        while until is None or not re.search(until, self.shown):
            ready, _, _ = select.select([self.screen], [], [], end - time.monotonic())
            assert ready, f"it shows no more than {self.shown!r}"
            try:
                text = os.read(self.screen, 65536)
            except OSError:  # as Linux has it at the end
                text = b""
            if not text:
                assert until is None, f"it ends with {self.shown!r}"
                break
            self.shown = (self.shown + self._decode(text)).replace("\r\n", "\n")
        shown, self.shown = self.shown, ""
        return shown

    def status(self):
        return self.process.wait(30)
