"""Texts of any size, in the shapes that formulas grow in."""

import math
from collections.abc import Callable
from typing import Any


def program(line: str, count: int) -> str:
    """So many statements, each of which uses the one before it."""
    lines = [line.format(k + 1, k) for k in range(count)]
    return "\n".join(["s0 = x+y", *lines, f"s{count}"])


#: For the throughput: the text of so many equal units.
UNITS: dict[str, Callable[[int], str]] = {
    "sum of variables": lambda n: "+".join(["x"] * n),
    "sum of products": lambda n: "+".join(["x*y"] * n),
    "realistic mix": lambda n: "+".join(["sin(x)*y^2/3.5"] * n),
    "roots and powers": lambda n: "+".join(["sqrt(x)*y^3"] * n),
    "choices": lambda n: "+".join(["if(x>y,x*x,y)"] * n),
    "branches": lambda n: "+".join(["if(x<y,sin(x)*y^2/3.5,y)"] * n),
    "special functions": lambda n: "+".join(["gamma(x)*erf(y)"] * n),
    "functions in functions": lambda n: "sin(" * n + "x" + ")" * n,
    "signs": lambda n: "-" * n + "x",
    "to the right": lambda n: "x+(" * n + "x" + ")" * n,
    "parentheses": lambda n: "(" * n + "x" + ")" * n,
    "shared parts": lambda n: program("s{0} = s{1}*s{1}/s{1}", n),
}
#: For the growth: the text of so many terms, functions or statements, no two alike.
TEXTS: dict[str, Callable[[int], str]] = {
    "width": lambda n: "+".join(
        f"sin({k}*x)" if k % 2 else f"cos({k}*y)" for k in range(1, n + 1)
    ),
    "depth": lambda n: "sin(" * n + "x+y" + ")" * n,
    "sharing": lambda n: program("s{0} = sin(s{1})*cos(s{1})", n),
}
#: The point at which all are evaluated; products with integers are exact.
X, Y = 0.5, 1.25


def loop(shape: str, count: int, sin: Any, cos: Any, x: Any, y: Any, *_: Any) -> Any:
    """The formula of such a text, out of the objects of a library."""
    if shape == "width":
        return sum(sin(k * x) if k % 2 else cos(k * y) for k in range(1, count + 1))
    s = x + y
    for _ in range(count):
        s = sin(s) if shape == "depth" else sin(s) * cos(s)
    return s


def answer(shape: str, count: int) -> tuple[float, float, float]:
    """Its value and its derivatives in x and y, by hand."""
    value = loop(shape, count, math.sin, math.cos, X, Y)
    if shape == "width":
        d_x = sum(k * math.cos(k * X) for k in range(1, count + 1, 2))
        return value, d_x, -sum(k * math.sin(k * Y) for k in range(2, count + 1, 2))
    s, slope = X + Y, 1.0
    for _ in range(count):
        slope *= math.cos(s) if shape == "depth" else math.cos(2 * s)
        s = math.sin(s) if shape == "depth" else math.sin(2 * s) / 2
    return value, slope, slope
