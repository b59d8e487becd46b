"""The linter, the formatter and the type checker have nothing to say."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent

RULES = "B,C4,D1,E,F,I,RUF,SIM,UP"
#: Magic methods need no docstring, and ×, − and σ are meant as they stand.
NOT = "D105,D107,RUF001,RUF003"
#: The rules of operations and notations are documented as a class; tests by names.
ELSEWHERE = [
    "exprdiff/operations.py:D102",
    "exprdiff/render/*:D102",
    "exprdiff/__init__.py:F403",
    "tests/*:D1",
]


@pytest.mark.parametrize(
    "check",
    [
        [
            "ruff",
            "format",
            "--no-cache",
            "--check",
            "--diff",
            "exprdiff",
            "tests",
            "benchmarks",
        ],
        ["ruff", "check", "--no-cache", "--select", RULES, "--ignore", NOT]
        + [word for rule in ELSEWHERE for word in ("--per-file-ignores", rule)],
        ["mypy", "--no-incremental", "--cache-dir=/dev/null"],
    ],
    ids=["format", "lint", "types"],
)
def test_clean(check):
    done = subprocess.run(
        [sys.executable, "-m", *check], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
