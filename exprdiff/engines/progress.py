"""Work that takes long: it can be interrupted, and a terminal shows how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import TypeVar

from ..streams import write_to

T = TypeVar("T")

#: How often the line is written, and when for the first time, in seconds.
STEP, FIRST = 0.2, 0.6

#: The columns of the bar.
WIDTH = 20


def on_terminal() -> bool:
    """Whether there is anybody to see how far it is."""
    return sys.stderr is not None and sys.stderr.isatty()


def watched(
    work: Callable[[], T], line: Callable[[float], str], stop: Callable[[], None]
) -> T:
    """What comes of work, which is done on a thread of its own.

    Args:
        work: it may raise whatever this is to raise.
        line: what to show after so many seconds, if standard error is a terminal.
        stop: has the work come to an end soon, when an exception comes in between.
    """
    done = Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def do() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    start, shown = monotonic(), False
    step = STEP if on_terminal() else None
    Thread(target=do, daemon=True).start()
    try:
        while not done.wait(step):
            if (seconds := monotonic() - start) > FIRST:
                shown = True
                _show(line(seconds))
    except BaseException:
        while not done.wait(0.05):
            stop()
        raise
    finally:
        if shown:
            _show("")
    if errors:
        raise errors[0]
    return results[0]


def bar(part: float, size: float, unit: str, seconds: float) -> str:
    """A bar, the rate, and the time that is left.

    Args:
        part: how much of it has been done, from 0 to 1.
        size: how much there is, in units.
        unit: "B", or what is counted.
        seconds: how long it has taken up to now.
    """
    full = ("#" * round(WIDTH * part)).ljust(WIDTH)
    left = duration(seconds / part - seconds)
    rate = amount(size * part / seconds, unit)
    return f"[{full}] {part:4.0%} of {amount(size, unit)}, {rate}/s, {left} left"


def amount(number: float, unit: str) -> str:
    """A number with its unit, as 1.2 MB or 3.4M rows."""
    letters = iter(("", "k", "M", "G", "T"))
    letter = next(letters)
    while number >= 999.5 and letter != "T":
        number, letter = number / 1000, next(letters)
    text = f"{number:.3g}" if letter else f"{number:.0f}"
    return f"{text} {letter}{unit}" if unit == "B" else f"{text}{letter} {unit}"


def duration(seconds: float) -> str:
    """So many seconds, as 0:07, 12:34 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _show(line: str) -> None:
    with suppress(OSError):
        write_to(sys.stderr.buffer, f"\r{line}\x1b[K")
        sys.stderr.flush()
