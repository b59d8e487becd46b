"""The benchmarks run, with whatever peers there are, and the page has their tables."""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent
PAGE = (PROJECT / "docs" / "performance.md").read_text(encoding="utf-8")
TABLES = ["Startup", "Throughput", "Growth", "Arrays", "Tables", "Instructions"]


def benchmarks(*words):
    return run("-m", "benchmarks", *words)


def run(*words):
    return subprocess.run(
        [sys.executable, *words],
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
    assert re.findall("^## (.*)", PAGE, re.M)[-len(TABLES) :] == TABLES
    headings = [heading for heading in TABLES if heading != "Tables"]
    names = map(str.lower, headings)
    done = benchmarks(*names, "--rounds", "1", "--largest", "10")
    assert done.returncode == 0, done.stderr
    assert re.findall("^## (.*)", done.stdout, re.M) == headings
    for heading in headings:
        if (printed := rows(done.stdout, heading)) or heading != "Instructions":
            assert printed == rows(PAGE, heading)
    for line in re.findall(r"^\| exprdiff.*", done.stdout, re.M):
        assert not re.search("absent|answer|error|over|crash|memory", line[20:]), line
    for name in ("qalc", "SymPy", "JAX"):
        assert re.search(rf"{name} \d|- {name} is absent; to get it", done.stdout)


def test_tables_of_points_have_rows_on_the_page():
    """Each formula, format and tool, in the smallest size only."""
    found = [row for row in rows(PAGE, "Tables") if row.strip()]
    sizes = ("small", "middle", "large")
    names = ("survey", "article", "hundred")
    assert found == 2 * [f"{name}, {size}" for name in names for size in sizes]
    small = "from benchmarks import tables as t; t.SIZES = {'small': t.SIZES['small']};"
    done = run("-c", f"{small} print('## Tables', *t.table(1, 100), sep='\\n\\n')")
    assert done.returncode == 0, done.stderr
    printed = [row for row in rows(done.stdout, "Tables") if row.strip()]
    assert printed == [row for row in found if "small" in row]
    assert not re.search("failed|wrong", done.stdout), done.stdout


def test_an_unknown_table_is_refused():
    done = benchmarks("speed")
    assert done.returncode == 2
    assert "'speed' is not one of 'startup'" in done.stderr
