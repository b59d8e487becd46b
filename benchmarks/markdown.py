"""Tables that can be read in a terminal and pasted into a page."""


def markdown(heads: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown, its columns padded; a short row is filled with dashes."""
    full = [heads, *([*row, *["–"] * (len(heads) - len(row))] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    lines = [
        [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in full
    ]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines.insert(1, rule)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def short(number: float) -> str:
    """Three digits, or all that are before the point."""
    return f"{number:,.{0 if number >= 100 else 1 if number >= 10 else 2}f}"
