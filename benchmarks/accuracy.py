"""How far every operation is from the truth at worst, as a table.

    python benchmarks/accuracy.py [points for each operand] [operation ...]

Errors are in units in the last place, at the points and against the references of
tests/rules.py.
"""

import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from rules import RULES, measure, sample  # noqa: E402

from exprdiff.operations import OPERATIONS  # noqa: E402

LINE = "{:<12} {:<8} {:>8} {:>10} {:>6}  {}"


def main(words: list[str]) -> None:
    """Print the table that the words of the command line ask for."""
    count = int(words.pop(0)) if words and words[0].isdigit() else 1000
    if unknown := [name for name in words if name not in RULES]:
        sys.exit(f"no such operation: {', '.join(unknown)}")
    print(LINE.format("operation", "of", "points", "worst", "bound", "at"))
    for name in words or OPERATIONS:
        rule = RULES[name]
        if not rule.reference:
            continue
        for worst in measure(OPERATIONS[name], rule, sample(name, rule, count)):
            ulps = f"{worst.ulps:.2f}" if worst.ulps < 1e6 else f"{worst.ulps:.1e}"
            ulps += " " if worst.ulps <= rule.ulps else "!"
            where = ", ".join(map(repr, worst.point))
            row = LINE.format(name, worst.what, worst.count, ulps, rule.ulps, where)
            print(row.rstrip(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
