"""What a call loads, and that calls which do without click print the same."""

import os
import random
import subprocess
import sys

import pytest

from exprdiff import cli
from exprdiff.command import command

HEAVY = {
    *("click", "lark", "typing", "json", "pathlib", "contextlib", "inspect", "logging"),
    *("dataclasses", "importlib.resources", "importlib.metadata", "decimal", "difflib"),
}


def loaded(*words):
    """The modules that a call has loaded in the end."""
    source = """
import sys
before = set(sys.modules)
from exprdiff.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    print(*sys.modules.keys() - before, file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", source, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words, needed",
    [
        (["ln(x1)+x1*x2", "--x1", "2", "--x2", "5"], set()),
        (["sin(x)*gamma(x)+1e3", "--x", "2"], set()),
        (["abs(x)", "--x", "0"], set()),
        (["ln(x)", "--x", "-1"], set()),
        (["x^2", "--x", "2", "--format", "value"], set()),
        (["x^2", "--x", "2", "--format", "csv"], set()),
        (["x^2", "--x", "2", "--format", "json"], {"json"}),
        (["2*foo(x)", "--x", "2"], {"difflib"}),
    ],
)
def test_a_plain_call_loads_nothing_that_it_does_not_use(words, needed):
    assert loaded(*words) & HEAVY == needed


@pytest.mark.parametrize(
    "words",
    [
        ["x^2", "--x", "2", "--precision", "3"],
        ["x^2", "--x=2"],
        ["--version"],
        ["x^2", "--x", "2", "--wrt", "x"],
    ],
)
def test_other_calls_load_click_and_no_lark(words):
    heavy = loaded(*words) & HEAVY
    assert "click" in heavy
    unused = {"lark", "importlib.resources", "importlib.metadata", "logging", "json"}
    assert not heavy & unused


def test_lark_is_loaded_to_say_what_was_expected():
    assert {"lark", "exprdiff.syntax"} <= loaded("2x", "--x", "1")


def test_the_package_loads_its_names_when_they_are_asked_for():
    source = """
import sys, exprdiff
assert "exprdiff.operations" not in sys.modules
assert {"Executor", "Sin", "parse", "DomainError"} <= set(dir(exprdiff))
from exprdiff import *
assert isinstance(Sin()(Identity()(1)), Node) and Executor and parse
try:
    exprdiff.Nothing
except AttributeError as error:
    assert str(error) == "module 'exprdiff' has no attribute 'Nothing'"
"""
    subprocess.run([sys.executable, "-c", source], check=True)


def test_names_of_options_are_no_names_of_variables():
    names = {option.removeprefix("--") for option in command.takes_value()}
    assert {name for name in names if name.isidentifier()} == cli.OWN


EXPRESSIONS = [
    *("x", "x*y", "x^y", "ln(x)", "x/y+z", "abs(x)", "sqrt(x)+y", "e*x", "2", "pi*e"),
    *("s=x+y; s*s, s", "t = 1; x", "if(x>0,y,x)", "x\ny", "2x", "sin x", "", " ", "-"),
    *("-x", "--x", "-o", "@x", "\ufeffx", "x+\udcff", "exp(x)", "foo(x)", "x, y", "#"),
    *(
        "Δz+x",
        "e\u0301*x",
        "\u00e9+y",
        "\u212a*K",
        "set+file",
        "x=2",
        "format",
        "1e999",
    ),
]
OPTIONS = [
    *("--x", "--y", "--z", "--x", "--y", "--e", "--pi", "--Δz", "--\u00e9", "--K"),
    *("--e\u0301", "--\u212a", "--s", "--t", "-x", "--set", "--file", "--x-1", "--1"),
    *("--format", "--format", "--wrt", "--precision", "--each", "--", "--x=1", "-s"),
    *("x", "--color", "--version", "--on-error", "--forma", "--x ", "-", "---x", "--"),
]
VALUES = [
    *(
        "1",
        "2",
        "0",
        "-1",
        "2.5",
        "-1e-3",
        "+3",
        " 2 ",
        ".5",
        "3.",
        "1e999",
        "-0",
        "1e",
    ),
    *(
        "pi/4",
        "x",
        "",
        "1:2:3",
        "inf",
        "nan",
        "1_0",
        "١",
        "--y",
        "2±0.1",
        "1/3",
        "1e300",
    ),
    *("trace", "value", "json", "csv", "plot", "article", "shell", "gradient", "Value"),
]


@pytest.mark.parametrize("seed", range(3))
def test_plain_calls_print_what_click_would_have_printed(
    seed, capfdbinary, monkeypatch, tmp_path
):
    """Both ways are taken for the same words, and give the same bytes and statuses."""
    chance, plain, taken = random.Random(seed), cli._plain, 0

    def outcome(words):
        with pytest.raises(SystemExit) as end:
            cli.main(words)
        return end.value.code, *capfdbinary.readouterr()

    def count(*given):
        nonlocal taken
        shown = plain(*given)
        taken += shown is not None
        return shown

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", None)
    for _ in range(1500):
        words = [chance.choice(EXPRESSIONS)]
        if chance.random() < 0.6:  # what is likely to have a result
            for name in ("x", "y", "z"):
                if name in words[0]:
                    words += [f"--{name}", chance.choice(["2", "0", "-1", "1e300"])]
            for _ in range(chance.choice([0, 0, 1, 1, 2])):
                words += ["--format", chance.choice(VALUES[-9:])]
        while chance.random() < 0.4:
            words += [chance.choice(OPTIONS), chance.choice(VALUES)]
        if chance.random() < 0.1:
            words.insert(chance.randrange(len(words) + 1), chance.choice(OPTIONS))
        monkeypatch.setattr(cli, "_plain", count)
        quick = outcome(words)
        monkeypatch.setattr(cli, "_plain", lambda args, say: None)
        assert quick == outcome(words), words
    assert taken > 150


def test_completion_is_no_plain_call():
    done = subprocess.run(
        ["exprdiff", "x", "--x", "1"],
        env={
            **os.environ,
            cli.COMPLETE: "bash_complete",
            "COMP_WORDS": "exprdiff --form",
        }
        | {"COMP_CWORD": "1"},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "plain,--format\n"
