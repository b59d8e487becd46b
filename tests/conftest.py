import os
import signal
import subprocess
import sysconfig

import pytest


@pytest.fixture(scope="session", autouse=True)
def exprdiff_on_path():
    """In shells and processes, ``exprdiff`` is the command as it is installed."""
    scripts = sysconfig.get_path("scripts")
    os.environ["PATH"] = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    # Buffered, as users have it.
    os.environ.pop("PYTHONUNBUFFERED", None)
    # Processes heed an interrupt, which those of a job in the background do not.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def exprdiff():
    """Run the command as a process with these words; surrogates stand for odd bytes."""

    def run(*words, **options):
        return subprocess.run(
            ["exprdiff", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            **options,
        )

    return run
