"""Source code with JAX: a function of arrays, which can be compiled."""

from __future__ import annotations

import re
from typing import ClassVar

from ..program import Operand, Program
from ..style import Style
from .notation import Pieces
from .numpy import FUNCTIONS, HELPERS, NumPy

#: The functions of jax.scipy.special.
SPECIAL = {
    **{name: f"special.{name}" for name in ("erf", "erfc", "gamma", "digamma")},
    "lgamma": "special.gammaln",
}

FACTORIAL = '''\
def factorial(x):
    """gamma(x + 1)."""
    return jnp.where(x < 1, special.gamma(x + 1), x*special.gamma(x))'''


TRIGAMMA = '''\
def trigamma(x):
    """The derivative of digamma, below 0 by reflection."""
    up = special.polygamma(1, jnp.where(x > 0, x, 1 - x))
    return jnp.where(x > 0, up, (jnp.pi/jnp.sin(jnp.pi*(x - jnp.rint(x))))**2 - up)'''


def _with_jax(text: str) -> str:
    text = re.sub(r"\bnp\.", "jnp.", text)
    return re.sub(r"(?<![.\w])(erfc?)\(", r"special.\1(", text)


class Jax(NumPy):
    """How expressions are written with JAX."""

    title = "JAX"
    reserved = NumPy.reserved | {"jax", "jnp", "special"}
    functions: ClassVar[dict[str, str]] = {
        **{x: _with_jax(y) for x, y in FUNCTIONS.items()},
        **SPECIAL,
    }
    helpers: ClassVar[dict[str, str]] = {
        **{
            name: _with_jax(text)
            for name, text in HELPERS.items()
            if name not in ("tail", "erf", "erfc")
        },
        "factorial": FACTORIAL,
        "trigamma": TRIGAMMA,
    }
    constants: ClassVar[dict[str, str]] = {
        x: _with_jax(y) for x, y in NumPy.constants.items()
    }
    prefix, inside = "jnp", ""
    note = (
        f"{NumPy.note} It is of 64 bits after"
        ' jax.config.update("jax_enable_x64", True), and works in jax.jit.'
    )

    def write_polygamma(self, n: Operand, a: Operand) -> Pieces:
        if n != "1":
            return self.call("polygamma", n, a)
        return self.call("trigamma", a)

    def imports(self) -> list[str]:
        special = any("special." in name for name in self.used) or any(
            "special." in text for text in self.written()
        )
        lines = ["import jax.numpy as jnp"]
        return [*lines, "from jax.scipy import special"] if special else lines


def render(program: Program, style: Style) -> str:
    """A module with the function f."""
    return Jax(program).render()
