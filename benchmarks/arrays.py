"""What exprdiff takes for arrays of NumPy, and what the same takes written by hand."""

import gc
import os
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import Any

from exprdiff import parse

from .markdown import markdown, short

TEXT = "ln(x1)+x1*x2-sin(x2)"


def by_exprdiff(x1: Any, x2: Any) -> tuple[Any, ...]:
    """The value and both derivatives, of the text."""
    from exprdiff.numbers import arrays

    (value,), (slopes,) = arrays.jacobian(parse(TEXT).graph, {"x1": x1, "x2": x2})
    return value, slopes["x1"], slopes["x2"]


def by_hand(x1: Any, x2: Any) -> tuple[Any, ...]:
    """The same, array by array."""
    import numpy as np

    return np.log(x1) + x1 * x2 - np.sin(x2), 1 / x1 + x2, x1 - np.cos(x2)


def seconds(function: Callable[..., Any], *x: Any) -> float:
    """The time that one call takes."""
    gc.collect()
    start = perf_counter()
    function(*x)
    return perf_counter() - start


def table(rounds: int, largest: int) -> Iterator[str]:
    """Value and gradient at ten times so many points, in turn in each round."""
    try:
        import numpy as np
    except ModuleNotFoundError:
        yield "NumPy is absent; to get it, pip install numpy"
        return
    count, rounds = 10 * largest, min(rounds, 9)
    x1, x2 = np.random.default_rng(0).uniform(0.5, 3, (2, count))
    for ours, theirs in zip(by_exprdiff(x1, x2), by_hand(x1, x2), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-12)
    times = [
        (seconds(by_hand, x1, x2), seconds(by_exprdiff, x1, x2)) for _ in range(rounds)
    ]
    hand, own = map(median, zip(*times, strict=True))
    yield (
        f"Value and both derivatives at {count:,} points in NumPy {np.__version__}, on"
        f" {os.cpu_count()} cores: written by hand, array by array, and by `gradient`."
    )
    row = [f"`{TEXT}`", *map(short, (hand * 1e3, own * 1e3, own / hand))]
    yield markdown(["", "by hand, ms", "exprdiff, ms", "ratio"], [row])
