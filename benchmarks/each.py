"""How many points a second ``exprdiff --each`` answers, as a whole process in a pipe.

    python benchmarks/each.py [POINTS] [EXPRESSION]

A row for each form of the points, a column for each format; the median of three runs.
The expression has the variables x1 and x2.
"""

import json
import subprocess
import sys
from statistics import median
from time import perf_counter

FORMATS = ("value", "gradient", "csv", "json", "shell")
RUNS = 3


def forms(count: int) -> dict[str, str]:
    """The same points in every form that lines may have."""
    points = [(1 + k / 1000, k % 100 - 0.5) for k in range(count)]
    return {
        "assignments": "".join(f"x1={a} x2={b}\n" for a, b in points),
        "JSON": "".join(json.dumps({"x1": a, "x2": b}) + "\n" for a, b in points),
        "CSV": "x1,x2\n" + "".join(f"{a},{b}\n" for a, b in points),
    }


def seconds(expression: str, format: str, lines: bytes) -> float:
    """The time that one run takes."""
    words = [sys.executable, "-m", "exprdiff", expression, "--each", "--format", format]
    start = perf_counter()
    subprocess.run(words, input=lines, stdout=subprocess.PIPE, check=True)
    return perf_counter() - start


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    expression = sys.argv[2] if len(sys.argv) > 2 else "ln(x1)+x1*x2"
    print(f"points a second for {expression}, {count:,} points")
    print("".join(cell.rjust(12) for cell in ("", *FORMATS)))
    for name, text in forms(count).items():
        cells = [name]
        for format in FORMATS:
            runs = [seconds(expression, format, text.encode()) for _ in range(RUNS)]
            cells.append(f"{count / median(runs):,.0f}")
        print("".join(cell.rjust(12) for cell in cells), flush=True)


if __name__ == "__main__":
    main()
