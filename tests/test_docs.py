"""The documentation runs, and its tables say what the program says."""

import doctest
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from transcripts import blocks, commands, run

from exprdiff import errors, manual, reference, tables
from exprdiff.cli import INTERRUPTED, PIPE_CLOSED
from exprdiff.command import ON_ERROR, command
from exprdiff.operations import FUNCTIONS, OPERATIONS
from exprdiff.render import FORMATS
from exprdiff.words import EXAMPLES

PROJECT = Path(__file__).parent.parent
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
README = PAGES[0].read_text(encoding="utf-8")
REFERENCE = (PROJECT / "docs" / "reference.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_commands_print_what_the_page_says(page, tmp_path):
    for block in blocks(page.read_text(encoding="utf-8")):
        for line, output in commands(block):
            assert run(line, cwd=tmp_path) == output


RECIPES = re.findall(
    "^```bash\n(.*?)^```\n```text\n(.*?)^```$",
    (PROJECT / "docs" / "shell.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize("script, output", RECIPES)
def test_recipes_print_what_the_page_says(script, output, tmp_path):
    for tool in ("awk", "jq", "make"):
        if re.search(rf"\b{tool} ", script) and shutil.which(tool) is None:
            pytest.skip(f"there is no {tool} here")
    assert run(script, cwd=tmp_path) == output


def test_every_recipe_has_its_output():
    page = (PROJECT / "docs" / "shell.md").read_text(encoding="utf-8")
    assert len(RECIPES) == page.count("```bash") == page.count("\n## ") + 1


@pytest.mark.parametrize("page", ["README.md", "docs/reference.md"])
def test_python_examples_run(page):
    text = (PROJECT / page).read_text(encoding="utf-8")
    assert doctest.script_from_examples(text).count("# Expected:") > 5
    words = [sys.executable, "-m", "doctest", str(PROJECT / page)]
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


@pytest.mark.parametrize("heading", ["option", "format", "exit status"])
def test_tables_are_those_of_the_program(heading):
    assert manual.markdown(command)[heading] in REFERENCE


def test_every_exit_status_has_a_meaning():
    statuses = {
        kind.exit_status
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ExprdiffError)
    }
    assert {0, *statuses, INTERRUPTED, PIPE_CLOSED} == errors.STATUSES.keys()


def test_every_format_is_in_the_reference():
    for name in FORMATS:
        assert re.search(rf"\n\n(`[\w-]+`,? (and )?)*`{name}`", REFERENCE), name


def test_what_points_without_a_result_become_is_in_the_reference():
    words = [re.findall("`(.*?)`", row[0])[0] for row in table("`--on-error`")]
    assert words == list(ON_ERROR)


def test_help(exprdiff):
    shown = exprdiff("--help").stdout
    assert shown == exprdiff("-h").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.startswith("Examples:\n  exprdiff ")
    groups = re.findall("^(\\w+):$", shown, re.MULTILINE)
    assert groups == [
        *("Examples", "Input", "Variables", "Derivatives", "Output", "Formats", "More")
    ]
    options = re.findall("^  (?:-., )?(--[a-z-]+)", shown, re.MULTILINE)
    assert sorted(options) == sorted(
        param.opts[-1] for param in command.params if isinstance(param, click.Option)
    )


@pytest.mark.parametrize("line", EXAMPLES)
def test_examples_of_the_help_run(line, tmp_path):
    assert not re.search(r"error|\[\d+\]$", run(line, cwd=tmp_path))


def test_version_is_one_line(exprdiff):
    assert re.fullmatch(r"exprdiff \d+\.\d+\.\d+\n", exprdiff("--version").stdout)


def test_the_manual_page_is_made_from_the_help():
    page = PROJECT / "docs" / "exprdiff.1"
    assert page.read_text(encoding="utf-8") == manual.page(command)


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff here")
def test_the_manual_page_shows_what_is_written():
    words = ["groff", "-man", "-Tutf8", "-P-cbou", "-ww", "-Kutf8"]
    page = PROJECT / "docs" / "exprdiff.1"
    done = subprocess.run([*words, page], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    shown = " ".join(re.sub("\u2010\\n +", "", done.stdout).split())
    for line in EXAMPLES:
        assert line in shown
    for param in command.params:
        if isinstance(param, click.Option):
            assert f"{', '.join(param.opts)} {param.metavar or ''}".rstrip() in shown
            assert " ".join(param.help.split()) in shown


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


EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
print(nbformat.writes(notebook))
"""


def test_the_notebook_shows_what_it_showed(tmp_path):
    import json

    page = PROJECT / "docs" / "notebook.ipynb"
    words = [sys.executable, "-c", EXECUTE, str(page)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stored = json.loads(page.read_text(encoding="utf-8"))
    for before, now in zip(
        stored["cells"], json.loads(done.stdout)["cells"], strict=True
    ):
        assert now.get("outputs") == before.get("outputs")


def test_the_picture_of_the_readme_is_what_the_command_draws(tmp_path):
    line = 'exprdiff "ln(x1)+x1*x2" --x1 2 --x2 5 -o graph.svg'
    assert run(line, cwd=tmp_path) == ""
    drawn = (tmp_path / "graph.svg").read_text(encoding="utf-8")
    assert drawn == (PROJECT / "docs" / "graph.svg").read_text(encoding="utf-8")


def test_the_readme_in_chinese_has_the_same_commands():
    page = (PROJECT / "docs" / "zh" / "README.md").read_text(encoding="utf-8")
    fences = re.compile("^```.*?^```$", re.MULTILINE | re.DOTALL)
    assert fences.findall(page) == fences.findall(README)
    headings = [re.findall("^#+ ", text, re.MULTILINE) for text in (page, README)]
    assert headings[0] == headings[1]


def test_the_formats_of_tables_are_those_of_the_program():
    for name, suffixes in tables.FORMATS.items():
        files = ", ".join(f"`{suffix}`" for suffix in suffixes)
        assert f"\n| `{name}` | {files} | " in REFERENCE
