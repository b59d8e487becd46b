"""The table of functions and operators, made from the operations themselves."""

from collections.abc import Iterator
from typing import NamedTuple

from .operations import OPERATIONS, Operation
from .render.formula import text
from .rules import rule


class Row(NamedTuple):
    """What there is to know of a function or operator."""

    name: str
    aliases: str  #: further names, and the operator
    signature: str  #: how a formula has it
    meaning: str
    domain: str  #: where it is defined, if not everywhere
    derivative: str  #: with respect to each operand, as the rule has it


def rows() -> Iterator[Row]:
    """A row for every operation that a formula can have."""
    for operation in OPERATIONS.values():
        if operation.name == "identity":
            continue
        operator = (operation.infix,) if operation.spoken and operation.infix else ()
        yield Row(
            operation.name,
            " ".join((*operation.aliases, *operator)),
            operation.written,
            (operation.__doc__ or "").splitlines()[0].rstrip("."),
            operation.domain,
            derivative(operation),
        )


def derivative(operation: Operation) -> str:
    """The partial derivatives of an operation, in the order of its operands.

    Where the output depends on all of them in steps only it is 0, and of conditions,
    which no formula calls, it is empty.
    """
    if not operation.smooth:
        return "0" if operation.spoken else ""
    program = rule(operation, [None] * len(operation.operands))
    (row,) = program.jacobian
    count = len(operation.operands) - operation.parameters
    return ", ".join(
        text(row[name], program.steps, ()) if name in row else "none"
        for name in operation.operands[:count]
    )


def table() -> str:
    """The rows as text, in columns, under a line of headings."""
    lines = [tuple(field.upper() for field in Row._fields), *rows()]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in lines
    )


def markdown() -> str:
    """The rows as the table of the documentation."""

    def code(text: str) -> str:
        return f"`{text}`" if text else ""

    lines = [
        "| function | also | meaning | domain | derivative |",
        "|---|---|---|---|---|",
    ]
    for row in rows():
        aliases = " ".join(map(code, row.aliases.split()))
        meaning = row.meaning.replace("|", "\\|")
        cells = [code(row.signature), aliases, meaning]
        cells += [code(row.domain), code(row.derivative)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
