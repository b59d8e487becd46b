"""What the command prints, byte for byte, and a file for every error there is."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest
from transcripts import GOLDEN, commands, run

from exprdiff import Executor, Identity, cli, errors, parse, render, streams
from exprdiff.digits import certify
from exprdiff.engines.sources import Input
from exprdiff.render import sql
from exprdiff.style import PLAIN

SOURCE = Path(cli.__file__).parent

TRANSCRIPTS = {
    f"{path.parent.name}/{path.stem}-{k}": command
    for path in sorted(GOLDEN.glob("*/*.txt"))
    for k, command in enumerate(commands(path.read_text(encoding="utf-8")))
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_transcript(name):
    command = TRANSCRIPTS[name]
    assert run(command.line) == command.output


def error_sites():
    """Where in the source an error is made, as file and lines."""
    kinds = {name for name, value in vars(errors).items() if isinstance(value, type)}
    for path in SOURCE.rglob("*.py"):
        if (
            path.name == "spark.py"
        ):  # of which test_spark.py makes them, in many seconds
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds:
                yield str(path), node.lineno, node.end_lineno


def call(line, folder):
    """The words, the folder and the standard input that a line has for the command."""
    files = [folder / name for name in ("words", "folder", "input")]
    spy = "exprdiff() {{ printf '%s\\0' \"$@\" >{}; pwd >{}; cat >{}; }}".format(*files)
    null = subprocess.DEVNULL
    subprocess.run(
        ["bash", "-c", f"{spy}; {line}"], check=True, stdin=null, stdout=null
    )
    words = os.fsdecode(files[0].read_bytes()).split("\0")[:-1]
    return words, files[1].read_text().strip(), files[2]


def test_every_error_has_a_golden_file(monkeypatch, tmp_path):
    """Each place that makes an error is reached by a command of golden/errors."""
    made = set()
    plain_init = errors.ExprdiffError.__init__

    def init(self, *args, **options):
        frame = sys._getframe(1)
        while frame is not None:
            made.add((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back
        plain_init(self, *args, **options)

    monkeypatch.setattr(errors.ExprdiffError, "__init__", init)
    for name, command in TRANSCRIPTS.items():
        line = command.line.replace("2>&1", "")
        if name.startswith("errors/") and not re.search("[<>] ?[/&]", line):
            words, folder, points = call(line, tmp_path)
            monkeypatch.chdir(folder)
            with points.open() as stdin, pytest.raises(SystemExit):
                monkeypatch.setattr(sys, "stdin", stdin)
                cli.main(words)
    for refused in (  # what no command line can ask for
        lambda: parse("x, x").gradient(x=1),
        lambda: parse("é").evaluate(**{"é": 1, "e\u0301": 2}),
        lambda: Executor(Identity()("x", name="x")).forward(),
        lambda: parse(",".join(f"x+{k}" for k in range(4000))).trace(x=1),
        lambda: parse("x").taylor(0, x=1),
        lambda: parse("x").hessian(x=numpy.ones(3)),
        lambda: parse("x").gradient(x=numpy.ones(3, complex)),
        lambda: parse("x*y").gradient(x=numpy.ones(3), y=numpy.ones(2)),
        lambda: certify(parse("é"), {"é": 1, "e\u0301": 2}, 5),
        lambda: certify(parse("x"), {"x": None}, 5),
        lambda: sql.render(parse("x").program(), PLAIN, "oracle"),
    ):
        with pytest.raises(errors.ExprdiffError):
            refused()
    for odd in ("two", 10**400):  # what no command line hands on
        with pytest.raises(errors.ExprdiffError):
            parse("x").evaluate(x=odd)
        with pytest.raises(errors.ExprdiffError):
            Executor(Identity()(odd)).forward()
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(errors.FileError):
        streams.read_text("-")
    with pytest.raises(errors.FileError):
        Input()
    with open(os.devnull, "wb") as odd, pytest.raises(errors.FileError):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=odd))
        next(streams.lines())
    monkeypatch.setitem(sys.modules, "plotille", None)
    with pytest.raises(errors.MissingLibrary):
        render.library("plotille", "plot")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "broken.py").write_text("raise ImportError")
    with pytest.raises(errors.FileError):
        render.library("broken", "plot")
    missed = [
        f"{path}:{first}"
        for path, first, last in error_sites()
        if not any((path, line) in made for line in range(first, last + 1))
    ]
    assert not missed, "\n".join(missed)
