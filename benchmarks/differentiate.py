"""Value and gradient by a library for Python, the way its users would take.

    python benchmarks/differentiate.py LIBRARY X Y FILE
    python benchmarks/differentiate.py LIBRARY X Y SHAPE COUNT

The formula is the text in FILE, or that of a loop. Three numbers are printed.
"""

import importlib
import sys
from functools import partial
from pathlib import Path
from typing import Any

from shapes import loop


def read(text: str, sin: Any, cos: Any, x: Any, y: Any, log: Any) -> Any:
    """What Python makes of a text."""
    *statements, result = text.split("\n")
    names = {"sin": sin, "cos": cos, "x": x, "y": y, "log": log}
    exec("\n".join(statements), names)
    return eval(result, names)


def main(library: str, x: float, y: float, words: list[str]) -> None:
    """Print the value and the derivatives in x and y."""
    m = importlib.import_module(library)
    text = Path(words[0]).read_text() if len(words) == 1 else ""
    f = partial(read, text) if text else partial(loop, words[0], int(words[1]))
    if library in ("sympy", "symengine"):
        point = dict(zip(m.symbols("x y"), (x, y), strict=True))
        # They read a formula themselves, and Python a program.
        program = "\n" in text
        g = f(m.sin, m.cos, *point, m.log) if program else m.sympify(text)
        answer = [h.subs(point) for h in (g, *map(g.diff, point))]
    elif library == "casadi":
        v = m.SX.sym("x", 2)
        g = f(m.sin, m.cos, v[0], v[1], m.log)
        value, slopes = m.Function("f", [v], [g, m.gradient(g, v)])([x, y])
        answer = [value, slopes[0], slopes[1]]
    else:
        if library == "jax":
            m.config.update("jax_enable_x64", True)
        n = importlib.import_module(f"{library}.numpy")
        gradient = m.value_and_grad(lambda v: f(n.sin, n.cos, *v, n.log))
        value, slopes = gradient((x, y))
        answer = [value, *slopes]
    print(*map(float, answer))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
