"""A sweep of one variable drawn with characters: the value and its derivatives."""

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from shutil import get_terminal_size

from ..errors import UsageError
from ..style import Style
from . import Grid, library

#: The colours of the curves, and the marks that tell them apart where there is none.
COLORS = ("cyan", "yellow", "magenta", "green", "red", "blue")
MARKS = (None, "o", "x", "+", "*", "#")

#: What stands beside the curves, in columns and lines, and the least size of a drawing.
MARGIN, LEAST = (20, 5), (20, 6)

#: How far the marks on a curve are apart, in columns.
STEP = 6

#: The most columns and lines, and the shortest axis.
MOST, SMALLEST = (1000, 500), 1e-300


def render(grid: Grid, style: Style) -> str:
    """The drawing as text, of the size of the terminal.

    Raises:
        UsageError: two variables are swept, or there is nothing that can be drawn.
        MissingLibrary: plotille is not installed.
    """
    plotille = library("plotille", "plot")
    if style.color:  # of which plotille has a judgement of its own
        os.environ.pop("NO_COLOR", None)
        os.environ["FORCE_COLOR"] = "1"
    if len(grid.sweeps) > 1:
        raise UsageError(
            "a drawing in the terminal sweeps one variable; -o plot.svg shows two"
        )
    ((name, xs),) = grid.sweeps.items()
    columns, lines = map(min, get_terminal_size(), MOST)
    figure = plotille.Figure()
    figure.with_colors = style.color
    figure.origin = False
    figure.x_label, figure.y_label = name, "y"
    figure.register_label_formatter(float, _tick)
    figure.width = max(columns - MARGIN[0] - len(name), LEAST[0])
    legend, drawn = [], []
    for k, (label, ys) in enumerate(grid.series().items()):
        color = COLORS[k % len(COLORS)]
        mark = None if style.color else MARKS[k % len(MARKS)]
        for part in _parts(xs, ys):
            figure.plot(*zip(*part, strict=True), lc=color)
            if mark:
                some = part[:: max(1, len(xs) * STEP // figure.width)]
                figure.scatter(*zip(*some, strict=True), lc=color, marker=mark)
            drawn += [y for _, y in part]
        sample = plotille.color(mark or "⠤", fg=color, no_color=not style.color)
        legend.append((f"{sample} {label}", len(label) + 2))
    head = [grid.title(columns), *_wrapped(legend, columns)]
    figure.height = max(lines - MARGIN[1] - len(head), LEAST[1])
    figure.set_y_limits(*_limits(drawn, 1 / 50))
    figure.set_x_limits(*_limits(xs, 0))
    rows = figure.show().replace("\N{BRAILLE PATTERN BLANK}", " ").split("\n")
    return "".join(f"{row.rstrip()}\n" for row in (*head, *rows[1:]))


def _limits(numbers: Sequence[float], room: float) -> tuple[float, float]:
    """The ends of an axis, with room beyond them: a part of it, or if it is short."""
    low, high = float(min(numbers)), float(max(numbers))
    beyond = (high - low) * room
    if high - low < SMALLEST:
        beyond = max(abs(high) / 50, SMALLEST)
    return low - beyond, high + beyond


def _wrapped(words: Iterable[tuple[str, int]], columns: int) -> list[str]:
    """The words in lines of no more than so many columns; each comes with its width."""
    lines, used = [""], 0
    for word, width in words:
        if used + width > columns and used:
            lines, used = [*lines, ""], 0
        lines[-1] += f"{word}  "
        used += width + 2
    return lines


def _parts(
    xs: Sequence[float], ys: Sequence[float]
) -> Iterator[list[tuple[float, float]]]:
    """The runs of points that have a number."""
    part: list[tuple[float, float]] = []
    for x, y in zip(xs, ys, strict=True):
        if math.isfinite(y):
            part.append((float(x), float(y)))
        elif part:
            yield part
            part = []
    if part:
        yield part


def _tick(number: float, chars: int, delta: float, left: bool = False) -> str:
    """The text of a tick, with as many digits as its distance to the next one needs."""
    text = f"{0 if abs(number) < delta / 1e6 else number:.4g}"
    return text.ljust(chars) if left else text.rjust(chars)
