"""What exprdiff takes for a text: µs a token, µs a node, bytes a node, as JSON.

python benchmarks/throughput_of.py SHAPE TOKENS REPEATS
"""

import gc
import json
import re
import resource
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from shapes import UNITS, X, Y

import exprdiff


def point(expression: exprdiff.Expression) -> dict[str, float]:
    """The values of its variables."""
    return {name: {"x": X, "y": Y}[name] for name in expression.variables}


def sizes(text: str) -> tuple[int, int]:
    """How many tokens a text has, and how many nodes."""
    expression = exprdiff.parse(text)
    steps = expression.trace(**point(expression)).steps
    return len(re.findall(r"[\w.]+|\S", text)), len(steps)


def peak() -> int:
    """The most bytes that were resident."""
    if sys.platform == "linux":  # where getrusage counts in the parent's
        found = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
        return int(found.group(1)) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(shape: str, size: int, repeats: int) -> None:
    """Print the medians."""
    unit = UNITS[shape]
    # To count all would take memory; a text grows by so many for each unit.
    (tokens, nodes), (more_tokens, more_nodes) = sizes(unit(2)), sizes(unit(3))
    steps = max(1, (size - tokens) // (more_tokens - tokens))
    tokens += steps * (more_tokens - tokens)
    nodes += steps * (more_nodes - nodes)
    text = unit(2 + steps)
    parses, points = [], []
    memory = peak()
    for _ in range(repeats):
        expression = None
        gc.collect()
        start = perf_counter()
        expression = exprdiff.parse(text)
        middle = perf_counter()
        expression.point(**point(expression))
        points.append((perf_counter() - middle) * 1e6 / nodes)
        parses.append((middle - start) * 1e6 / tokens)
    grown = (peak() - memory) / nodes
    print(json.dumps([median(parses), median(points), grown]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
