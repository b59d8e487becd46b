"""On a terminal: colour, the first help, completion, keys."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest
from terminal import Terminal

SEQUENCE = re.compile("\x1b\\[[0-9;]*m")
FORMULA = ["ln(x1)+x1*x2", "--x1", "2", "--x2", "5"]


def show(*words, **options):
    """What a command shows on a terminal."""
    with Terminal("exprdiff", *words, **options) as terminal:
        return terminal.read()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize("format", ["trace", "article"])
def test_a_trace_is_coloured_and_its_text_the_same(exprdiff, format):
    shown = show(*FORMULA, "--format", format)
    assert SEQUENCE.sub("", shown) == exprdiff(*FORMULA, "--format", format).stdout
    (operation, value, gradient) = re.search(
        "(\\S*)mul\\S* = (\\S*)10\\S*, grad: (\\S*)1.000", shown
    ).groups()
    colours = {operation, value, gradient}
    assert len(colours) == 3
    assert all(map(SEQUENCE.fullmatch, colours))
    assert shown.startswith(f"{value}10.693147180559945")
    assert f"gradient of x1 is {gradient}5.500" in shown


@pytest.mark.parametrize("format", ["value", "gradient", "csv", "json", "shell"])
def test_formats_for_programs_have_no_colour(format):
    words = [*FORMULA, "--format", format, "--color", "always"]
    assert "\x1b" not in show(*words)


@pytest.mark.parametrize(
    "words, environment, coloured",
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
        (["--color", "auto"], {}, True),
        (["--color=never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1", "TERM": "dumb"}, True),
        (["-o", "-"], {}, True),
    ],
)
def test_when_there_is_colour(monkeypatch, words, environment, coloured):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b" in show(*FORMULA, *words)) == coloured
    assert ("\x1b" in show("ln(x)", "--x", "0", *words)) == coloured


@pytest.mark.parametrize("choice", ["auto", "always", "never"])
def test_both_streams_are_judged_apart(choice):
    words = ["abs(x)", "--x", "0", "--color", choice]
    with Terminal("exprdiff", *words, stdout=subprocess.PIPE) as terminal:
        notes, trace = terminal.read(), terminal.process.stdout.read().decode()
        terminal.process.stdout.close()
    assert "\x1b[1;35mnote:\x1b[0m" in notes or choice == "never"
    assert ("\x1b" in notes, "\x1b" in trace) == (choice != "never", choice == "always")
    with Terminal("exprdiff", *words, stderr=subprocess.PIPE) as terminal:
        trace, notes = terminal.read(), terminal.process.stderr.read().decode()
        terminal.process.stderr.close()
    assert ("\x1b" in trace, "\x1b" in notes) == (choice != "never", choice == "always")


def test_an_error_is_coloured():
    shown = show("1+ln(x)", "--x", "0")
    plain = SEQUENCE.sub("", shown)
    assert plain.endswith("\n  1+ln(x)\n    ^^^^^\n")
    assert "exprdiff: \x1b[1;31merror:\x1b[0m ln(0)" in shown
    assert shown.endswith("\n    \x1b[1;31m^^^^^\x1b[0m\n")


def test_a_file_has_no_colour(tmp_path):
    file = tmp_path / "trace"
    show(*FORMULA, "-o", str(file))
    assert file.read_text().startswith("10.693147180559945\nNode 3 : [")


def test_no_arguments_give_a_short_help_and_no_wait():
    with Terminal("exprdiff") as terminal:
        shown = terminal.read()
        assert terminal.status() == 2
    examples = re.findall("^  (exprdiff .*)$", shown, re.MULTILINE)
    assert len(examples) == 2
    assert len(shown.splitlines()) < 6
    assert "exprdiff --help" in shown
    for line in examples:
        subprocess.run(["bash", "-c", line], check=True, stdout=subprocess.DEVNULL)


def test_ctrl_c_ends_the_wait_for_points():
    with Terminal("exprdiff", "x^2", "--each", "--format", "value") as terminal:
        terminal.type("x=3\n")
        terminal.read("\n9\n")
        terminal.type("\x03")
        assert terminal.status() == -signal.SIGINT
        assert terminal.read() == "^C"


@pytest.mark.parametrize("words", ["x --each", "x --x 1:2:1e15", "x --x 1:2:1e15 -o f"])
def test_ctrl_c_ends_a_loop_as_well(tmp_path, words):
    line = f"echo a new round; exprdiff {words} >/dev/null; echo its end"
    script = f"trap 'echo the end' EXIT; for k in 1 2 3; do {line}; done"
    with Terminal("bash", "-c", script, cwd=tmp_path) as terminal:
        terminal.read("a new round")
        time.sleep(1)  # which Python takes to start, at most
        terminal.type("\x03")
        shown = terminal.read("the end")
    assert "its end" not in shown
    assert "a new round" not in shown
    assert os.listdir(tmp_path) == []


def test_ctrl_d_ends_the_points():
    with Terminal("exprdiff", "x^2", "--each", "--format", "value") as terminal:
        terminal.type("x=3\n\x04")
        assert terminal.read().endswith("9\n")
        assert terminal.status() == 0


def test_an_expression_typed_on_the_terminal():
    with Terminal("exprdiff", "-", "--x", "3", "--format", "value") as terminal:
        terminal.type("x^2\n\x04")
        assert terminal.read().endswith("9\n")


@pytest.mark.parametrize("columns", [40, 80, 132, 150])
def test_a_plot_fits_the_terminal(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", "20")
    text = "sin(x)*a + 0*(long_name + longer_name + a_very_very_long_name)"
    words = [text, "--x", "0:9:50", "--a", "1e-9", "--format", "plot"]
    words += ["--long_name=1", "--longer_name=2", "--a_very_very_long_name=3"]
    for choice in ("never", "always"):
        shown = show(*words, "--color", choice)
        assert ("\x1b" in shown) == (choice == "always")
        lines = SEQUENCE.sub("", shown).splitlines()
        assert max(map(len, lines)) <= columns
        assert len(lines) <= 20
        assert "d_a_very_very_long_name" in "".join(lines)


@pytest.fixture
def bash(tmp_path):
    """An interactive bash that completes exprdiff as the documentation has it."""
    rc = tmp_path / "rc"
    with rc.open("w") as file:
        subprocess.run(["exprdiff", "--completion", "bash"], stdout=file, check=True)
        file.write("PS1='> '\nbind 'set enable-bracketed-paste off'\n")
        file.write("bind 'set page-completions off'\n")
    words = ["bash", "--noprofile", "--rcfile", str(rc), "-i"]
    with Terminal(*words, cwd=tmp_path) as terminal:
        terminal.read("> $")
        yield terminal


@pytest.mark.parametrize(
    "line, completed",
    [
        ("exprdiff 'x1*yy' --y", "exprdiff 'x1*yy' --yy "),
        ("exprdiff 'ln(x1)+x1*x2' --x1 2 --x", "--x1 2 --x2 "),
        ('exprdiff "θ*x1" --θ=3 --x', "--x1 "),
        ("exprdiff 's = a+b_c; s*s' --b", "--b_c "),
        ("exprdiff 'x1' --prec", "--precision "),
        ("exprdiff 'x1' --format js", "--format json "),
        ("exprdiff 'x1*x2' --wrt x1,x", "--wrt x1,x2 "),
        ("exprdiff 'x1' --color al", "--color always "),
        ("exprdiff 'x1' --on-error sk", "--on-error skip "),
        ("exprdiff --completion z", "--completion zsh "),
        ("exprdiff --file form", "--file formula.txt "),
        ("exprdiff --file formula.txt --lo", "--long_name "),
        ("exprdiff 'x1' -o form", "-o formula.txt "),
    ],
)
def test_completion_in_bash(bash, tmp_path, line, completed):
    (tmp_path / "formula.txt").write_text("long_name^2")
    bash.type(line + "\t")
    shown = bash.read(re.escape(completed) + "$")
    assert shown.endswith(completed)


def test_bash_lists_what_may_follow(bash):
    bash.type("exprdiff 'x1*x2+y' --x\t\t")
    shown = bash.read("--x1 +--x2")
    assert "--y" not in shown
    bash.type("\x15exprdiff '(x1' --x\t\t -- the end")  # which does not parse
    assert "--x1" not in bash.read("the end$")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_for_every_shell(shell):
    script = subprocess.run(
        ["exprdiff", "--completion", shell], capture_output=True, text=True, check=True
    ).stdout
    environment = os.environ | {
        "COMP_WORDS": "exprdiff\n'x1*x2'\n--x1\n2\n--",
        "COMP_CWORD": "--" if shell == "fish" else "4",
        "_EXPRDIFF_COMPLETE": f"{shell}_complete",
    }
    assert f"_EXPRDIFF_COMPLETE={shell}_complete" in script
    offered = subprocess.run(
        ["exprdiff"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "--x2" in offered
    assert "--x1" not in offered
    assert "--precision" in offered


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh here")
def test_completion_in_zsh(tmp_path, monkeypatch):
    script = subprocess.check_output(["exprdiff", "--completion", "zsh"], text=True)
    settings = "autoload -U compinit; compinit -u -D; unset zle_bracketed_paste"
    (tmp_path / ".zshrc").write_text(f"{settings}\n{script}PS1='> '\n")
    monkeypatch.setenv("ZDOTDIR", str(tmp_path))
    monkeypatch.setenv("TERM", "dumb")
    with Terminal("zsh", "-d", "-i", cwd=tmp_path) as zsh:
        zsh.read("> ")
        zsh.type("exprdiff 'ln(x1)+x1*x2' --x1 2 --x\t")
        zsh.read("--x2 ")
        zsh.type("5 --format js\t")
        zsh.read("--format json ")


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_completion_in_fish(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".config" / "fish" / "completions"
    folder.mkdir(parents=True)
    line = f"exprdiff --completion fish > {folder}/exprdiff.fish"
    subprocess.run(["bash", "-c", line], check=True)
    for typed, offered in [("--x1 2 --x", "--x2"), ("--format js", "json")]:
        line = f"complete -C \"exprdiff 'ln(x1)+x1*x2' {typed}\""
        done = subprocess.check_output(["fish", "-c", line], text=True)
        assert [row.split("\t")[0] for row in done.splitlines()] == [offered]
