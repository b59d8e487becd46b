"""What whole processes take for a job of one line: time, and instructions."""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from .markdown import markdown, short
from .peers import PEERS
from .process import EXPRDIFF, Run, progress, run

JOB = [str(EXPRDIFF), "ln(x1)+x1*x2", "--x1", "2", "--x2", "5"]
OWN = {
    "bare Python": [sys.executable, "-c", "pass"],
    "import click": [sys.executable, "-c", "import click"],
    "exprdiff": JOB,
    "exprdiff, options": [*JOB, "--format", "value", "--precision", "6"],
    "exprdiff, an error": [str(EXPRDIFF), "2x", "--x", "1"],
}
BASES = ("bare Python", "import click")
#: What is to be in the output; by default all three numbers of the answer.
SIGNS = {**dict.fromkeys(BASES, "^$"), "exprdiff, options": "^10.6931$"}
ANSWER = r"(?s)10\.693147.*5\.5.*\b2(\.0*)?\b"

COUNTERS = {
    ("perf", "stat", "-x,", "-e", "instructions:u"): r"(?m)^(\d+),.*instructions",
    ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"): (
        r"Collected : (\d+)"
    ),
}


def commands(folder: Path) -> dict[str, list[str]]:
    """The command of each row; for a peer that is absent an empty one."""
    job = ("log(x)+x*y", 2.0, 5.0, folder)
    return OWN | {p.name: p.command(*job) if p.present else [] for p in PEERS}


def right(name: str, done: Run) -> bool:
    """Whether a command gave its answer."""
    if name == "exprdiff, an error":
        return "an operator is missing" in done.errors
    return not done.failure and bool(re.search(SIGNS.get(name, ANSWER), done.output))


def table(
    head: list[str], cells: dict[str, list[str]], values: dict[str, list[float]]
) -> str:
    """A table with more columns, for the ratios within each round."""
    for name, column in values.items():
        for base in BASES:
            pairs = zip(column, values[base], strict=True)
            cells[name].append(short(median(a / b for a, b in pairs)))
    heads = ["", *head, *(f"to {base}" for base in BASES)]
    return markdown(heads, [[name, *row] for name, row in cells.items()])


def seconds(rounds: int, largest: int) -> Iterator[str]:
    """The wall times; each round runs every command once, from another one on."""
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        words = commands(Path(folder))
        cells = {name: [] if words[name] else ["absent"] for name in words}
        for name in words:
            if words[name] and not right(name, run(words[name])):
                cells[name] = ["wrong answer"]
        names = [name for name in words if not cells[name]]
        for k in range(rounds):
            progress(f"startup: round {k + 1} of {rounds}")
            for name in names[k % len(names) :] + names[: k % len(names)]:
                times.setdefault(name, []).append(1000 * run(words[name]).seconds)
    for name in names:
        # Twice, since the time of a single round has no quartiles.
        low, middle, high = quantiles(times[name] * 2, n=4, method="inclusive")
        cells[name] = [f"{middle:.1f}", f"{low:.1f}–{high:.1f}"]
    times = {name: times[name] for name in names}
    yield (
        "Value and gradient of ln(x1)+x1*x2 at (2, 5), for peers in x and y: wall time"
        f" of whole processes (rounds: {rounds}), and medians of the ratios in a round."
    )
    yield table(["median ms", "quartiles ms"], cells, times)


def instructions(rounds: int, largest: int) -> Iterator[str]:
    """The instructions in user space, or a line that says why they are not counted."""

    def count(counter: tuple[str, ...], words: list[str]) -> int:
        done = run([*counter, *words], PYTHONHASHSEED="0")
        found = re.search(COUNTERS[counter], done.errors)
        return int(found.group(1)) if found else 0

    usable = (x for x in COUNTERS if shutil.which(x[0]) and count(x, ["true"]))
    if (counter := next(usable, None)) is None:
        yield (
            "Not counted: perf cannot on this machine, and valgrind is absent; to get"
            " it: `apt install valgrind`."
        )
        return
    counts, cells = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        words = commands(Path(folder))
        for name in (*BASES, "exprdiff", "exprdiff, options", "qalc"):
            progress(f"instructions: {name}")
            cells[name] = ["absent"]
            if words[name]:
                counts[name] = [count(counter, words[name])]
                cells[name] = [short(counts[name][0] / 1e6)]
    yield f"Of those start-ups, in user space, as {counter[0]} counts them."
    yield table(["millions"], cells, counts)
