"""Other programs, run as a user would run them, with an eye on the clock."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

#: The script that pip has installed beside this Python.
EXPRDIFF = Path(sys.executable).parent / "exprdiff"
#: How many bytes a process may address, where the system can limit that.
MEMORY = 8 * 2**30

#: Without what would keep Python from its compiled files.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
#: Ways to fail, by what is said then; nesting is too much for a parser.
KINDS = {
    "recursion": "RecursionError",
    "nesting": "nested|memory exhausted",
    "memory": "MemoryError|bad_alloc|stack overflows|heap exhausted",
}


class Run(NamedTuple):
    """What came of a process."""

    seconds: float
    failure: str  #: of what kind, or nothing
    output: str = ""
    errors: str = ""
    reason: str = ""  #: a line that it wrote, or the signal that ended it


def run(words: list[str], limit: int = 300, **environment: str) -> Run:
    """Run a command without input, for so many seconds at most."""
    start = perf_counter()
    try:
        done = subprocess.run(
            words,
            cwd="/",  # where Python finds no modules
            env=ENVIRONMENT | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return Run(limit, f"over {limit} s")
    seconds = perf_counter() - start
    failure, lines = "", (done.stdout + done.stderr).strip().split("\n")
    for kind, sign in KINDS.items():
        if said := [line for line in lines if re.search(sign, line)]:
            failure, lines = failure or kind, said
    if done.returncode < 0:
        failure, lines = failure or "crash", [signal.Signals(-done.returncode).name]
    elif done.returncode:
        failure = failure or "error"
    return Run(seconds, failure, done.stdout, done.stderr, lines[-1].strip()[:80])


def progress(words: str) -> None:
    """Tell whoever waits what is being measured."""
    print(words, file=sys.stderr, flush=True)
