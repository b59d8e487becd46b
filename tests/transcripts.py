"""Transcripts: commands with what they print, as a terminal shows them.

    $ exprdiff "2x" --x 3
    exprdiff: error: an operator is missing; for a product write 2*x
      2x
       ^
    [3]

A line ``[N]`` is the exit status, where it is not 0. In Markdown they are the code
blocks marked ``console``.
"""

import re
import subprocess
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

GOLDEN = Path(__file__).parent / "golden"


class Command(NamedTuple):
    line: str
    output: str  #: of both streams, with the exit status as last line if it is not 0


def commands(text: str) -> list[Command]:
    """The commands of a transcript."""
    parts = re.split(r"^\$ (.*\n)", text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"no command before: {parts[0]!r}"
    return [
        Command(line.rstrip("\n"), output)
        for line, output in zip(parts[1::2], parts[2::2], strict=True)
    ]


def blocks(markdown: str) -> list[str]:
    """The transcripts in a Markdown text."""
    return re.findall(r"^```console\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL)


def run(line: str, **options) -> str:
    """What bash prints for a line, in the form of a transcript."""
    if "/dev/full" in line and not Path("/dev/full").exists():
        pytest.skip("this system has no disk that is always full")
    done = subprocess.run(
        ["bash", "-c", line],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        **options,
    )
    return done.stdout + (f"[{done.returncode}]\n" if done.returncode else "")


def killed_in_the_end(process):
    """A timer that kills a process whose answer a test would wait for without end."""
    timer = threading.Timer(30, process.kill)
    timer.daemon = True
    timer.start()
    return timer
