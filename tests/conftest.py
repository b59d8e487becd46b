import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session", autouse=True)
def exprdiff_on_path(tmp_path_factory):
    """In shells and processes, ``exprdiff`` means this checkout."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "exprdiff"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m exprdiff "$@"\n')
    script.chmod(0o755)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    # Buffered, as users have it.
    os.environ.pop("PYTHONUNBUFFERED", None)
    os.environ["PYTHONPATH"] = str(PROJECT)


@pytest.fixture
def exprdiff():
    """Run the command as a process with these words; surrogates stand for odd bytes."""

    def run(*words, **options):
        return subprocess.run(
            [sys.executable, "-m", "exprdiff", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            **options,
        )

    return run
