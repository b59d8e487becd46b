"""A sweep as a figure: curves of one variable, a contour picture of two."""

import logging
import warnings
from io import BytesIO
from typing import Any

from ..errors import UsageError
from . import Grid, library

#: How much a contour picture has of levels, and of arrows along each side.
LEVELS, ARROWS = 15, 16


def render(grid: Grid, format: str) -> bytes:
    """The figure as a file.

    Args:
        grid: the results of the sweep.
        format: "svg", "png" or "pdf".

    Raises:
        UsageError: the sweep is none that can be drawn.
        MissingLibrary: matplotlib is not installed.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    matplotlib = library("matplotlib", "figure")
    from matplotlib.figure import Figure

    # Text is text, also to TeX, and the same sweep gives the same file.
    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": "exprdiff",
        "text.usetex": False,
    }
    with warnings.catch_warnings(), matplotlib.rc_context(settings):
        warnings.simplefilter("ignore")
        figure = Figure(figsize=(8, 6), dpi=120, layout="constrained")
        figure.suptitle(grid.title(), parse_math=False)
        (_curves if len(grid.sweeps) == 1 else _contours)(figure, grid)
        file = BytesIO()
        metadata: dict[str, Any] = {"Title": grid.title()}
        if format != "png":
            metadata["Date" if format == "svg" else "CreationDate"] = None
        figure.savefig(file, format=format, metadata=metadata)
    return file.getvalue()


def _curves(figure: Any, grid: Grid) -> None:
    """The values above, and the derivatives below."""
    ((name, xs),) = grid.sweeps.items()
    series = grid.series()
    labels, values = list(series), len(grid.none.values)
    panels = [panel for panel in (labels[:values], labels[values:]) if panel]
    all_axes = figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
    count = 0
    for axes, panel in zip(all_axes, panels, strict=True):
        for label in panel:
            marker = "o" if len(xs) < 20 else None
            style = {"color": f"C{count}", "marker": marker, "markersize": 3}
            axes.plot(xs, series[label], label=label, **style)
            count += 1
        axes.grid(alpha=0.3)
        axes.legend(prop={"size": 9})
    all_axes[-1].set_xlabel(name, parse_math=False)


def _contours(figure: Any, grid: Grid) -> None:
    """The value in colours and lines, and arrows that show where it rises, how fast."""
    if len(grid.sweeps) > 2:
        raise UsageError("a figure shows one or two swept variables, not more")
    (x_name, xs), (y_name, ys) = grid.sweeps.items()
    if len(grid.none.values) > 1:
        raise UsageError("a contour picture shows one value; give one expression")
    if min(len(xs), len(ys)) < 2:
        raise UsageError("a contour picture takes two or more points a variable")
    import numpy

    series = {
        label: numpy.ma.masked_invalid(numpy.array(numbers).reshape(len(xs), len(ys)).T)
        for label, numbers in grid.series().items()
    }
    value = series["value"]
    axes = figure.subplots()
    filled = axes.contourf(xs, ys, value, LEVELS, cmap="viridis")
    axes.contour(xs, ys, value, LEVELS, colors="black", linewidths=0.4)
    figure.colorbar(filled, ax=axes, label="value")
    slopes = [series[name] for name in (f"d_{x_name}", f"d_{y_name}") if name in series]
    if len(slopes) == 2:
        i, j = (max(1, len(numbers) // ARROWS) for numbers in (xs, ys))
        some = (slice(j // 2, None, j), slice(i // 2, None, i))
        arrows = [slope[some] for slope in slopes]
        longest = float(numpy.hypot(*arrows).max())
        if longest > 0:  # and not none at all
            axes.quiver(
                xs[some[1]],
                ys[some[0]],
                *arrows,
                angles="xy",
                scale=ARROWS * longest,
                color="white",
                edgecolor="black",
                linewidth=0.4,
            )
            key = f"arrows: the gradient, up to a length of {longest:.3g}"
            axes.set_title(key, loc="right", fontsize=9)
    axes.set_xlabel(x_name, parse_math=False)
    axes.set_ylabel(y_name, parse_math=False)
