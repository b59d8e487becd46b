"""Tables: files of every format and pipes, through the command."""

import gzip
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import duckdb
import pytest
from rules import RULES
from terminal import Terminal
from test_parser import CORPUS
from test_sql import VALUES, call, expected

from exprdiff import ExprdiffError, cli, parse
from exprdiff.operations import OPERATIONS

pyarrow = pytest.importorskip("pyarrow")
feather = pytest.importorskip("pyarrow.feather")
parquet = pytest.importorskip("pyarrow.parquet")

EXPRDIFF = Path(sys.executable).parent / "exprdiff"

FORMULA = "ln(x1)+x1*x2-sin(x2)"


def survey(x1, x2):
    """What the formula has for columns, by hand."""
    return (
        math.log(x1) + x1 * x2 - math.sin(x2),
        1 / x1 + x2,
        x1 - math.cos(x2),
    )


def exprdiff(*words, given=None, **options):
    return subprocess.run(
        [EXPRDIFF, *map(str, words)],
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        timeout=120,
        **options,
    )


def told(done, status=0):
    """What is on standard output, if all is as it has to be."""
    assert done.returncode == status, done.stderr.decode()
    assert status or not done.stderr, done.stderr.decode()
    return done.stdout.decode()


def read(path):
    """The columns and rows of a file."""
    name, path = Path(path).name, str(path)
    if ".arrow" in name or ".feather" in name:
        table = feather.read_table(path) if "arrows" not in name else None
        if table is None:
            table = pyarrow.ipc.open_stream(path).read_all()
        return table.column_names, [tuple(r.values()) for r in table.to_pylist()]
    reader = "parquet" if ".parquet" in name else "json" if "json" in name else "csv"
    rows = duckdb.execute(f"SELECT * FROM read_{reader}('{path}')")
    return [column[0] for column in rows.description], rows.fetchall()


POINTS = [(1, 2.0, 5.0), (2, 0.5, -1.25), (3, 1e-300, 1e-5), (4, 1.1, 0.1)]


def write(path, points=POINTS):
    """The points as a file of the format that its name tells."""
    path = Path(path)
    columns = {
        name: [point[k] for point in points]
        for k, name in enumerate(("id", "x1", "x2"))
    }
    table = pyarrow.table(columns)
    if ".arrows" in path.name:
        with pyarrow.ipc.new_stream(str(path), table.schema) as stream:
            stream.write_table(table)
    elif ".arrow" in path.name or ".feather" in path.name:
        feather.write_feather(table, str(path), compression="uncompressed")
    else:
        format = "json" if "json" in path.name else "csv"
        format = "parquet" if ".parquet" in path.name else format
        duckdb.register("given", table)
        delimiter = ", DELIMITER '\t'" if ".tsv" in path.name else ""
        duckdb.execute(f"COPY given TO '{path}' (FORMAT {format}{delimiter})")
    return path


def right(found, points=POINTS, new=("value", "d_x1", "d_x2")):
    """Whether columns and rows are the points and what belongs to them."""
    names, rows = found
    assert names == ["id", "x1", "x2", *new]
    assert len(rows) == len(points)
    for row, point in zip(rows, points, strict=True):
        assert row[:3] == pytest.approx(point, rel=1e-15, abs=0)
        assert row[3:] == pytest.approx(survey(*point[1:]), rel=1e-14, abs=0)


# ---- Formats -------------------------------------------------------------------------

NAMES = [
    *("a.csv", "a.csv.gz", "a.csv.zst", "a.tsv", "a.jsonl", "a.ndjson.gz", "a.json"),
    *("a.parquet", "a.arrow", "a.arrows", "a.feather"),
]


@pytest.mark.parametrize("name", NAMES)
def test_every_format_is_read(name, tmp_path):
    out = tmp_path / "out.parquet"
    told(exprdiff(FORMULA, "--table", write(tmp_path / name), "-o", out))
    right(read(out))


@pytest.mark.parametrize("name", [x for x in NAMES if x != "a.arrows"])
def test_every_format_is_written(name, tmp_path):
    out = tmp_path / f"out.{name}"
    told(exprdiff(FORMULA, "--table", write(tmp_path / "in.parquet"), "-o", out))
    right(read(out))


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "parquet", "arrow"])
def test_a_format_can_be_told(format, tmp_path):
    out = tmp_path / "out"
    source = write(tmp_path / "in.csv")
    told(exprdiff(FORMULA, "--table", source, "-o", out, "--format", format))
    out.rename(out := tmp_path / f"named.{format}")
    right(read(out))


@pytest.mark.parametrize("name", ["points.txt", "points", "points.dat"])
def test_a_name_that_tells_nothing(name, tmp_path):
    for kind in ("a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.arrow", "a.arrows"):
        source = write(tmp_path / kind).rename(tmp_path / name)
        out = tmp_path / "out.parquet"
        told(exprdiff(FORMULA, "--table", source, "-o", out))
        right(read(out))


TEXT = 'id;x2;x1;note\n007;5;2;"a; ""b"""\n8;-1.250;.5;\n'
FIRST, SECOND = (
    ";".join(map(repr, survey(*point))) for point in ((2.0, 5.0), (0.5, -1.25))
)
TABLE = (
    "id;x2;x1;note;value;d_x1;d_x2\n"
    f'007;5;2;"a; ""b""";{FIRST}\n'
    f"8;-1.250;.5;;{SECOND}\n"
)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_stays_text_stays_as_it_is(pack, mark, ends, tmp_path):
    data = pack((mark + TEXT.replace("\n", ends)).encode())
    assert told(exprdiff(FORMULA, "--table", "-", given=data)) == TABLE
    path = tmp_path / ("a.csv" if pack is bytes else "a.csv.gz")
    path.write_bytes(data)
    assert told(exprdiff(FORMULA, "--table", path)) == TABLE
    tabs = tmp_path / "out.tsv"
    told(exprdiff(FORMULA, "--table", path, "-o", tabs))
    for row, line in zip(
        TABLE.splitlines(), tabs.read_text().splitlines(), strict=True
    ):
        assert re.split("\t", line) == re.split(";(?! )", row)


def test_objects_stay_as_they_are():
    lines = [
        {"x1": 2, "x2": 5, "at": "2024-01-01T00:00:00Z", "tags": ["a", {"b": 1}]},
        {"x1": 0.5, "x2": None, "at": "007"},
        *({"x1": 1, "x2": 1} for _ in range(30000)),
        {"x1": 2.5, "late": True},
    ]
    given = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    rows = [
        json.loads(line)
        for line in told(exprdiff(FORMULA, "--table", "-", given=given)).splitlines()
    ]
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        assert {name: row[name] for name in line} == line
    assert rows[0]["d_x1"] == 5.5
    assert [rows[1]["value"], rows[-1]["value"]] == [None, None]
    assert rows[-1]["x1"] == 2.5


@pytest.mark.parametrize("kind", ["a.csv", "a.tsv", "a.jsonl"])
@pytest.mark.parametrize("out", ["out.parquet", "out.arrow", "out.csv", "out.jsonl"])
def test_pipes_become_files(kind, out, tmp_path):
    given = write(tmp_path / kind).read_bytes()
    told(exprdiff(FORMULA, "--table", "-", "-o", tmp_path / out, given=given))
    right(read(tmp_path / out))


def test_a_pipe_goes_on_before_it_ends():
    line = (
        "(echo x; yes 3) | exprdiff 'x^2' --table - | head -n 3; echo ${PIPESTATUS[*]}"
    )
    done = subprocess.run(
        ["bash", "-c", line],
        env=os.environ | {"PATH": f"{EXPRDIFF.parent}:{os.environ['PATH']}"},
        capture_output=True,
        timeout=120,
    )
    assert done.stdout == b"x,value,d_x\n3,9.0,6.0\n3,9.0,6.0\n141 141 0\n"
    assert done.stderr == b""


def test_several_files_and_folders(tmp_path):
    for k, point in enumerate(POINTS):
        write(tmp_path / f"part [{k}].csv", [point])
        write(tmp_path / f"{k}.parquet", [point])
    pattern = tmp_path / "part*.csv"
    told(exprdiff(FORMULA, "--table", pattern, "-o", tmp_path / "out.parquet"))
    right(read(tmp_path / "out.parquet"))
    one = tmp_path / "part [2].csv"
    told(exprdiff(FORMULA, "--table", one, "-o", tmp_path / "out.parquet"))
    right(read(tmp_path / "out.parquet"), POINTS[2:3])
    folder = tmp_path / "folder" / "deep"
    folder.mkdir(parents=True)
    for k in range(4):
        (tmp_path / f"{k}.parquet").rename(folder / f"{k}.parquet")
    (tmp_path / "folder" / "_SUCCESS").touch()
    (tmp_path / "folder" / ".crc").touch()
    told(exprdiff(FORMULA, "--table", folder.parent, "-o", tmp_path / "out.csv"))
    right(read(tmp_path / "out.csv"))
    every = tmp_path / "**" / "*.parquet"
    (tmp_path / "out.parquet").unlink()
    told(exprdiff(FORMULA, "--table", every, "-o", tmp_path / "out.csv"))
    right(read(tmp_path / "out.csv"))


def test_a_table_without_rows(tmp_path):
    for name in ("a.csv", "a.parquet", "a.arrow"):
        source, out = write(tmp_path / name, POINTS[:0]), tmp_path / "out.csv"
        told(exprdiff("id*2", "--table", source, "-o", out))
        assert out.read_text() == "id,x1,x2,value,d_id\n"


# ---- Columns -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, columns",
    [
        (["x*y"], "value,d_x,d_y"),
        (["x*y", "--wrt", "y"], "value,d_y"),
        (["x*y", "--wrt", "y,x"], "value,d_x,d_y"),
        (["x*y*T", "--T", "2"], "value,d_x,d_y"),
        (["x*y*T", "--T", "2", "--wrt", "T"], "value,d_T"),
        (["x*y*pi"], "value,d_x,d_y"),
        (["x*e"], "value,d_x,d_e"),
        (["x*y, x+y"], "f1,f2,d_f1_x,d_f1_y,d_f2_x,d_f2_y"),
        (["x", "--prefix", "neu_"], "neu_value,neu_d_x"),
        (["s1*x"], "value,d_s1,d_x"),
        (["2+3"], "value"),
        (["x", "--set", "y=1", "--wrt", "x"], None),
    ],
)
def test_the_new_columns(words, columns):
    done = exprdiff(*words, "--table", "-", given=b"s1,x,y,e,t1\n2,3,5,7,9\n")
    if columns is None:
        assert done.returncode == 2
    else:
        head, row = told(done).splitlines()
        assert head == f"s1,x,y,e,t1,{columns}"
        assert row.startswith("2,3,5,7,9,")


def test_numbers_are_doubles_to_the_last_digit(tmp_path):
    chance = Random(8)
    numbers = [
        chance.uniform(-1, 1) * 10.0 ** chance.randrange(-300, 300) for _ in "x" * 999
    ]
    given = "x\n" + "".join(f"{y!r}\n" for y in numbers)
    shown = told(exprdiff("x", "--table", "-", given=given.encode())).splitlines()[1:]
    assert [float(line.split(",")[1]) for line in shown] == numbers


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
@pytest.mark.parametrize("piped", [True, False])
def test_json_has_no_infinite_numbers(kind, piped, tmp_path):
    """Its grammar, RFC 8259, has none; so those of the table are null."""
    given, out = tmp_path / f"in.{kind}", tmp_path / "out.jsonl"
    (tmp_path / "in.csv").write_text("x,y,s\n1,nan,nan\n2,-inf,b\ninf,0.5,c\n")
    if kind != "csv":
        exprdiff("0", "--table", tmp_path / "in.csv", "-o", given, "--prefix", "no_")
    words = ("2*x", "--table", given, "--format", "json")
    done = exprdiff(*words, *(() if piped else ("-o", out)))
    assert done.returncode == 4
    text = done.stdout.decode() if piped else out.read_text()
    rows = [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]
    assert [[row[name] for name in ("x", "y", "s", "value")] for row in rows] == [
        [1, None, "nan", 2],
        [2, None, "b", 4],
        [None, 0.5, "c", None],
    ]


def test_integers_and_decimals_are_numbers(tmp_path):
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    types = ["TINYINT", "UBIGINT", "HUGEINT", "DECIMAL(9, 2)", "FLOAT", "DOUBLE"]
    columns = ", ".join(f"3::{type} AS x{k}" for k, type in enumerate(types))
    duckdb.execute(f"COPY (SELECT {columns}) TO '{source}'")
    names = [f"x{k}" for k, _ in enumerate(types)]
    told(exprdiff("*".join(names), "--table", source, "-o", out))
    assert read(out)[1][0][6:] == (729.0, *[243.0] * 6)


# ---- Rows that lack something --------------------------------------------------------


def test_null_gives_null_and_no_message():
    given = b"x,y\n,1\n2,\n,\n3,4\n"
    done = exprdiff("x*y+x", "--table", "-", given=given)
    assert told(done) == "x,y,value,d_x,d_y\n,1,,,\n2,,,,\n,,,,\n3,4,15.0,5.0,3.0\n"


REASONS = [
    ("ln(x-3)", [4, 3, 2], "3 x", {"ln(x-3) is undefined: ln(x) needs x > 0": 2}),
    ("1/x", [0, 1], "", {"1/x is undefined: div(a, b) needs b != 0": 1}),
    ("exp(x)*1e300", [800, 50, 1], "", {
        "exp(x) is beyond 1.8e308": 1, "exp(x)*1e300 is beyond 1.8e308": 1}),
    ("sqrt(x)", [0, -1, 4], "", {
        "sqrt(x) is undefined": 1,
        "the derivative of sqrt(x) is undefined or infinite": 1}),
    ("x^2", ["inf", "nan", 1], "", {"x is no finite number": 2}),
    ("if(x > 0, ln(x-1), sqrt(x+1))", [0.5, -2, 3, -1], "", {
        "ln(x-1) is undefined": 1,
        "sqrt(x+1) is undefined": 1,
        "the derivative of sqrt(x+1) is undefined or infinite": 1}),
    ("if(x > 0, ln(x-1), 0) + if(x < 1, 1/(x-0.25), sqrt(x))", [0.5, 0.25, -1, 2], "", {
        "ln(x-1) is undefined": 2}),
    ("if(x > 0, ln(x-1), 0) + if(x < 1, 1/x, sqrt(x))", [0, -1], "", {
        "1/x is undefined": 1}),
    ("if(x > 0 and ln(x) > 0, sqrt(x-2), 1)", [-1, 0.5, 1.5, 3], "", {
        "sqrt(x-2) is undefined": 1}),
    ("min(ln(x), 1)", [-1, 1], "", {"ln(x) is undefined": 1}),
    ("x^x", [-2, -0.5, 2], "", {
        "x^x is undefined": 1, "the derivative of x^x is undefined or infinite": 1}),
    ("1/0*x", [1, 2], "", {"1/0 is undefined": 2}),
]  # fmt: skip


@pytest.mark.parametrize("text, points, _, reasons", REASONS)
@pytest.mark.parametrize("piped", [True, False])
def test_rows_that_lack_numbers_are_counted_by_reason(
    text, points, _, reasons, piped, tmp_path
):
    given = "x\n" + "".join(f"{x}\n" for x in points)
    source = "-"
    if not piped:
        source = tmp_path / "points.csv"
        source.write_text(given)
    given = given.encode() if piped else None
    done = exprdiff(text, "--table", source, given=given)
    rows = [line.split(",") for line in told(done, 4).splitlines()[1:]]
    failed = sum("" in row for row in rows)
    said = done.stderr.decode()
    notes = {
        what: int(count) for count, what in re.findall(r"note: (\d+) rows?: (.*)", said)
    }
    assert len(notes) == len(reasons), said
    for what, count in reasons.items():
        assert [c for note, c in notes.items() if note.startswith(what)] == [count], (
            said
        )
    assert failed == sum(reasons.values())
    lacks = "lacks" if failed == 1 else "lack"
    assert f"error: {failed} of {len(points)} rows {lacks} numbers" in said
    # The place of each is shown.
    assert said.count("^") > 0 or "finite" in said

    done = exprdiff(text, "--table", source, "--on-error", "skip", given=given)
    assert done.returncode == 0
    kept = [line.split(",") for line in done.stdout.decode().splitlines()[1:]]
    assert kept == [row for row in rows if "" not in row]
    assert f"note: {failed} of {len(points)} rows" in done.stderr.decode()

    out = tmp_path / "out.csv"
    words = ("--table", source, "--on-error", "fail", "-o", out)
    done = exprdiff(text, *words, given=given)
    assert done.returncode == 4 and not out.exists()
    first = next(k for k, row in enumerate(rows, 1) if "" in row)
    assert f"error: row {first} of " in done.stderr.decode()


def test_a_row_that_fails_is_explained():
    given = b"x,y\n4,1\n2,1\n1,1\n"
    done = exprdiff("y*ln(x-3)", "--table", "-", "--on-error", "fail", given=given)
    assert done.stderr.decode() == (
        "exprdiff: error: row 2 of standard input: ln(-1.0) is undefined: ln(x) needs"
        " x > 0, but x is x-3 = -1.0\n  y*ln(x-3)\n    ^^^^^^^\n"
    )


def agree(text, points, folder, whole=False):
    """The table has what doubles give; return whether SQL can do it.

    Args:
        text: the formula.
        points: the values of its variables.
        folder: for files.
        whole: whether only rows are taken that lack nothing.
    """
    f = parse(text)
    try:
        program = f.program()
    except ExprdiffError:
        return None
    variables = list(program.variables)
    wanted = [expected(program, dict(zip(variables, p, strict=True))) for p in points]
    if whole:
        kept = [all(z is not None for z, _ in row) for row in wanted]
        points = [point for point, keep in zip(points, kept, strict=True) if keep]
        wanted = [row for row, keep in zip(wanted, kept, strict=True) if keep]
    source, out = folder / "in.parquet", folder / "out.parquet"
    columns = {
        name: pyarrow.array([p[k] for p in points], "float64")
        for k, name in enumerate(variables)
    }
    table = pyarrow.table({"id": range(len(points)), **columns})
    parquet.write_table(table, source)
    with pytest.raises(SystemExit) as end:
        cli.main(["--table", str(source), "-o", str(out), "--", text])
    if end.value.code == 2:
        return False
    assert end.value.code in (None, 0, 4), text
    rows = list(zip(*parquet.read_table(out).to_pydict().values(), strict=True))
    for point, row, numbers in zip(points, rows, wanted, strict=True):
        for y, (z, error) in zip(row[1 + len(variables) :], numbers, strict=True):
            about = text, dict(zip(variables, point, strict=True)), y, z, error
            if error == math.inf:
                continue
            if z is None:
                assert y is None, about
            else:
                assert abs(y - z) <= 1e-11 * abs(z) + error + 1e-300, about
    lacking = any(None in row for row in rows)
    assert (end.value.code == 4) == lacking
    return True


def test_a_table_has_what_doubles_give(tmp_path, capsys):
    counts = {True: 0, False: 0, None: 0}
    for k, text in enumerate(CORPUS):
        chance = Random(text)
        try:
            variables = parse(text).variables
        except ExprdiffError:
            continue
        if {"points", "value"} & {*variables} or len(variables) > 100:
            continue
        points = [[chance.choice(VALUES) for _ in variables] for _ in range(30)]
        counts[agree(text, points, tmp_path, k % 2)] += 1
    assert counts[True] > 100 and counts[False] < counts[True] / 10


def test_every_operation_in_a_table(tmp_path, capsys):
    for name in OPERATIONS:
        if name in ("sinc_n", "polygamma", "power"):
            continue
        count = max(1, len(OPERATIONS[name].operands))
        points = [x for x in RULES[name].points if bool not in map(type, x)]
        points = [[float(y) for y in x] for x in points]
        points += [[y] * count for y in VALUES]
        for whole in (False, True):
            assert agree(call(name), points, tmp_path, whole)


# ---- What goes wrong -----------------------------------------------------------------


@pytest.mark.parametrize(
    "given, message",
    [
        ("x\n1\n2,3\n", "line 3 of {} has 2 cells, and its head 1"),
        ("x,y\n1,2\n3\n", "line 3 of {} has 1 cell, and its head 2"),
        ("x,y\n1,2\n3,abc\n", "{}: the column y has 'abc', which is no number"),
        ("x,y\n" + "1,2\n" * 50000 + "3,abc\n", "the column y has 'abc'"),
        ("x,y\n" + "1,2\n" * 50000 + "3\n", "line 50,002 of {} has 1 cell"),
        ("", "{} has no first line"),
        ("\n", "{} has no first line"),
        ("x,,y\n1,2,3\n", "column 2 of {} has no name"),
        ("x,z\n1,2\n", "{} has no column y; it has x, z"),
        ("x,Y\n1,2\n", "{} has no column y; did you mean Y?"),
        ("x,y,value\n1,2,3\n", "{} has the column value already; with --prefix new_"),
        ("x,y,D_X\n1,2,3\n", "{} has the column D_X already"),
        ("x,y,x\n1,2,3\n", "{} has the column x twice"),
        ("x,y,X\n1,2,3\n", "{} has the columns x and X, which SQL does not tell apart"),
        ('x,y\n1,"2\n', "line 2 of {}"),
        ("x,y\n1,\xff\n", "line 2 of {}"),
    ],
)
@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
@pytest.mark.parametrize("piped", [True, False])
def test_nothing_is_half_written(given, message, out, piped, tmp_path):
    text = "x" if given.startswith("x\n") else "x*y"
    source = "-"
    data = given.encode("latin-1")
    if not piped:
        source = tmp_path / "points.csv"
        source.write_bytes(data)
    (tmp_path / out).write_text("before")
    done = exprdiff(
        text, "--table", source, "-o", tmp_path / out, given=data if piped else None
    )
    said = done.stderr.decode()
    where = "standard input" if piped else f"'{source}'"
    assert done.returncode in (2, 4), said
    assert (
        message.format(where) in said
        or (message.format(f"'{str(source)[:20]}") in said)
        or message.split("{}")[-1] in said
    ), said
    assert said.count("\n") == 1 and said.startswith("exprdiff: error: ")
    assert (tmp_path / out).read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 1 + (not piped)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("out", ["out.csv", "out.parquet", "out.arrow"])
def test_who_is_interrupted_leaves_nothing(number, out, tmp_path):
    source = tmp_path / "in.parquet"
    duckdb.execute(f"COPY (SELECT random() AS x FROM range(12000000)) TO '{source}'")
    text = "+".join(f"sin(x*{k})" for k in range(40))
    running = subprocess.Popen(
        [EXPRDIFF, text, "--table", source, "-o", tmp_path / out],
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    for _ in range(600):
        if any(p.stat().st_size > 100 for p in tmp_path.glob(f".{out}.*")):
            break
        time.sleep(0.05)
    assert running.poll() is None
    running.send_signal(number)
    assert running.wait(timeout=30) == 128 + number
    assert running.stderr.read() == b""
    running.stderr.close()
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_pipe_that_is_interrupted_ends(number, tmp_path):
    running = subprocess.Popen(
        [EXPRDIFF, "x", "--table", "-", "-o", tmp_path / "out.csv"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    running.stdin.write(b"x\n" + b"1\n" * 9)
    running.stdin.flush()
    for _ in range(600):
        if list(tmp_path.iterdir()):
            break
        time.sleep(0.05)
    time.sleep(0.5)
    running.send_signal(number)
    assert running.wait(timeout=30) == 128 + number
    assert not list(tmp_path.iterdir())
    assert running.stderr.read() == b""
    running.stderr.close()
    running.stdin.close()


def test_a_table_can_take_its_own_place(tmp_path):
    source = write(tmp_path / "points.csv")
    told(exprdiff(FORMULA, "--table", source, "-o", source))
    right(read(source))


PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_a_long_table_takes_no_more_memory_than_a_short_one(tmp_path):
    sizes = []
    for count in (200_000, 4_000_000):
        source = tmp_path / "in.parquet"
        duckdb.execute(
            f"COPY (SELECT random() + 1 AS x1, random() AS x2 FROM range({count}))"
            f" TO '{source}'"
        )
        command = [EXPRDIFF, FORMULA, "--table", source, "-o", tmp_path / "out.parquet"]
        # A small process in between: no peak is below that of whoever starts it.
        words = [sys.executable, "-c", PEAK, *map(str, command)]
        done = subprocess.run(words, capture_output=True, timeout=120)
        unit = 1024 if sys.platform == "linux" else 2**20
        sizes.append(int(told(done)) / unit)
    assert sizes[1] < 600, sizes


def test_on_a_terminal_there_is_a_bar(tmp_path):
    source = tmp_path / "in.parquet"
    duckdb.execute(f"COPY (SELECT random() AS x FROM range(2000000)) TO '{source}'")
    text = "+".join(f"sin(x*{k})" for k in range(30))
    words = (text, "--table", source, "-o", tmp_path / "out.csv")
    with Terminal(EXPRDIFF, *map(str, words)) as terminal:
        shown = terminal.read(seconds=120)
        assert terminal.status() == 0
    assert re.search(
        r"\[#* *\] +\d+% of 2M rows, [\d.]+[kM]? rows/s, \d+:\d\d left", shown
    ), shown
    assert shown.endswith("\r\x1b[K")


# ---- What strangers have found -------------------------------------------------------


def test_what_is_no_number_counts_though_statistics_leave_it_out(tmp_path):
    columns = {"x": [1.0, math.nan, 2.0], "y": [1.0, 2.0, 3.0]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "x=7.parquet")
    for text in ("if(x < 5, 1, 2)*y", "x + y", "step(x)"):
        done = exprdiff(text, "--table", tmp_path / "x=7.parquet")
        assert done.returncode == 4 and b"1 row: x is no finite number" in done.stderr
        rows = done.stdout.decode().splitlines()
        assert set(rows[2].split(",")[2:]) == {""} and "" not in rows[1].split(",")


def test_names_of_folders_are_no_columns(tmp_path):
    (tmp_path / "x1=7").mkdir()
    source = write(tmp_path / "x1=7" / "a.parquet")
    told(exprdiff(FORMULA, "--table", source, "-o", tmp_path / "out.parquet"))
    right(read(tmp_path / "out.parquet"))


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_files_with_other_columns_are_refused(kind, tmp_path):
    tables = [
        pyarrow.table({"x": [1.0], "y": [2.0]}),
        pyarrow.table({"y": [1.0], "x": [2.0]}),
        pyarrow.table({"x": [1.0], "y": [2.0], "z": [3.0]}),
    ]
    for second in tables[1:]:
        for k, table in enumerate((tables[0], second)):
            path = str(tmp_path / f"{k}.{kind}")
            if kind == "parquet":
                parquet.write_table(table, path)
            else:
                feather.write_feather(table, path)
        done = exprdiff("x*y", "--table", tmp_path / f"*.{kind}")
        assert done.returncode == 2 and b"has other columns than" in done.stderr


def test_columns_of_lists_are_no_numbers(tmp_path):
    feather.write_feather(pyarrow.table({"x": [[1.0]]}), str(tmp_path / "a.arrow"))
    done = exprdiff("x", "--table", tmp_path / "a.arrow")
    assert done.returncode == 2 and b"has no numbers" in done.stderr


@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
def test_what_is_cut_off_is_no_table(out, tmp_path):
    data = gzip.compress(
        ("x\n" + "".join(f"{k * 0.37}\n" for k in range(99999))).encode()
    )
    words = ("x^2", "--table", "-", "-o", tmp_path / out)
    done = exprdiff(*words, given=data[: len(data) // 2])
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text, x, value",
    [
        ("1/(1e300/1e-10)*1e300*x", "2", None),
        ("if(x < 1, x, 1/x)/exp(x)", "2", 0.5 / math.exp(2)),
        ("hypot(x, x)/x", "2", math.sqrt(2)),
        ("1/x", "inf", None),
        ("1/x", "nan", None),
        ("1/exp(x) + if(x < 0, exp(x), x)", "2", 2 + math.exp(-2)),
        ("1/exp(floor(x)) + if(x < 0, exp(floor(x)), x)", "1000", None),
        ("tanh(exp(x))*exp(x)", "1000", None),
        ("exp(-x/ln(x))", "1", None),
        ("σ(x) + 2*σ(-x)", "2", 1 / (1 + math.exp(-2)) + 2 / (1 + math.exp(2))),
        ("σ(x) - 3*σ(-x)", "-800", -3.0),
        ("sech(x)", "3", 1 / math.cosh(3)),
        ("sech(x)*exp(x)", "709.5", 2.0),
    ],
)
def test_what_is_infinite_does_not_hide(text, x, value, tmp_path):
    (tmp_path / "in.csv").write_text(f"x\n{x}\n")
    exprdiff(text, "--table", tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    piped = exprdiff(text, "--table", "-", given=f"x\n{x}\n".encode())
    for table in ((tmp_path / "out.csv").read_text(), piped.stdout.decode()):
        found = table.splitlines()[1].split(",")[1]
        if value is None:
            assert found == ""
        else:
            assert abs(float(found) - value) < 1e-15 * (1 + abs(value))


def test_what_can_be_read_but_once_is_refused(tmp_path):
    os.mkfifo(tmp_path / "f.csv")
    done = exprdiff("x", "--table", tmp_path / "f.csv")
    assert done.returncode == 2 and b"with --table -" in done.stderr
