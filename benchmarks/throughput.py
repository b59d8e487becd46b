"""What exprdiff takes for each token and each node, and whether that grows."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .markdown import markdown, short
from .process import progress, run
from .shapes import UNITS

CHILD = [sys.executable, str(Path(__file__).parent / "throughput_of.py")]


def table(rounds: int, largest: int) -> Iterator[str]:
    """The table; fresh processes, of the largest size three."""
    small = min(10_000, largest)
    rows = []
    for shape in UNITS:
        progress(f"throughput: {shape}")
        few = [run([*CHILD, shape, str(small), str(rounds)])]
        many = [run([*CHILD, shape, str(largest), "1"]) for _ in range(min(3, rounds))]
        if failures := [done.failure for done in few + many if done.failure]:
            rows.append([shape, failures[0]])
            continue
        (a, b, _), (c, d, size) = (
            map(median, zip(*(json.loads(done.output) for done in runs), strict=True))
            for runs in (few, many)
        )
        cells = [a, c, c / a, b, d, d / b, size]
        # Parentheses have no node but x.
        rows.append([shape, *map(short, cells[: 3 if shape == "parentheses" else 7])])
    at = f"at {largest:,}"
    yield (
        f"`exprdiff.parse(text)`, and value and gradient by `point`, of {small:,} and"
        f" {largest:,} tokens. Targets: 3 µs a token, 2 µs a node, ratios of 1.5, and"
        " 600 bytes a node, by which the peak of resident memory grows."
    )
    heads = ["", "µs a token", at, "ratio", "µs a node", at, "ratio", "bytes a node"]
    yield markdown(heads, rows)
