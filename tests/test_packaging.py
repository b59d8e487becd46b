"""Every way to install it, and none, gives a command that finds its grammar."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from transcripts import blocks, commands

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
(EXAMPLE,) = commands(blocks(README)[0])


def clean_environment():
    """This process's environment without what would let it see this checkout."""
    hidden = ("PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in hidden}


def run(*words, cwd):
    done = subprocess.run(
        words, cwd=cwd, env=clean_environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copy_of_project(folder):
    """A checkout in folder, without what building and testing leave behind."""
    left = shutil.ignore_patterns(
        ".git", ".venv*", "build", "dist", "*.egg-info", "*_cache"
    )
    return shutil.copytree(PROJECT, folder / "checkout", ignore=left)


@pytest.fixture
def checkout(tmp_path):
    return copy_of_project(tmp_path)


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """A folder with a source distribution and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("distributions")
    checkout = copy_of_project(folder)
    run(sys.executable, "-m", "build", "--outdir", str(folder), cwd=checkout)
    return folder


@pytest.mark.parametrize("how", ["folder", "editable", "wheel", "sdist"])
def test_install(how, checkout, distributions, tmp_path):
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", str(environment), cwd=tmp_path)
    what = {
        "folder": lambda: [str(checkout)],
        "editable": lambda: ["--editable", str(checkout)],
        "wheel": lambda: [str(next(distributions.glob("*.whl")))],
        "sdist": lambda: [str(next(distributions.glob("*.tar.gz")))],
    }[how]()
    python = str(environment / "bin" / "python")
    run(python, "-m", "pip", "install", "--quiet", *what, cwd=tmp_path)
    words = EXAMPLE.line.replace('"', "").split()
    words[0] = str(environment / "bin" / "exprdiff")
    assert run(*words, cwd=tmp_path) == EXAMPLE.output
    # What the page is made of is installed as well.
    assert "Content-Security-Policy" in run(*words, "--format", "lesson", cwd=tmp_path)
    probe = "import importlib.util as util, exprdiff"
    probe += "; print(util.find_spec('grammar'), exprdiff.__file__)"
    grammar, place = run(python, "-c", probe, cwd=tmp_path).split()
    assert grammar == "None"
    assert Path(place).is_relative_to(checkout if how == "editable" else environment)
    if how != "editable":
        page = environment / "share" / "man" / "man1" / "exprdiff.1"
        assert page.read_bytes() == (PROJECT / "docs" / "exprdiff.1").read_bytes()


def test_uninstalled_checkout(checkout):
    words = EXAMPLE.line.replace('"', "").split()
    printed = run(sys.executable, "-m", *words, cwd=checkout)
    assert printed == EXAMPLE.output
    probe = "import exprdiff; print(exprdiff.__file__)"
    place = Path(run(sys.executable, "-c", probe, cwd=checkout).strip())
    assert place.is_relative_to(checkout)


def test_first_command_of_the_readme(checkout):
    first, second = re.findall(r"^```sh\n(.*)\n```$", README, re.MULTILINE)
    assert second.endswith("pytest")
    assert run("bash", "-c", first, cwd=checkout) == EXAMPLE.output
