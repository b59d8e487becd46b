"""The documentation runs, and its tables say what the program says."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from transcripts import blocks, commands, run

from exprdiff import errors, reference
from exprdiff.cli import INTERRUPTED, PIPE_CLOSED, command
from exprdiff.operations import FUNCTIONS, OPERATIONS
from exprdiff.render import FORMATS

PROJECT = Path(__file__).parent.parent
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
README = PAGES[0].read_text(encoding="utf-8")
REFERENCE = (PROJECT / "docs" / "reference.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_says(page):
    for block in blocks(page.read_text(encoding="utf-8")):
        for line, output in commands(block):
            assert run(line) == output


def test_python_examples_run():
    assert doctest.script_from_examples(README).count("# Expected:") == 3
    words = [sys.executable, "-m", "doctest", str(PROJECT / "README.md")]
    assert subprocess.run(words, capture_output=True, text=True).stdout == ""


def test_links_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def table(heading):
    """The rows of the table in the reference that has this heading."""
    lines = REFERENCE[REFERENCE.index(f"| {heading} |") :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_function_is_in_the_reference():
    assert reference.markdown() in REFERENCE
    listed = " ".join(f"{row.name} {row.aliases}" for row in reference.rows()).split()
    assert set(listed) >= FUNCTIONS.keys() | OPERATIONS.keys() - {"identity"}


def test_the_command_prints_the_table_of_functions(exprdiff):
    done = exprdiff("--functions")
    headings, *lines = done.stdout.splitlines()
    starts = [match.start() for match in re.finditer(r"\S+", headings)]
    cells = [
        [line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
        for line in lines
    ]
    assert cells == [list(row) for row in reference.rows()]


def test_every_option_is_in_the_reference():
    documented = set(
        re.findall(r"`(--?[a-z]+)", " ".join(row[0] for row in table("option")))
    )
    context = command.make_context("exprdiff", [])
    options = {
        spelling
        for param in command.get_params(context)
        if isinstance(param, click.Option)
        for spelling in param.opts
    }
    assert documented == options


def test_every_exit_status_is_in_the_reference():
    statuses = {
        kind.exit_status
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ExprdiffError)
    }
    documented = {int(row[0]) for row in table("exit status")}
    assert documented == {0, *statuses, INTERRUPTED, PIPE_CLOSED}


def test_every_format_is_in_the_reference():
    for name in FORMATS:
        assert f"\n\n`{name}`" in REFERENCE


def test_the_keys_of_json_are_in_the_reference():
    import json

    document = json.loads(run("exprdiff x^2 --x 3 --format json"))
    several = json.loads(run("exprdiff x^2,x --x 3 --format json"))
    keys = [row[0].strip("`") for row in table("key")]
    assert [key for key in keys if key != "jacobian"] == list(document)
    assert [key for key in keys if key != "gradient"] == list(several)
    assert [row[0].strip("`") for row in table("key of a node")] == list(
        document["nodes"][0]
    )
