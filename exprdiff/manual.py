"""The help, and the manual page, out of the same options and examples."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

import click

from . import __version__
from .errors import STATUSES
from .render import FORMATS
from .words import EXAMPLES, Option

#: How wide the help is, in columns.
WIDTH = 80

USAGE = "exprdiff EXPRESSION [--NAME VALUE]... [OPTIONS]"

#: The option that every variable is.
VARIABLE = (
    "--NAME VALUE",
    "The value of the variable NAME: a number, a constant expression as pi/4, a number"
    " and its standard uncertainty as 2.0±0.1, or a sweep LO:HI:COUNT.",
)

#: How roff is given characters that it would obey, or make typography of.
ROFF = {
    "-": "\\-",
    "\\": "\\e",
    "^": "\\(ha",
    "~": "\\(ti",
    "'": "\\(aq",
    "`": "\\(ga",
    ".": "\\&.",
}

#: What in the environment matters.
ENVIRONMENT = {
    "NO_COLOR": "If it is not empty, --color auto means no colour.",
    "TERM": 'If it is "dumb", --color auto means no colour.',
    "COLUMNS, LINES": "The size of a plot, and how wide tables side by side may be;"
    " without them it is that of the terminal.",
}


def summary(command: click.Command) -> str:
    """The help of the command: examples, usage, options by their groups."""
    formatter = click.HelpFormatter(width=WIDTH)
    width = max(map(len, EXAMPLES))
    formatter.write("Examples:\n")
    for line, meaning in EXAMPLES.items():
        formatter.write(f"  {line.ljust(width)}  {meaning}\n".rstrip() + "\n")
    for paragraph in (f"Usage: {USAGE}", *_paragraphs(command)):
        formatter.write_paragraph()
        formatter.write_text(paragraph)
    for heading, options in _groups(command):
        with formatter.section(heading):
            formatter.write_dl(options, col_max=22)
    return formatter.getvalue()


def page(command: click.Command) -> str:
    """The manual page of the command, as source for roff."""
    lines = [
        f'.TH EXPRDIFF 1 "" "exprdiff {__version__}"',
        ".SH NAME",
        "exprdiff \\- value, gradient and every step of a formula",
        ".SH SYNOPSIS",
        _bold(USAGE),
        ".SH DESCRIPTION",
    ]
    for paragraph in _paragraphs(command):
        lines += [".PP", _roff(paragraph)]
    lines += [
        ".SH EXAMPLES",
        *_list((line, f"{why}.") for line, why in EXAMPLES.items()),
    ]
    lines.append(".SH OPTIONS")
    for heading, options in _groups(command):
        lines.append(f".SS {heading}")
        lines += _list(options)
    lines.append(".SH EXIT STATUS")
    lines += _list(_statuses())
    lines.append(".SH ENVIRONMENT")
    lines += _list(ENVIRONMENT.items())
    return "\n".join(lines) + "\n"


def markdown(command: click.Command) -> dict[str, str]:
    """The tables of the reference, by the heading of their first column."""
    groups = dict(_groups(command))
    rows = {
        "format": groups.pop("Formats"),
        "option": chain.from_iterable(groups.values()),
        "exit status": _statuses(),
    }
    return {heading: _table(heading, rows[heading]) for heading in rows}


def _statuses() -> Iterator[tuple[str, str]]:
    return ((str(status), meaning) for status, meaning in STATUSES.items())


def _table(heading: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {heading} | meaning |", "|---|---|"]
    lines += (f"| `{term}` | {meaning} |" for term, meaning in rows)
    return "\n".join(lines) + "\n"


def _paragraphs(command: click.Command) -> Iterator[str]:
    for paragraph in (command.help or "").split("\n\n"):
        yield " ".join(paragraph.split())


def _groups(command: click.Command) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The headings, and under each of them the options and their help."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for param in command.params:
        if isinstance(param, Option):
            names = ", ".join(param.opts)
            row = (f"{names} {param.metavar or ''}".rstrip(), param.help or "")
            groups.setdefault(param.group, []).append(row)
    groups["Variables"].insert(0, VARIABLE)
    formats = [(name, about.meaning) for name, about in FORMATS.items()]
    for heading, options in groups.items():
        yield heading, options
        if heading == "Output":
            yield "Formats", formats


def _list(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The lines of a list of terms with their meanings."""
    for term, meaning in rows:
        yield from (".TP", _bold(term), _roff(meaning[:1].upper() + meaning[1:]))


def _bold(text: str) -> str:
    return f"\\fB{_roff(text)}\\fR"


def _roff(text: str) -> str:
    """The text as roff has to be given it."""
    return re.sub(r"[-\\^~'`]|^[.]", lambda match: ROFF[match.group()], text)
