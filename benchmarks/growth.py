"""How the time from a text to its value and gradient grows with the size."""

import re
import tempfile
from collections.abc import Iterator
from itertools import zip_longest
from math import isclose
from pathlib import Path

from .markdown import markdown, short
from .peers import LIBRARY, OURS, PEERS, Peer
from .process import MEMORY, Run, progress, run
from .shapes import TEXTS, X, Y, answer

#: Seconds that a process may take, for a size of a thousand at most and for a larger
#: one, and those after which no larger size is tried: that takes ten times as long.
LIMITS, PATIENCE = (15, 60), 6
#: What reads no texts, so that a loop may be fairer.
LOOPED = ("autograd", "CasADi", "JAX")


def wrong(output: str, shape: str, size: int) -> str:
    """What is wrong with the three numbers at the end of an output, if anything."""
    plain = output.replace("−", "-").replace("- ", "-").replace(" E", "E")
    try:
        found = [
            float(word) for word in re.split(r"[\s,\[\]]+", plain.strip(" \n]"))[-3:]
        ]
    except ValueError:
        return "error"
    pairs = zip(found, answer(shape, size), strict=False)
    near = all(isclose(a, b, rel_tol=1e-6, abs_tol=1e-8) for a, b in pairs)
    return "" if near and len(found) == 3 else "wrong answer"


def measure(peer: Peer, looped: bool, shape: str, sizes: list[int]) -> Iterator[Run]:
    """What came of each size, until one fails or takes too long."""
    for size in sizes:
        progress(f"growth: {shape}, {size:,}, {peer.name}{', a loop' * looped}")
        with tempfile.TemporaryDirectory() as folder:
            if looped:
                words = [*LIBRARY, peer.program, f"{X}", f"{Y}", shape, str(size)]
            else:
                words = peer.command(TEXTS[shape](size), X, Y, Path(folder))
            done = run(words, LIMITS[size > 1000])
        done = done._replace(failure=done.failure or wrong(done.output, shape, size))
        yield done
        if done.failure or done.seconds > PATIENCE:
            return


def tables(rounds: int, largest: int) -> Iterator[str]:
    """A table for each shape, and how the peers failed."""
    yield (
        "Seconds from a text to its value and gradient: wall time of whole processes,"
        f" and its ratio to exprdiff's. A process may take {LIMITS[1]} s"
        f" ({LIMITS[0]} s up to N = 1,000) and address {MEMORY >> 30} GiB. After a"
        f" failure or {PATIENCE} s nothing larger is tried (–). Libraries that read no"
        " texts leave it to Python (`exec`); in a second row a loop builds the formula."
    )
    yield (
        "- width: a sum of N terms, `sin(1*x)+cos(2*y)+sin(3*x)+…`\n"
        "- depth: N functions, `sin(sin(…sin(x+y)…))`\n"
        "- sharing: N statements, `s2 = sin(s1)*cos(s1)`, through which 2^N paths go"
    )
    sizes = [10**k for k in range(2, 10) if 10**k <= largest] or [largest]
    rivals = [
        (p, k) for p in PEERS for k in ([False, True] if p.name in LOOPED else [False])
    ]
    for shape in TEXTS:
        ours = list(measure(OURS, False, shape, sizes))
        rows = [["exprdiff", *(done.failure or short(done.seconds) for done in ours)]]
        notes = [
            f"- exprdiff: `{done.reason}`"
            for done in ours
            if done.reason and done.failure
        ]
        for peer, looped in rivals:
            row = [f"{peer.name}{', a loop' * looped}"]
            rows.append(row if peer.present else [*row, "absent"])
            runs = measure(peer, looped, shape, sizes) if peer.present else []
            for size, done, our in zip_longest(sizes, runs, ours):
                if done is None:
                    break
                ratio = ""
                if our and not our.failure:
                    ratio = f" ({short(done.seconds / our.seconds)})"
                row.append(done.failure or short(done.seconds) + ratio)
                if done.failure and done.reason:
                    notes.append(f"- {row[0]} at {size:,}: `{done.reason}`")
        yield markdown([f"{shape}, N =", *(f"{size:,}" for size in sizes)], rows)
        if notes:
            yield "\n".join(["What was said at the end:\n", *notes])
