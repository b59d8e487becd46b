"""What exprdiff takes for arrays of NumPy, and what the same takes written by hand.

    python -m benchmarks.arrays [POINTS] [ROUNDS]

Both give the value and both derivatives, in turn, each once in every round.
"""

import gc
import os
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from exprdiff.numbers import arrays
from exprdiff.parser import parse

from .markdown import markdown, short

TEXT = "ln(x1)+x1*x2-sin(x2)"


def by_hand(x1: Any, x2: Any) -> tuple[Any, ...]:
    """The value and both derivatives, array by array."""
    return np.log(x1) + x1 * x2 - np.sin(x2), 1 / x1 + x2, x1 - np.cos(x2)


def by_exprdiff(x1: Any, x2: Any) -> tuple[Any, ...]:
    """The same, of the text."""
    (value,), (slopes,) = arrays.jacobian(parse(TEXT), {"x1": x1, "x2": x2})
    return value, slopes["x1"], slopes["x2"]


def seconds(function: Callable[..., Any], *x: Any) -> float:
    """The time that one call takes."""
    gc.collect()
    start = perf_counter()
    function(*x)
    return perf_counter() - start


def main(count: int = 10_000_000, rounds: int = 9) -> None:
    """Print the table."""
    x1, x2 = np.random.default_rng(0).uniform(0.5, 3, (2, count))
    for ours, theirs in zip(by_exprdiff(x1, x2), by_hand(x1, x2), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-12)
    times = [
        (seconds(by_hand, x1, x2), seconds(by_exprdiff, x1, x2)) for _ in range(rounds)
    ]
    hand, own = map(median, zip(*times, strict=True))
    row = [f"`{TEXT}`", *map(short, (hand * 1e3, own * 1e3, own / hand))]
    print(
        f"{count:,} points, medians of {rounds} rounds, NumPy {np.__version__},"
        f" {os.cpu_count()} cores. Target: a ratio of 1.3.\n"
    )
    print(markdown(["", "by hand, ms", "exprdiff, ms", "ratio"], [row]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
