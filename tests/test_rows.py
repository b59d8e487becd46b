"""Many points: lines from a pipe, as they come, and sweeps."""

import csv
import io
import itertools
import json
import math
import random
import signal
import subprocess
import sys
from fractions import Fraction

import mpmath
import pytest
from transcripts import killed_in_the_end, run

FORMULA = "ln(x1)+x1*x2"


def coprocess(*words, **options):
    """A process that a program talks to line by line."""
    return subprocess.Popen(
        ["exprdiff", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        **options,
    )


@pytest.mark.parametrize(
    "format, heads, replies",
    [
        ("value", 0, ["10.693147180559945", "16.09861228866811"]),
        (
            "gradient",
            0,
            ["x1\t5.5\tx2\t2.0", "x1\t5.333333333333333\tx2\t3.0"],
        ),
        (
            "csv",
            1,
            ["2,5,10.693147180559945,5.5,2.0", "3,5,16.09861228866811,"],
        ),
        (
            "json",
            0,
            ['{"value": 10.693147180559945, "gradient": {"x1": 5.5', '{"value": 16.'],
        ),
        ("shell", 0, ["value=10.693147180559945 d_x1=5.5 d_x2=2.0", "value=16.09"]),
    ],
)
@pytest.mark.parametrize(
    "lines",
    [
        ["x1=2 x2=5\n", "x1=3 x2=5\n"],
        ['{"x1": 2, "x2": 5}\n', '{"x2": 5, "x1": 3}\n'],
        ["x2,x1\n5,2\n", "5,3\n"],
    ],
)
def test_each_line_is_answered_before_the_next_one_comes(format, heads, replies, lines):
    with coprocess(FORMULA, "--each", "--format", format) as process:
        timer = killed_in_the_end(process)
        for line, reply in zip(lines, replies, strict=True):
            process.stdin.write(line)
            for _ in range(heads):
                assert process.stdout.readline() == "x1,x2,value,d_x1,d_x2\n"
            heads = 0
            assert process.stdout.readline().startswith(reply)
        process.stdin.close()
        assert process.stdout.read() == ""
        assert process.wait() == 0
        timer.cancel()


def points(count):
    generator = random.Random(7)
    return [(generator.uniform(0.1, 9), generator.uniform(-9, 9)) for _ in range(count)]


@pytest.mark.parametrize(
    "lines",
    [
        [f"x1={a!r} x2={b!r}" for a, b in points(200)],
        [json.dumps({"x2": b, "x1": a}) for a, b in points(200)],
        ["x2;n;x1"] + [f"{b!r};;{a!r}" for a, b in points(200)],
    ],
)
def test_a_table_is_right(lines):
    done = subprocess.run(
        ["exprdiff", f"{FORMULA}-sin(x2)", "--each"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 200
    for row, (a, b) in zip(rows, points(200), strict=True):
        with mpmath.workdps(30):
            x1, x2 = mpmath.mpf(a), mpmath.mpf(b)
            true = {
                "x1": x1,
                "x2": x2,
                "value": mpmath.log(x1) + x1 * x2 - mpmath.sin(x2),
                "d_x1": 1 / x1 + x2,
                "d_x2": x1 - mpmath.cos(x2),
            }
        assert list(row) == list(true)
        for name, number in true.items():
            assert float(row[name]) == pytest.approx(
                float(number), rel=4e-16, abs=9e-15
            )


@pytest.mark.parametrize(
    "text, first, last, count",
    [
        ("0:1:11", 0, 1, 11),
        ("0.1:0.7:7", "0.1", "0.7", 7),
        (" -.1 : +3. : 32", "-0.1", 3, 32),
        ("1:-1:1001", 1, -1, 1001),
        ("-1e308:1.5e308:11", "-1e308", "1.5e308", 11),
        ("1e-323:2e-300:3", "1e-323", "2e-300", 3),
        ("1/3:pi:9", 1 / 3, math.pi, 9),
        ("-5:5:11", -5, 5, 11),
        ("3:1:3", 3, 1, 3),
        ("3:1:1", 3, 1, 1),
        ("0.5:1:1", "0.5", 1, 1),
        ("-3:-3:2", -3, -3, 2),
        ("9007199254740990:9007199254740992:3", 2**53 - 2, 2**53, 3),
    ],
)
def test_a_sweep_has_equal_steps_and_both_ends(exprdiff, text, first, last, count):
    done = exprdiff("x", f"--x={text}", "--format", "value")
    numbers = done.stdout.split()
    assert len(numbers) == count
    step = (Fraction(last) - Fraction(first)) / (count - 1 or 1)
    true = [Fraction(first) + k * step for k in range(count)]
    whole = type(first) is type(last) is int and step.denominator == 1
    assert numbers == [str(int(x)) if whole else repr(float(x)) for x in true]


def test_a_grid_goes_through_the_last_name_first(exprdiff):
    words = ["a*b-c", "--c", "1:2:2", "--a", "1:3:3", "--b", "5:9:2"]
    rows = list(csv.DictReader(exprdiff(*words).stdout.splitlines()))
    grid = list(itertools.product((1, 2), (1, 2, 3), (5, 9)))
    assert [tuple(int(row[name]) for name in "cab") for row in rows] == grid
    for row, (c, a, b) in zip(rows, grid, strict=True):
        numbers = [float(row[name]) for name in ("value", "d_a", "d_b", "d_c")]
        assert numbers == [a * b - c, b, a, -1]


@pytest.mark.parametrize("format", ["value", "csv", "json", "gradient", "shell"])
def test_a_long_table_takes_no_more_memory_than_a_short_one(format, tmp_path):
    # What measures holds no lines itself: a child's peak begins at that of its parent.
    source = """
import resource, subprocess, sys
words = ["exprdiff", "ln(x1)+x1*x2", "--each", "--format", sys.argv[1]]
subprocess.run(words, stdin=sys.stdin, stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

    def peak(count):
        points = tmp_path / f"{count}"
        points.write_text("".join(f"x1={k % 99 + 1}.5 x2={k}\n" for k in range(count)))
        with points.open() as lines:
            words = [sys.executable, "-c", source, format]
            return int(subprocess.check_output(words, stdin=lines))

    short, long = peak(100), peak(40000)
    if sys.platform == "darwin":  # where it is in bytes
        short, long = short // 1024, long // 1024
    assert long - short < 2000


def test_a_closed_pipe_ends_it_silently():
    line = "yes x=1 | exprdiff x --each --format value | head -n 3"
    assert run(f"{line}; echo ${{PIPESTATUS[@]}}") == "1\n1\n1\n141 141 0\n"
    line = "exprdiff x --x 1:9:1e18 --format value | head -n 2"
    assert run(f"{line}; echo ${{PIPESTATUS[@]}}") == "1.0\n1.0\n141 0\n"


def test_an_interrupt_ends_it_silently():
    with coprocess(FORMULA, "--each", stderr=subprocess.PIPE) as process:
        process.stdin.write("x1=2 x2=5\n")
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        process.stdout.readline()
        assert process.stdout.read() + process.stderr.read() == ""


def test_a_full_disk_ends_it_with_one_line():
    line = "yes x=1 | exprdiff x --each > /dev/full"
    message = "exprdiff: error: cannot write the output: No space left on device\n[1]\n"
    assert run(f"{line}; exit ${{PIPESTATUS[1]}}") == message


def test_lines_end_as_they_like():
    for end in ("\n", "\r\n"):
        for last in ("", end):
            text = f"x=1{end}{end}x=2{last}"
            done = subprocess.run(
                ["exprdiff", "x^2", "--each", "--format", "value"],
                input=text.encode(),
                capture_output=True,
            )
            assert done.stdout == b"1\n4\n"


def test_a_point_gives_the_same_numbers_in_every_way(exprdiff):
    text = "sigmoid(a*b)/sqrt(a) + if(a > b, a, b)^3"
    for a, b in ((2, 5), (0.1, -7.25), (3, 3)):
        point = [f"--a={a}", f"--b={b}"]
        swept = [f"--a={a}:{a}:1", f"--b={b}:{b}:1"]
        single = exprdiff(text, *point, "--format", "csv").stdout
        assert single == exprdiff(text, *swept).stdout
        assert single == run(f"echo 'b={b} a={a}' | exprdiff '{text}' --each 2>&-")
        document = json.loads(exprdiff(text, *point, "--format", "json").stdout)
        row = json.loads(exprdiff(text, *swept, "--format", "json").stdout)
        assert row == {key: document[key] for key in ("value", "gradient", "inputs")}


def test_a_choice_is_made_anew_at_every_point():
    text = "if(x > 0, sqrt(x), if(y > 0, y^2, ln(0)))"
    lines = ["4,9", "-4,9", "1,-1", "0,3"]
    done = run(
        "printf '%s\\n' x,y " + " ".join(lines) + f" | exprdiff '{text}' --each 2>&-"
    )
    assert done.splitlines()[1:] == [
        *("4,9,2.0,0.25,0.0", "-4,9,81,0.0,18.0", "1,-1,1.0,0.5,0.0", "0,3,9,0.0,6.0")
    ]


def test_no_line_takes_a_time_out_of_proportion(exprdiff):
    for line in ("x=1" + " " * 300_000 + "!1", "x=" * 100_000, "x =" + " ;" * 100_000):
        done = subprocess.run(
            ["exprdiff", "x", "--each"],
            input=line,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 4
        assert done.stderr.startswith("exprdiff: error: line 1: ")
        assert len(done.stderr) < 1000


@pytest.mark.parametrize(
    "text, rows",
    [
        ("ln(x)+if(x>0,1,2)", ["2,1.6931471805599454,0.5", "1,1.0,1.0"]),
        ("2, ln(x)", ["2,2,0.6931471805599453,0.0,0.5", "1,2,0.0,0.0,1.0"]),
    ],
)
def test_a_first_point_that_fails_does_no_harm_to_the_next_ones(text, rows):
    done = subprocess.run(
        ["exprdiff", text, "--each", "--on-error", "skip"],
        input="x=-1\nx=2\nx=-3\nx=1\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stdout.splitlines()[1:] == rows
