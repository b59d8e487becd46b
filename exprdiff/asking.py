"""What the options ask for: their values, read and checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import isfinite
from typing import TYPE_CHECKING

from .errors import UsageError, normalize, shorten
from .expression import UNCERTAIN, value
from .render import FORMATS, format_of
from .run import Asked
from .words import Option, as_variable, either

if TYPE_CHECKING:
    from .budget import Correlations


def texts(settings: tuple[str, ...]) -> dict[str, str]:
    """The text of each variable's value."""
    texts: dict[str, str] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = normalize(name.strip())
        if not equals or not name.isidentifier():
            raise UsageError(f"--set and -s take NAME=VALUE, not {shorten(setting)}")
        if name in texts:
            both = f"{shorten(texts[name])} and {shorten(text)}"
            raise UsageError(
                f"{shorten(name)} is given two values, {both}; give it one"
            )
        texts[name] = text
    return texts


def names(wrt: str) -> list[str]:
    """The names in the value of --wrt."""
    names = [name.strip() for name in wrt.split(",")]
    if "" in names:
        raise UsageError(f"--wrt takes names, as x1,x2, not '{shorten(wrt)}'")
    return names


def direction(forward: str) -> dict[str, str]:
    """The texts of the components in the value of --forward."""
    direction: dict[str, str] = {}
    for part in forward.split(","):
        name, equals, text = part.partition("=")
        name = normalize(name.strip())
        if not name.isidentifier():
            raise UsageError(
                "--forward takes a variable, as x1, or components of a direction, as"
                f" x1=1,x2=-2, not '{shorten(forward)}'"
            )
        if name in direction:
            raise UsageError(f"--forward has {shorten(name)} twice")
        direction[name] = text if equals else "1"
    return direction


def correlations(texts: Collection[str]) -> Correlations | None:
    """The coefficients in the values of --correlation, if there are any."""
    if not texts:
        return None
    from .budget import Correlations

    correlations: dict[tuple[str, str], float] = {}
    for text in texts:
        names, _, number = text.rpartition("=")
        pair = tuple(normalize(name.strip()) for name in names.split(","))
        if len(pair) != 2 or not all(name.isidentifier() for name in pair):
            raise UsageError(
                f"--correlation takes NAMES=R, as x1,x2=0.5, not '{shorten(text)}'"
            )
        a, b = pair
        r = value(f"the correlation of {a} and {b}", number)
        if a == b or not -1 <= r <= 1:
            raise UsageError(
                "a correlation is one of two variables, between -1 and 1, not"
                f" {shorten(text)}"
            )
        if (a, b) in correlations or (b, a) in correlations:
            raise UsageError(f"the correlation of {shorten(names)} is given twice")
        correlations[a, b] = r
    try:
        return Correlations(correlations)
    except ValueError as error:
        raise UsageError(str(error)) from None


def whole(option: str, text: str, most: int, variables: Collection[str]) -> int:
    """The number from 1 on that an option takes."""
    if text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most:
        return int(text)
    name = option.lstrip("-")
    hint = as_variable(name) if name in variables else ""
    raise UsageError(
        f"{option} takes a whole number from 1 to {most}, not '{shorten(text)}'{hint}"
    )


def check_uncertain(
    asked: Asked, uncertainties: Mapping[str, float], each: bool
) -> None:
    """Make sure that there is all that the propagation of uncertainty takes."""
    for name in uncertainties:
        if asked.wrt is not None and name not in asked.wrt:
            raise UsageError(
                f"{shorten(name)} has an uncertainty, and --wrt leaves it out"
            )
    for name in asked.correlations.names() if asked.correlations else ():
        if name not in uncertainties and not each:
            raise UsageError(
                f"{shorten(name)} has a correlation, and no uncertainty; give it one,"
                f" as --{shorten(name)} 2.0±0.1"
            )


def check_asked(
    asked: Asked,
    format: str,
    digits: int,
    check: str | None,
    explain: str | None,
    precision: int | None,
    many: bool,
) -> None:
    """Make sure that what is asked for goes together, and with the format."""
    what = {
        "--wrt": asked.wrt is not None,
        "an uncertainty": asked.uncertain,
        "--forward": asked.direction is not None,
        "--hessian": asked.hessian,
        "--order": asked.order > 0,
        "--digits": digits > 0,
        "--check": check is not None,
        "--explain": explain is not None,
    }
    given = [name for name in what if what[name]]
    for together in (
        ("--wrt", "an uncertainty", "--hessian"),
        ("--wrt", "an uncertainty", "--order"),
        ("--wrt", "--check"),
        ("--wrt", "--digits"),
        ("--forward", "--digits"),
        ("--wrt", "--explain"),
        ("--forward", "--explain"),
    ):
        if set(given) <= set(together):
            break
    else:
        raise UsageError(
            f"{given[0]} and {given[-1]} do not go together; use one of them"
        )
    if digits and precision is not None:
        raise UsageError("--digits and --precision do not go together; use one of them")
    if many and (digits or check):
        raise UsageError(f"{given[-1]} is for one point")
    if format == "article":
        odd = set(given) - {"--wrt"}
    elif FORMATS[format].whole:
        odd = set(given) - {"--wrt", "--explain"}
        if FORMATS[format].shows == "tables":
            odd -= {"--forward"}
    elif FORMATS[format].shows == "program":
        odd = set(given) & {"--forward", "--order", "--digits", "--check"}
        if format not in ("formula", "latex"):
            odd |= set(given) & {"--hessian"}
    elif format not in ("trace", "json"):
        odd = set(given) & {"--check"}
    else:
        odd = set()
    for name in given:
        if name in odd:
            raise UsageError(f"{name} does not go with --format {format}")


#: What goes with --table.
WITH_TABLE = {
    *("table", "file", "set", "wrt", "on-error", "format", "prefix", "engine"),
    *("master", "output", "color"),
}


def check_table(options: Collection[Option], variables: Collection[str]) -> None:
    """Make sure that what is asked for goes with --table.

    Args:
        options: those that are given.
        variables: the names of the variables, which may be those of options.
    """
    for option in options:
        name = max(option.opts, key=len).lstrip("-")
        if name not in WITH_TABLE:
            hint = as_variable(name) if name in variables else ""
            raise UsageError(f"--{name} and --table do not go together{hint}")


def fixed(name: str, text: str) -> int | float:
    """The value of a variable that a table lacks."""
    if ":" in text or UNCERTAIN.search(text):
        kind = "a sweep" if ":" in text else "an uncertainty"
        raise UsageError(f"{shorten(name)} has {kind}, which --table cannot use")
    number = value(name, text)
    if not isfinite(number):
        raise UsageError(f"{shorten(f'{name}={text}')} is not finite")
    return number


def format(path: str | None, many: bool, worksheet: bool) -> str:
    """The format of what goes to a file of this name, if it is not said.

    Args:
        path: the name, if it goes to a file.
        many: whether there are many points.
        worksheet: whether it is an exercise.
    """
    if many:
        return format_of(path, "point", "trace", "sweep") or "csv"
    if worksheet:
        return format_of(path, "tables") or "markdown"
    return format_of(path, "point", "trace", "lesson", "program") or "trace"


def check_format(format: str, each: bool, swept: list[str]) -> None:
    """Make sure that the format has what it shows."""
    if format == "plot" and not swept:
        raise UsageError(
            "a plot draws a sweep; give one or two variables LO:HI:COUNT, as"
            " --x 0:1:99; a picture of the graph is -o graph.svg"
        )
    if each and swept:
        raise UsageError(
            f"{shorten(swept[0])} is swept, and --each reads points;"
            " use one or the other"
        )
    if (each or swept) and format != "plot" and not FORMATS[format].rows:
        rows = either(name for name, about in FORMATS.items() if about.rows)
        shows = "one point"
        if FORMATS[format].shows == "program":
            shows = "what holds at every point"
        raise UsageError(f"--format {format} shows {shows}; for many use {rows}")
