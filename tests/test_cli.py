"""The command line as a process: words in any order, values, statuses, streams."""

import json
import os
import random
import re
import signal
import subprocess
import sys

import pytest
from transcripts import run

from exprdiff import cli
from exprdiff.operations import FUNCTIONS
from exprdiff.render import FORMATS


def result(done):
    """The value and the gradient that a process has printed as JSON."""
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout, parse_constant=pytest.fail)
    return document["value"], document["gradient"]


@pytest.mark.parametrize(
    "words, value, gradient",
    [
        # Options before, behind and around the expression.
        (["x1*x2", "--x1", "2", "--x2", "5"], 10, {"x1": 5, "x2": 2}),
        (["--x1", "2", "--x2", "5", "x1*x2"], 10, {"x1": 5, "x2": 2}),
        (["--x1", "2", "x1*x2", "--x2", "5"], 10, {"x1": 5, "x2": 2}),
        (["--x2", "5", "x1*x2", "--x1", "2"], 10, {"x1": 5, "x2": 2}),
        # Negative values, in every way to write them.
        (["x", "--x", "-4"], -4, {"x": 1}),
        (["x", "--x=-4"], -4, {"x": 1}),
        (["x", "--x", "-1e-3"], -0.001, {"x": 1}),
        (["x", "--x=-1e-3"], -0.001, {"x": 1}),
        (["x", "--x=--4"], 4, {"x": 1}),
        (["x", "--x", "--4"], 4, {"x": 1}),
        (["x", "--x=-(-4)"], 4, {"x": 1}),
        # Constant expressions of the language.
        (["x", "--x", "pi/4"], 0.7853981633974483, {"x": 1}),
        (["x", "--x", "1/3"], 0.3333333333333333, {"x": 1}),
        (["x", "--x", "2e3"], 2000.0, {"x": 1}),
        (["x", "--x", "2^10"], 1024, {"x": 1}),
        (["x", "--x", "sqrt(2)"], 1.4142135623730951, {"x": 1}),
        (["x", "--x", " 3 "], 3, {"x": 1}),
        # Expressions that begin with a minus, also one that looks like an option.
        (["-x1^2", "--x1", "3"], -9, {"x1": -6}),
        (["--x1", "3", "-x1^2"], -9, {"x1": -6}),
        (["-s^2", "--s", "3"], -9, {"s": -6}),
        (["-h*2", "--h", "3"], -6, {"h": -2}),
        (["--(x1^2)", "--x1", "3"], 9, {"x1": 6}),
        (["-s*x", "--s=1", "--x=2"], -2, {"s": -2, "x": -1}),
        (["-4"], -4, {}),
        (["--4"], 4, {}),
        (["-x*if_", "--x=1", "--if_=2"], -2, {"x": -2, "if_": -1}),
        # Behind "--" everything is the expression.
        (["--x=3", "--", "--x"], 3, {"x": 1}),
        (["--x", "3", "--", "-x"], -3, {"x": -1}),
        (["--s=3", "--", "-s"], -3, {"s": -1}),
        (["-s", "help=3", "--", "--help"], 3, {"help": 1}),
        # Names.
        (["π*2", "--π", "3"], 6, {"π": 2}),
        (["é", "--e\u0301=3"], 3, {"é": 1}),
        (["e\u0301", "--é", "3"], 3, {"é": 1}),
        (["e*V", "--e", "3", "--V", "2"], 6, {"e": 2, "V": 3}),
        (["_", "--_", "3"], 3, {"_": 1}),
        (["X+x", "--x", "1", "--X", "2"], 3, {"X": 1, "x": 1}),
        # Variables with the names of options.
        (["format*x", "-s", "format=3", "--x", "2"], 6, {"format": 2, "x": 3}),
        (["set*help", "--set", "set=3", "--set=help=2"], 6, {"set": 2, "help": 3}),
        (["version", "-s", "version = 3"], 3, {"version": 1}),
        (["x", "-s", "x=1/2"], 0.5, {"x": 1}),
        (["x", "-sx=-2"], -2, {"x": 1}),
    ],
)
def test_words(exprdiff, words, value, gradient):
    assert result(exprdiff("--format", "json", *words)) == (value, gradient)


@pytest.mark.parametrize(
    "text, value", [("-inf", "-inf"), ("inf", "inf"), ("+inf", "inf"), ("1/inf", "0.0")]
)
def test_infinite_values(exprdiff, text, value):
    for words in (["x", "--x", text], [f"--x={text}", "x"]):
        done = exprdiff(*words)
        assert done.stdout.splitlines()[0] == value


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_status_of_a_closed_pipe(monkeypatch, unbuffered):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    line = 'exprdiff "$(printf "x+%.0s" $(seq 9000))x" --x 1 | head -n 1'
    assert run(f"{line}; echo ${{PIPESTATUS[0]}}") == "9001\n141\n"


@pytest.mark.parametrize(
    "line, status",
    [
        ("exprdiff 2x 2>&-", 3),
        ("exprdiff 'ln(x)' --x 0 2>&-", 4),
        ("exprdiff 'sqrt(x)' --x 0 >/dev/null 2>&-", 0),
        ("exprdiff x --x 1 2>/dev/full >&-", 1),
    ],
)
def test_status_when_nobody_reads_the_errors(line, status):
    assert run(line) == (f"[{status}]\n" if status else "")


def test_status_of_an_interrupt():
    """Interrupted while it waits for a reader of its output."""
    with subprocess.Popen(
        [sys.executable, "-m", "exprdiff", "x+" * 9000 + "x", "--x", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout.read(5) == b"9001\n"
        child.send_signal(signal.SIGINT)
        child.stdout.read()
        assert child.wait() == 130
        assert child.stderr.read() == b""


def test_errors_and_notes_go_to_stderr(exprdiff):
    done = exprdiff("sqrt(x)", "--x", "0")
    assert done.stdout.endswith("gradient of x is inf\n")
    assert done.stderr.startswith("exprdiff: note: sqrt(x): ")
    done = exprdiff("sqrt(x)", "--x", "-1")
    assert done.stdout == ""
    assert done.stderr.startswith("exprdiff: error: ")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-16"])
def test_output_is_utf_8_whatever_the_locale(exprdiff, encoding):
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = exprdiff("Δx", "--Δx=2", env=environment)
    assert done.stdout.endswith("gradient of Δx is 1.000\n")
    done = exprdiff("2Δx", env=environment)
    assert "write 2*Δx" in done.stderr


def test_json_describes_the_whole_trace(exprdiff):
    text = "(x1 + 0.10)*ln(x2)^(1/3) - pi"
    done = exprdiff(text, "--x1", "4", "--x2", "20", "--format", "json")
    document = json.loads(done.stdout)
    keys = ["expression", "value", "gradient", "inputs", "nodes", "notes"]
    assert list(document) == keys
    assert document["expression"] == text
    assert document["inputs"] == {"x1": 4, "x2": 20}
    assert [note.partition(" is ")[0] for note in document["notes"]] == (
        [
            f"nodes[{k}].gradient"
            for k, node in enumerate(document["nodes"])
            if node["operation"] == "div"
        ]
    )
    nodes = {node["id"]: node for node in document["nodes"]}
    assert sorted(nodes) == [-1, 0, 1, 2, 3, 4, 5, 6]
    for node in nodes.values():
        start, end = node["span"]
        assert node["text"] == text[start:end]
        assert len(node["inputs"]) == len(node["operands"])
        for source, operand in zip(node["inputs"], node["operands"], strict=True):
            if isinstance(source, int):
                assert nodes[source]["value"] == operand
    assert {
        node["name"]: node["gradient"] for node in nodes.values() if node["name"]
    } == (document["gradient"])
    assert nodes[1]["inputs"] == [-1, "0.10"]


@pytest.mark.parametrize(
    "words",
    [
        ["*".join(f"(v{k}+sin(v{k}))" for k in range(20))]
        + [f"--v{k}={k}.5" for k in range(20)],
        # Notes, of kinks, jumps, vertical tangents, conditions and unused names.
        [
            "s=a; t=b; u=c; max(a,b,c)+abs(a-b)+floor(c)+sqrt(a-b)+if(a>=b,a,0), b",
            *("--a=3", "--b=3", "--c=3", "--format=json"),
        ],
        # Errors with suggestions.
        ["sinn(x)+coss(y)"],
        ["a+b+c+d", "--e=1"],
        ["ln(a-b)+1/(c-d)", *("--a=1", "--b=1", "--c=1", "--d=1")],
        ["--functions"],
    ],
)
def test_two_processes_print_the_same(exprdiff, words):
    outputs = set()
    for seed in "12":
        done = exprdiff(*words, env=os.environ | {"PYTHONHASHSEED": seed})
        outputs.add((done.stdout, done.stderr, done.returncode))
    assert len(outputs) == 1


def test_words_are_utf_8_whatever_the_locale(exprdiff):
    environment = os.environ | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    words = ["π+σ(é)", "--é", "0", "--format", "json"]
    value, gradient = result(exprdiff(*words, env=environment | {"PYTHONUTF8": "0"}))
    assert (value, gradient) == (3.641592653589793, {"é": 0.25})


def test_json_gives_long_parts_by_their_ends(exprdiff):
    text = "x+" * 400 + "x"
    document = json.loads(exprdiff(text, "--x", "1", "--format", "json").stdout)
    assert document["expression"] == text
    for node in document["nodes"]:
        start, end = node["span"]
        part = text[start:end]
        long = f"{part[:250]}…{part[-250:]}"
        assert node["text"] == (long if len(part) > 500 else part)


def test_json_escapes_what_a_comment_hides(exprdiff):
    text = "x # \x1b[31m \u202e \u3164 \ufe0f é"
    done = exprdiff(text, "--x=1", "--format=json")
    assert json.loads(done.stdout)["expression"] == text
    assert "é" in done.stdout
    assert not set("\x1b\u202e\u3164\ufe0f") & set(done.stdout)


def test_no_control_character_gets_through(exprdiff):
    for character in "\x85\u2028\u2029\x1c\x9b\u200b":
        done = exprdiff(f"x+{character}1", "--x=1", "--format=json")
        assert done.returncode == 3
        assert character not in done.stdout + done.stderr


def test_random_words_give_an_answer_or_a_documented_error():
    """No traceback, and no status but the documented ones, whatever is typed."""
    source = """
import random, sys
from exprdiff.cli import main
generator = random.Random(20250101)
pieces = sys.argv[1:]
for _ in range(3000):
    words = ["".join(generator.choices(pieces, k=generator.randint(0, 9)))]
    for name in ("x", "y"):
        words += [f"--{name}", generator.choice(["2", "-1/3", "0", "x", "1e300", ""])]
    odd = ["-s", "--", "--format", "json", "-", "--y=2"]
    words += generator.choices(odd, k=generator.choice([0, 0, 0, 1, 2]))
    try:
        main(words)
    except SystemExit as end:
        assert end.code in (0, 2, 3, 4), words
"""
    pieces = [
        *"xyze0123456789.+-*/^()(),²³π×− \t\n=;#$\x1b\u202e\udcff",
        "x1",
        "**",
        "1e5",
    ]
    pieces += [f"{name}(" for name in FUNCTIONS] + ["x", "y", "+", "*", ")"] * 6
    done = subprocess.run(
        [sys.executable, "-c", source, *random.Random(1).sample(pieces, len(pieces))],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert b"\x1b" not in done.stderr
    assert "\u202e".encode() not in done.stderr


# ---- Options together ----------------------------------------------------------------

TEXTS = [
    *("x", "x*y", "ln(x)", "abs(x)", "x, y", "sqrt(x)", "if(x>0, sqrt(x), y)", "x^y"),
    *("polygamma(n, x)", "3", "x/0", "max(x, y)", "floor(x)*y", "e*x", "2x", "order*2"),
    *("exp(1000*x)", "sinc(x)", "s = x*y; s*s", "gamma(x)"),
]
VALUES = [
    *("1", "0", "-1", "2.5", "1/3", "pi", "1e400", "inf", "2±0.1", "0±0.1", "-1+-0.5"),
    *("0:1:3", "a", "1e-310", "2.0+/-1"),
]
QUESTIONS = [
    *(["--hessian"], ["--order", "2"], ["--order", "0"], ["--wrt", "x"]),
    *(["--wrt", "y"], ["--digits", "10"], ["--check"], ["--check", "float"]),
    *(["--precision", "3"], ["--on-error", "skip"], ["--on-error", "null"]),
    *(["--forward", "x"], ["--forward", "x=1,y=2"], ["--forward", "x=0"]),
    *(["--correlation", "x,y=0.5"], ["--correlation", "x,y=-1"]),
    *(
        ["--explain", "x"],
        ["--explain", "1"],
        ["--worksheet"],
        ["--worksheet", "--key"],
    ),
    *(["--format", format] for format in FORMATS),
]


def test_whatever_is_asked_together_there_is_an_answer_or_one_error(capsys):
    chance = random.Random(0)
    for _ in range(800):
        text = chance.choice(TEXTS)
        words = [text]
        for name in ("x", "y", "n", "e", "order"):
            if chance.random() < 0.7 and name in text:
                words += ["--set", f"{name}={chance.choice(VALUES)}"]
        for question in chance.sample(QUESTIONS, chance.choice([0, 1, 1, 2, 3])):
            words += question
        with pytest.raises(SystemExit) as end:
            cli.main(words)
        shown = capsys.readouterr()
        status = end.value.code or 0
        assert status in (0, 2, 3, 4, 5), words
        assert not re.search(r"\bnan\b|None|Traceback", shown.out), words
        errors = shown.err.count("exprdiff: error: ")
        # Of digits and derivatives that are not what they should be, each is told.
        assert errors >= 1 if status else errors == 0, words
        assert errors <= 1 or {"--digits", "--check"} & {*words}, words
