"""The other programs: where they come from, and how their users would ask them.

Each takes a text of shapes.py, and prints its value and its derivatives in x and y.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple

from .process import EXPRDIFF

PIP = 'to get it: `pip install ".[benchmarks]"`'
#: How Python runs a library.
LIBRARY = [sys.executable, str(Path(__file__).parent / "differentiate.py")]


def exprdiff(statements: list[str], result: str, x: float, y: float) -> str:
    """As it stands."""
    return "\n".join([*statements, result])


def qalc(statements: list[str], result: str, x: float, y: float) -> str:
    """A vector, or a program three times: derivatives are in one variable each."""
    before = "".join(f"{line}\n".replace(" =", " :=") for line in statements)
    value = f"{before}{result}".replace("x", f"{x}").replace("y", f"{y}")
    d_x = f"{before}diff({result}, x, 1, {x})".replace("y", f"{y}")
    d_y = f"{before}diff({result}, y, 1, {y})".replace("x", f"{x}")
    parts = [value, d_x, d_y]
    text = "\n".join(parts) if statements else f"[{', '.join(parts)}]"
    return f"{text}\n".replace("log", "ln")


def ginsh(statements: list[str], result: str, x: float, y: float) -> str:
    """A colon ends what is not to be printed."""
    before = [*statements, f"f = {result}", f"p = {{x=={x}, y=={y}}}"]
    after = [f"evalf(subs({g}, p));\n" for g in ("f", "diff(f, x)", "diff(f, y)")]
    return ":\n".join([*before, "".join(after)])


def gp(statements: list[str], result: str, x: float, y: float) -> str:
    """Its derivatives are differences, taken in many digits."""
    slopes = f"derivnum(x = {x}, f(x, {y})), derivnum(y = {y}, f({x}, y))"
    body = ";\n".join([*statements, result])
    return f"f(x, y) = {{\n{body}\n}}\nprint([f({x}, {y}), {slopes}])\n"


def maxima(statements: list[str], result: str, x: float, y: float) -> str:
    """An assignment is a colon."""
    before = [line.replace(" =", ":") for line in [*statements, f"f = {result}"]]
    last = f"print(subst([x = {x}, y = {y}], [f, diff(f, x), diff(f, y)]))$\n"
    return "$\n".join([*before, last])


class Peer(NamedTuple):
    """A command that reads a file, or a library for Python."""

    name: str
    program: str  #: the command or the module
    words: tuple[str, ...] = ()  #: what the command takes, as a format of file, x and y
    package: str = ""  #: of Debian
    script: Callable[[list[str], str, float, float], str] | None = None

    @property
    def present(self) -> bool:
        """Whether it is installed."""
        find = shutil.which if self.package else util.find_spec
        return find(self.program) is not None

    @property
    def version(self) -> str:
        """Its version, or how to get it."""
        if not self.present:
            return f"to get it: `apt install {self.package}`" if self.package else PIP
        if not self.package:
            return metadata.version(self.program)
        words, keyboard = [self.program, "--version"], subprocess.DEVNULL
        if self.program == "ginsh":  # which tells it only a person at a keyboard
            terminal, keyboard = os.openpty()
            os.write(terminal, b"quit;\n")
            words.pop()
        done = subprocess.run(words, stdin=keyboard, capture_output=True, text=True)
        found = re.search(r"\d+\.[\d.]*\d", done.stdout + done.stderr)
        return found.group() if found else "of unknown version"

    def command(self, text: str, x: float, y: float, folder: Path) -> list[str]:
        """What gives value and gradient of a text at a point."""
        file = folder / f"{self.name}.mac"
        if self.script is None:
            file.write_text(text)
            return [*LIBRARY, self.program, str(x), str(y), str(file)]
        *statements, result = text.split("\n")
        file.write_text(self.script(statements, result, x, y))
        return [self.program, *(w.format(file=file, x=x, y=y) for w in self.words)]


OPTIONS = ("--file", "{file}", "--x", "{x}", "--y", "{y}", "--format", "csv")
LOAD = ("--very-quiet", '--batch-string=load("{file}")$')
OURS = Peer("exprdiff", str(EXPRDIFF), OPTIONS, "exprdiff", exprdiff)
PEERS = [
    Peer("qalc", "qalc", ("-t", "-f", "{file}"), "qalc", qalc),
    Peer("ginsh", "ginsh", ("{file}",), "ginac-tools", ginsh),
    Peer("gp", "gp", ("-q", "-f", "{file}"), "pari-gp", gp),
    Peer("maxima", "maxima", LOAD, "maxima", maxima),
    Peer("SymPy", "sympy"),
    Peer("symengine", "symengine"),
    Peer("autograd", "autograd"),
    Peer("CasADi", "casadi"),
    Peer("JAX", "jax"),
]


def machine() -> str:
    """A line about the machine and what is installed, and one for each absent peer."""
    ask = ["sysctl", "-n", "machdep.cpu.brand_string"]
    if sys.platform == "linux":
        ask = ["sed", "-n", "s/^model name.*: //p", "/proc/cpuinfo"]
    model = subprocess.run(ask, capture_output=True, text=True).stdout.split("\n")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    done = subprocess.run([EXPRDIFF, "--version"], capture_output=True, text=True)
    parts = [
        model or platform.machine(),
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.platform()}",
        f"Python {platform.python_version()}, exprdiff {done.stdout.split()[-1]}",
        *(f"{peer.name} {peer.version}" for peer in PEERS if peer.present),
    ]
    absent = [f"- {p.name} is absent; {p.version}" for p in PEERS if not p.present]
    return "\n".join([", ".join(parts), *[""] * bool(absent), *absent])
