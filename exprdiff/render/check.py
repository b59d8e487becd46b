"""Derivatives beside difference quotients, as text or as JSON."""

from collections.abc import Iterable

from ..check import Agreement, Step, Table
from ..style import Style
from .json import finite, line
from .trace import columns, short


def render(found: list[Agreement], format: str, style: Style) -> str:
    """A line for each derivative: it, the difference, and how many digits agree."""
    if format == "json":
        keys = ("output", "name", "derivative", "difference", "digits")
        checks = [dict(zip(keys, map(finite, one), strict=True)) for one in found]
        return line({"check": checks})
    several = len({one.output for one in found}) > 1
    rows = [("derivative", "value", "central difference", "digits that agree")]
    for one in found:
        of = f"f{one.output} in " * several
        digits = "not smooth here" if one.digits is None else str(one.digits)
        difference = "none" if one.difference is None else style.number(one.difference)
        rows.append((of + one.name, style.number(one.derivative), difference, digits))
    return "".join(f"{line}\n" for line in columns(rows))


def tables(found: list[Table], format: str, style: Style) -> str:
    """For each derivative a line for each step, the best one marked."""
    if format == "json":
        return line(
            {
                "check": [
                    {
                        "output": one.output,
                        "name": one.name,
                        "derivative": finite(one.derivative),
                        "steps": [_step(step) for step in one.steps],
                        "best": None if (best := one.best()) is None else best.h,
                    }
                    for one in found
                ]
            }
        )
    several = len({one.output for one in found}) > 1
    return "".join(f"{row}\n" for one in found for row in _table(one, several, style))


def _table(one: Table, several: bool, style: Style) -> Iterable[str]:
    of = f"of f{one.output} in" if several else "of"
    yield f"gradient {of} {one.name} is {style.number(one.derivative)}"
    if not one.steps:
        return
    best = one.best()
    rows: list[tuple[str, ...]] = [
        ("h", "error of forward difference", "error of central difference", "")
    ]
    for step in one.steps:
        errors = (
            "none" if error is None else short(error, style)
            for error in (step.forward, step.central)
        )
        rows.append((f"{step.h:g}", *errors, "<- best" if step is best else ""))
    yield from columns(rows)


def _step(step: Step) -> dict[str, float | None]:
    return dict(zip(Step._fields, map(finite, step), strict=True))
