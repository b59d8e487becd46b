"""A line on a terminal's standard error that tells how far a table has come."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING

from ..streams import write_to

if TYPE_CHECKING:
    from .sources import Source

#: How often the line is written, and when for the first time, in seconds.
STEP, FIRST = 0.2, 0.6

#: The columns of the bar.
WIDTH = 20


class Progress:
    """The line, while it is entered.

    Args:
        source: the table.
        percent: gives how many hundredths have been done, or less than 0.
    """

    def __init__(self, source: Source, percent: Callable[[], float]) -> None:
        self._source, self._percent = source, percent
        self._start = monotonic()
        self._shown = False
        on = sys.stderr is not None and sys.stderr.isatty()
        #: How long to wait until it is shown again.
        self.step = STEP if on else None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._shown:
            self._write("\r\x1b[K")

    def show(self) -> None:
        """Write it."""
        seconds = monotonic() - self._start
        if seconds > FIRST:
            self._shown = True
            self._write(f"\r{self.text(seconds)}\x1b[K")

    def text(self, seconds: float) -> str:
        """What there is to say after so many seconds."""
        source = self._source
        size = source.rows or source.bytes
        done = self._percent() / 100
        if not size or not 0 < done <= 1:
            return f"{amount(source.read, 'B')}, {amount(source.read / seconds, 'B')}/s"
        bar = ("#" * round(WIDTH * done)).ljust(WIDTH)
        unit = "rows" if source.rows else "B"
        left = seconds / done - seconds
        return (
            f"[{bar}] {done:4.0%} of {amount(size, unit)},"
            f" {amount(size * done / seconds, unit)}/s, {duration(left)} left"
        )

    def _write(self, text: str) -> None:
        try:
            write_to(sys.stderr.buffer, text)
            sys.stderr.flush()
        except OSError:
            self.step = None


def amount(number: float, unit: str) -> str:
    """A number with its unit, as 1.2 MB or 3.4M rows."""
    for letter in ("", "k", "M", "G"):
        if number < 999.5:
            break
        number /= 1000
    else:
        letter = "T"
    text = f"{number:.3g}" if letter else f"{number:.0f}"
    return f"{text} {letter}{unit}" if unit == "B" else f"{text}{letter} {unit}"


def duration(seconds: float) -> str:
    """So many seconds, as 0:07, 12:34 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
