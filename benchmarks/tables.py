"""What exprdiff takes for tables of points, and what other tools take for the same."""

import os
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path
from statistics import median

from .by_hand import FORMULAS, TOOLS, Formula
from .markdown import markdown, short
from .peers import PIP
from .process import EXPRDIFF, Run, progress, run

#: What a column of the tables is called, and what it takes besides its module.
NAMES = {
    "duckdb": "DuckDB",
    "polars": "Polars",
    "numpy": "NumPy",
    "jax": "JAX",
    "autograd": "autograd",
    "casadi": "CasADi",
}
ALONE = ("duckdb", "polars")
FOLDER = str(Path(__file__).parent)
#: How Python runs by_hand.py: it imports that, and so need not compile it each time.
HAND = [sys.executable, "-c", "from by_hand import main; main()"]
#: How it runs a query, which is for preparation and checks: a process of its own, for
#: the peak of memory of a child is never below that of its parent.
QUERY = "import duckdb, sys; print(*duckdb.execute(sys.argv[1]).fetchone())"
#: What tables are called, how long they are, in lengths of the middle one, and for how
#: many rounds each is measured at most.
SIZES = {"small": (0.01, 9), "middle": (1, 3), "large": (10, 1)}
#: Seconds that a process may take.
LIMIT = 600
#: How many times the time of DuckDB by hand exprdiff may take.
BAR = 1.15


def query(text: str) -> str:
    """What DuckDB answers to a query, in one row."""
    done = run([sys.executable, "-c", QUERY, text], LIMIT)
    if done.failure:
        raise RuntimeError(done.errors)
    return done.output


def make(formula: Formula, rows: int, file: Path) -> None:
    """A table of points in [0.5, 3], the same each time."""
    columns = [f"0.5 + 2.5*random() AS {name}" for name in formula.names]
    points = f"SELECT range AS id, {', '.join(columns)} FROM range({rows})"
    seed = "SET threads = 1; SELECT setseed(0.5)"
    query(f"{seed}; COPY ({points}) TO '{file}'")


def same(formula: Formula, rows: int, ours: Path, theirs: Path) -> bool:
    """Whether all is equal, row by row, or nearly so what was calculated."""
    pairs = [f"a.{name} = b.{name}" for name in ["id", *formula.names]]
    pairs += [
        f"abs(a.{name} - b.{name}) <= 1e-9*(1 + abs(b.{name}))"
        for name in formula.results
    ]
    joined = f"'{ours}' AS a POSITIONAL JOIN '{theirs}' AS b"
    good = f"count(*) FILTER ({' AND '.join(pairs)})"
    return query(f"SELECT count(*), {good} FROM {joined}").split() == [str(rows)] * 2


def compare(
    name: str, rows: int, rounds: int, tools: list[str], source: Path, check: bool
) -> dict[str, list[Run]]:
    """What each took in each round, in turn; or once, if that failed."""
    formula, folder = FORMULAS[name], source.parent
    files = {tool: folder / f"{tool}{source.suffix}" for tool in ["exprdiff", *tools]}
    words = {
        tool: [*HAND, tool, name, str(source), str(file)]
        for tool, file in files.items()
    }
    words["exprdiff"] = [str(EXPRDIFF), formula.text, "--table", str(source)]
    words["exprdiff"] += ["-o", str(files["exprdiff"])]
    taken: dict[str, list[Run]] = {}
    for tool, file in files.items():  # not counted, unless it fails
        progress(f"tables: {name}, {rows:,} rows, {source.suffix[1:]}, {tool}")
        done = run(words[tool], LIMIT, PYTHONPATH=FOLDER)
        right = not check or done.failure or taken.get("exprdiff")
        if not right and not same(formula, rows, files["exprdiff"], file):
            done = done._replace(failure="wrong answer")
        # One round takes long enough without another one before.
        taken[tool] = [done] if done.failure or rounds == 1 else []
        if not check or tool != "exprdiff":
            file.unlink(missing_ok=True)
    for _ in range(rounds if rounds > 1 else 0):
        for tool, file in files.items():
            if not any(done.failure for done in taken[tool]):
                taken[tool].append(run(words[tool], LIMIT, PYTHONPATH=FOLDER))
                file.unlink(missing_ok=True)
    return taken


def cells(taken: dict[str, list[Run]]) -> tuple[list[str], list[str]]:
    """Of a row: seconds and ratios, and what was said by what failed."""
    times, notes = [], []
    for tool, runs in taken.items():
        ours = taken["exprdiff"]
        if runs[-1].failure:
            times.append("failed")
            notes.append(f"{tool}: {runs[-1].failure}, `{runs[-1].reason}`")
            continue
        if tool == "exprdiff":
            times.append(short(median(done.seconds for done in runs)))
        elif ours[-1].failure:
            times.append(f"{short(median(done.seconds for done in runs))} s")
        else:
            pairs = zip(ours, runs, strict=True)
            ratio = median(theirs.seconds / our.seconds for our, theirs in pairs)
            times.append(short(1 / ratio if tool == "duckdb" else ratio))
    return times, notes


def table(rounds: int, largest: int) -> Iterator[str]:
    """For each format a table of times, and how tools failed."""
    have = {
        tool: all(map(util.find_spec, {tool, tool if tool in ALONE else "pyarrow"}))
        for tool in TOOLS
    }
    if not have["duckdb"]:
        yield f"DuckDB is absent; {PIP}"
        return
    tools = [tool for tool in TOOLS if have[tool]]
    versions = [f"{NAMES[tool]} {metadata.version(tool)}" for tool in tools]
    if util.find_spec("pyarrow"):
        versions.append(f"pyarrow {metadata.version('pyarrow')}")
    absent = [f"- {NAMES[tool]} is absent; {PIP}" for tool in TOOLS if not have[tool]]
    yield (
        "Value and all derivatives, added as columns to a table of points, by `exprdiff"
        " FORMULA --table IN -o OUT` and by programs of other tools: wall time of whole"
        f" processes, in turn in each of {rounds} rounds (but at most"
        f" {', '.join(str(most) for _, most in SIZES.values())}), after a run that is"
        " not counted, and medians of the ratios in a round. For DuckDB, Polars and"
        " NumPy the derivatives are written by hand; JAX, autograd and CasADi"
        " differentiate. For all but the first two, pyarrow reads and writes."
    )
    yield "\n".join(
        [
            f"{os.cpu_count()} cores, {', '.join(versions)}.",
            *[""] * bool(absent),
            *absent,
        ]
    )
    yield "\n".join(
        f"- {name}: `{formula.text}`"
        if "\n" not in formula.text
        else f"- {name}: a hundred operations, {formula.variables} variables"
        for name, formula in FORMULAS.items()
    )
    sizes = {
        name: (max(round(length * largest), 1), min(rounds, most))
        for name, (length, most) in SIZES.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        for suffix, title in ((".parquet", "Parquet"), (".csv", "CSV")):
            lines, notes = [], []
            for name, formula in FORMULAS.items():
                for size, (rows, times) in sizes.items():
                    file = Path(folder, f"{formula.variables}-{rows}{suffix}")
                    if not file.exists():
                        make(formula, rows, file)
                    taken = compare(name, rows, times, tools, file, size == "small")
                    head = f"{name}, {size}"
                    seconds, said = cells(taken)
                    lines.append([head, *seconds])
                    notes += [f"- {head}, {note}" for note in said]
            lengths = ", ".join(f"{rows:,}" for rows, _ in sizes.values())
            yield (
                f"{title} to {title}, {lengths} rows: seconds of exprdiff; as multiples"
                f" of DuckDB's, of which {BAR} is the bar; and those of the others as"
                " multiples of exprdiff's."
            )
            heads = [f"{NAMES[tool]} / exprdiff" for tool in tools[1:]]
            yield markdown(["", "exprdiff, s", "exprdiff / DuckDB", *heads], lines)
            if notes:
                yield "\n".join(["What was said at the end:\n", *notes])
            for file in Path(folder).iterdir():
                file.unlink()
