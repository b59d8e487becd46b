"""The benchmarks run, with whatever peers there are, and the page has their tables."""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent
PAGE = (PROJECT / "docs" / "performance.md").read_text(encoding="utf-8")
TABLES = ["Startup", "Throughput", "Growth", "Arrays", "Tables", "Instructions"]


def benchmarks(*words):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words],
        cwd=PROJECT,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def rows(text, heading):
    """The first cells of the rows of all tables under a heading."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]
    return re.findall(r"^\| ([^-|][^|]*?) +\|", section, re.M)


def test_every_table_is_printed_and_on_the_page():
    done = benchmarks("--rounds", "1", "--largest", "10")
    assert done.returncode == 0, done.stderr
    assert re.findall("^## (.*)", done.stdout, re.M) == TABLES
    for heading in TABLES:
        if (printed := rows(done.stdout, heading)) or heading != "Instructions":
            assert printed == rows(PAGE, heading)
    for line in re.findall(r"^\| exprdiff.*", done.stdout, re.M):
        assert not re.search("absent|answer|error|over|crash|memory", line[20:]), line
    for name in ("qalc", "SymPy", "JAX"):
        assert re.search(rf"{name} \d|- {name} is absent; to get it", done.stdout)


def test_an_unknown_table_is_refused():
    done = benchmarks("speed")
    assert done.returncode == 2
    assert "'speed' is not one of 'startup'" in done.stderr
