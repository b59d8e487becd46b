"""The formula and its derivatives in LaTeX, an equation a line.

In long ones, the parts that are used more than once are equations before them.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import gcd
from typing import ClassVar

from ..program import Assignment, Operand, Program
from ..style import Style
from .notation import (
    AND,
    ATOM,
    COMPARISON,
    NOT,
    OR,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    Notation,
    Piece,
    Pieces,
    joined,
    shared,
    sources,
)

#: The Greek letters that LaTeX has; the others look like Latin ones.
GREEK = {
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"),
    *("theta", "iota", "kappa", "lambda", "mu", "nu", "xi"),
    *("pi", "rho", "sigma", "tau", "upsilon", "phi", "chi"),
    *("psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi"),
    *("Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
}

#: Those whose names in LaTeX and in Unicode differ.
VARIANTS = {
    **{"ε": "varepsilon", "ϵ": "epsilon", "ϑ": "vartheta", "ϖ": "varpi", "ϱ": "varrho"},
    **{"ς": "varsigma", "φ": "varphi", "ϕ": "phi", "λ": "lambda", "Λ": "Lambda"},
    "µ": "mu",
}

#: The functions that are not called by \operatorname and their own name.
FUNCTIONS = {
    **{name: f"\\{name}" for name in ("ln", "sin", "cos", "tan", "sec", "csc", "cot")},
    **{name: f"\\{name}" for name in ("sinh", "cosh", "tanh", "coth", "min", "max")},
    **{"asin": "\\arcsin", "acos": "\\arccos", "atan": "\\arctan"},
    **{name: f"\\operatorname{{ar{name[1:]}}}" for name in ("asinh", "acosh", "atanh")},
    **{"log2": "\\log_{2}", "log10": "\\log_{10}", "sign": "\\operatorname{sgn}"},
    **{"sigmoid": "\\sigma", "gamma": "\\Gamma", "digamma": "\\psi"},
    **{"normpdf": "\\varphi", "normcdf": "\\Phi", "relu": "\\operatorname{ReLU}"},
}

#: The functions whose powers are written as \sin^{2}(x).
RAISED = {"ln", "sin", "cos", "tan", "sec", "csc", "cot"} | {
    *("sinh", "cosh", "tanh", "sech", "csch", "coth"),
}

#: What is taller than a line, and so is what contains it.
TALL = {"div", "if", "sqrt", "cbrt"}


def render(program: Program, style: Style) -> str:
    """A line for each equation."""
    lines = equations(list(_derivatives(program)), program.steps, program.variables)
    return "".join(f"{line}\n" for line in lines)


def equations(
    sides: Sequence[tuple[str, Operand]],
    steps: Mapping[int, Assignment],
    taken: Collection[str],
) -> Iterator[str]:
    """Equations, after those of the parts that are used more than once, if it is long.

    Args:
        sides: of each the text at its left, and what is at its right.
        steps: the nodes, by their ids.
        taken: the names that have a meaning already.
    """
    named = shared([right for _, right in sides], steps, taken)
    notation = Latex(steps, {id: variable(name) for id, name in named.items()})
    for left, right in (*((name, id) for id, name in notation.named.items()), *sides):
        yield f"{left} = {notation.write(right)}"


def display(program: Program) -> str:
    """The formula as it stands in a line of its own, for notebooks."""
    sides = zip(_names(program), program.values, strict=True)
    lines = list(equations(list(sides), program.steps, program.variables))
    text = " \\\\\n".join(lines)
    if len(lines) > 1:
        text = f"\\begin{{gathered}}\n{text}\n\\end{{gathered}}"
    return f"$\\displaystyle {text}$"


def _names(program: Program) -> list[str]:
    """What the values are called."""
    several = len(program.values) > 1
    return [f"f_{{{k}}}" if several else "f" for k, _ in enumerate(program.values, 1)]


def _derivatives(program: Program) -> Iterator[tuple[str, Operand]]:
    """The values and derivatives, and what they are called."""
    d = "\\partial " if len(program.variables) > 1 else "d"
    names = _names(program)
    yield from zip(names, program.values, strict=True)
    for f, row in zip(names, program.jacobian, strict=True):
        for name, operand in row.items():
            yield f"\\frac{{{d}{f}}}{{{d}{variable(name)}}}", operand
    for f, hessian in zip(names, program.hessians, strict=False):
        for (a, b), operand in hessian.items():
            below = [f"{d}{variable(name)}" for name in (a, b)]
            bottom = f"{below[0]}^{{2}}" if a == b else " \\, ".join(below)
            top = f"{d.strip()}^{{2}}"
            yield f"\\frac{{{top} {f}}}{{{bottom}}}", operand


def variable(name: str) -> str:
    """A name as mathematicians set it: ``x1`` as x with an index, ``theta`` as θ."""
    match = re.fullmatch(r"([^\W\d_]+)_?(\w*)", name)
    if match is None:
        return f"\\text{{{_escaped(name)}}}"
    base, index = _word(match[1]), match[2].strip("_")
    if not index:
        return base
    parts = [part if part.isdigit() else _word(part) for part in index.split("_")]
    return f"{base}_{{{','.join(parts)}}}" if len(index) > 1 else f"{base}_{parts[0]}"


def _word(word: str) -> str:
    """Letters: a Greek one by its name or itself, one alone, or upright ones."""
    if word in GREEK:
        return f"\\{word}"
    if greek := _greek(word[0]):
        rest = f" {_word(word[1:])}" if word[1:] else ""
        return f"\\{greek}{rest}"
    if not word.isascii():
        return f"\\text{{{_escaped(word)}}}"
    return word if len(word) == 1 else f"\\mathrm{{{_escaped(word)}}}"


def _greek(character: str) -> str:
    """What LaTeX calls a letter, if it is a Greek one that LaTeX has."""
    words = unicodedata.name(character, "").split()
    name = words[-1].lower() if words[:1] == ["GREEK"] else ""
    name = VARIANTS.get(character) or (name.title() if "CAPITAL" in words else name)
    return name if name in GREEK or character in VARIANTS else ""


def number(text: str) -> Pieces:
    """The digits of a number, which may have an exponent of 10."""
    mantissa, e, exponent = text.lower().partition("e")
    if not e or text == "e":
        return (SIGN if text.startswith("-") else ATOM), [text]
    power = f"10^{{{int(exponent)}}}"
    if mantissa in ("1", "-1"):
        return POWER, [mantissa[:-1] + power]
    return PRODUCT, [f"{mantissa} \\cdot {power}"]


def _escaped(text: str) -> str:
    return text.replace("_", "\\_")


def function(name: str) -> str:
    """What LaTeX calls a function."""
    return FUNCTIONS.get(name) or f"\\operatorname{{{_escaped(name)}}}"


class Latex(Notation):
    """How LaTeX has formulas.

    Args:
        steps: the nodes, by their ids.
        named: the nodes that are written as a name, and their names.
    """

    infix: ClassVar = {
        **Notation.infix,
        "le": (COMPARISON, SUM, " \\le "),
        "ge": (COMPARISON, SUM, " \\ge "),
        "eq": (COMPARISON, SUM, " = "),
        "ne": (COMPARISON, SUM, " \\ne "),
        "and": (*Notation.infix["and"][:2], " \\text{ and } "),
        "or": (*Notation.infix["or"][:2], " \\text{ or } "),
        "mod": (PRODUCT, SIGN, " \\bmod "),
    }

    def __init__(
        self, steps: Mapping[int, Assignment], named: Mapping[int, str]
    ) -> None:
        super().__init__(steps, named)
        self._tall: set[int] = set()
        for id, step in steps.items():
            parts = (part for part in sources(step) if part not in named)
            if step.operation in TALL or any(part in self._tall for part in parts):
                self._tall.add(id)

    def parentheses(self, operand: Operand, pieces: list[Piece]) -> list[Piece]:
        if operand in self._tall and operand not in self.named:
            return ["\\left(", *pieces, "\\right)"]
        return ["(", *pieces, ")"]

    def literal(self, text: str) -> Pieces:
        if text in ("pi", "tau"):
            return ATOM, [f"\\{text}"]
        return number(text)

    def variable(self, name: str) -> str:
        return variable(name)

    def name(self, name: str, condition: bool) -> Pieces:
        return ATOM, [name]

    def call(self, name: str, *inputs: Operand) -> Pieces:
        return ATOM, [function(name), *self._arguments(*inputs)]

    def _arguments(self, *operands: Operand) -> list[Piece]:
        """Operands in parentheses."""
        tall = not self._tall.isdisjoint(operands)
        left, right = ("\\left(", "\\right)") if tall else "()"
        return [left, *joined(operands, ", ", 0), right]

    # ---- Products, quotients and powers ----------------------------------------------

    def write_mul(self, *inputs: Operand) -> Pieces:
        above, below, top, bottom = self._factors(inputs, ())
        outside = [f for f in above if self.is_a(f, "exp") or self.is_a(f, "if")]
        if below:
            above = [factor for factor in above if factor not in outside]
        elif bottom == 1:
            return PRODUCT, self._product(top, above)
        else:
            above, outside = [], above
        fraction = self._fraction(top, above, bottom, below)
        rest = self._product(1, outside) if outside else []
        return (PRODUCT, [*fraction, " ", *rest]) if outside else (SIGN, fraction)

    def write_div(self, a: Operand, b: Operand) -> Pieces:
        if self.is_a(a, "neg"):  # whose sign stands before the line
            assert isinstance(a, int)
            (inner,) = self.steps[a].inputs
            return PRODUCT, ["-", *self.write_div(inner, b)[1]]
        above, below, top, bottom = self._factors((a,), (b,))
        return SIGN, self._fraction(top, above, bottom, below)

    def _factors(
        self, above: tuple[Operand, ...], below: tuple[Operand, ...]
    ) -> tuple[list[Operand], list[Operand], int, int]:
        """The factors above and below the line, and whole numbers there, reduced."""
        found: tuple[list[Operand], list[Operand]] = [], []
        numbers = [1, 1]
        waiting = [(x, 1) for x in below[::-1]] + [(x, 0) for x in above[::-1]]
        while waiting:
            factor, side = waiting.pop()
            if self.is_a(factor, "mul") or self.is_a(factor, "div"):
                assert isinstance(factor, int)
                step = self.steps[factor]
                a, b = step.inputs
                waiting += [(b, side ^ (step.operation == "div")), (a, side)]
            elif isinstance(factor, str) and factor.isdigit() and len(factor) < 16:
                numbers[side] *= int(factor)
            else:
                found[side].append(factor)
        common = gcd(*numbers) or 1
        return *found, numbers[0] // common, numbers[1] // common

    def _fraction(
        self, top: int, above: list[Operand], bottom: int, below: list[Operand]
    ) -> list[Piece]:
        """A quotient of products; powers cancel where some of them stay below."""
        powers, others = self._powers(above), self._powers(below)
        for base in powers.keys() & others.keys():
            if powers[base] < others[base]:
                others[base] -= powers.pop(base)
        if not below and bottom == 1:
            return self._raise(top, powers)
        line = ["\\frac{", *self._raise(top, powers), "}{"]
        return [*line, *self._raise(bottom, others), "}"]

    def _product(self, number: int, factors: list[Operand]) -> list[Piece]:
        return self._raise(number, self._powers(factors))

    def _powers(self, factors: list[Operand]) -> dict[Operand, int]:
        """The bases of the factors, with their exponents."""
        powers: dict[Operand, int] = {}
        for factor in factors:
            base, exponent = self._power(factor)
            powers[base] = powers.get(base, 0) + exponent
        return powers

    def _raise(self, number: int, powers: dict[Operand, int]) -> list[Piece]:
        """Powers one behind the other, behind a number."""
        pieces: list[Piece] = [str(number)] if number != 1 or not powers else []
        for base, exponent in powers.items():
            digit = self._starts_with_digit(base)
            between = (" \\cdot " if digit else " ") if pieces else ""
            if exponent == 2 and self.is_a(base, "hypot"):
                assert isinstance(base, int)
                raised = self._sum_of_squares(*self.steps[base].inputs)
                if len(powers) > 1 or pieces:
                    raised = self.parentheses(base, raised)
            elif exponent > 1:
                raised = self._raised(base, f"^{{{exponent}}}")
            else:
                alone = len(powers) == 1 and not pieces
                raised = [(base, OR if alone else SIGN if pieces else PRODUCT)]
            pieces += [between, *raised]
        return pieces

    def _power(self, factor: Operand) -> tuple[Operand, int]:
        """The base and the exponent of a factor, if that is a whole number."""
        exponents = {"square": "2", "cube": "3"}
        if isinstance(factor, int) and factor not in self.named:
            step = self.steps[factor]
            base, *more = step.inputs
            exponent = (
                more[0] if step.operation == "power" else exponents.get(step.operation)
            )
            if isinstance(exponent, str) and exponent.isdigit() and len(exponent) < 9:
                return base, int(exponent)
        return factor, 1

    def _starts_with_digit(self, operand: Operand) -> bool:
        while isinstance(operand, int) and operand not in self.named:
            step = self.steps[operand]
            if step.operation == "exp2":
                return True
            if step.operation not in ("mul", "square", "cube", "power", "pow"):
                return False
            operand = step.inputs[0]
        return isinstance(operand, str) and (operand[0].isdigit() or operand[0] == ".")

    def _raised(self, base: Operand, power: str | list[Piece]) -> list[Piece]:
        """A power, of a function as in \\sin^{2}(x)."""
        exponent: list[Piece] = [power] if isinstance(power, str) else power
        if isinstance(base, int) and base not in self.named:
            step = self.steps[base]
            if step.operation in RAISED:
                name, arguments = (
                    function(step.operation),
                    self._arguments(*step.inputs),
                )
                return [name, *exponent, *arguments]
        return [(base, ATOM), *exponent]

    def write_square(self, a: Operand) -> Pieces:
        return POWER, self._raised(a, "^{2}")

    def write_cube(self, a: Operand) -> Pieces:
        return POWER, self._raised(a, "^{3}")

    def write_power(self, a: Operand, n: Operand) -> Pieces:
        root = self._root(n)
        if root is not None:
            return ATOM, [f"\\sqrt{root}{{", (a, 0), "}"]
        if isinstance(n, str) and n.isdigit():
            return POWER, self._raised(a, f"^{{{n}}}")
        return POWER, [(a, ATOM), "^{", *self._exponent(n), "}"]

    write_pow = write_power

    def _ratio(self, n: Operand) -> tuple[str, str] | None:
        """The literals of a fraction such as 1/3."""
        if self.is_a(n, "div"):
            assert isinstance(n, int)
            a, b = self.steps[n].inputs
            if isinstance(a, str) and isinstance(b, str):
                return a, b
        return None

    def _root(self, n: Operand) -> str | None:
        """The degree of the root that an exponent of 1/n stands for."""
        if n == "0.5":
            return ""
        fraction = self._ratio(n)
        if fraction and fraction[0] == "1" and fraction[1].isdigit():
            return "" if fraction[1] == "2" else f"[{fraction[1]}]"
        return None

    def _exponent(self, n: Operand) -> list[Piece]:
        """An exponent, in which a fraction stays in line."""
        sign = ""
        if self.is_a(n, "neg"):
            assert isinstance(n, int)
            inner = self.steps[n].inputs[0]
            if self._ratio(inner):
                sign, n = "-", inner
        fraction = self._ratio(n)
        return [f"{sign}{fraction[0]}/{fraction[1]}"] if fraction else [(n, 0)]

    def write_sqrt(self, a: Operand) -> Pieces:
        return ATOM, ["\\sqrt{", (a, 0), "}"]

    def write_cbrt(self, a: Operand) -> Pieces:
        return ATOM, ["\\sqrt[3]{", (a, 0), "}"]

    def write_hypot(self, a: Operand, b: Operand) -> Pieces:
        return ATOM, ["\\sqrt{", *self._sum_of_squares(a, b), "}"]

    def _sum_of_squares(self, a: Operand, b: Operand) -> list[Piece]:
        pieces: list[Piece] = []
        for operand in (a, b):
            square: list[Piece] = (
                ["1"] if operand == "1" else self._raised(operand, "^{2}")
            )
            pieces += [" + ", *square] if pieces else square
        return pieces

    # ---- Functions -------------------------------------------------------------------

    def write_exp(self, a: Operand) -> Pieces:
        return POWER, ["e^{", *self._exponent(a), "}"]

    def write_exp2(self, a: Operand) -> Pieces:
        return POWER, ["2^{", *self._exponent(a), "}"]

    def write_expm1(self, a: Operand) -> Pieces:
        return SUM, ["e^{", *self._exponent(a), "} - 1"]

    def write_log1p(self, a: Operand) -> Pieces:
        left, right = ("\\left(", "\\right)") if a in self._tall else "()"
        return ATOM, ["\\ln", left, "1 + ", (a, SUM), right]

    def write_log(self, a: Operand, b: Operand) -> Pieces:
        return ATOM, ["\\log_{", (b, 0), "}", *self._arguments(a)]

    def write_abs(self, a: Operand) -> Pieces:
        return ATOM, ["\\left|", (a, 0), "\\right|"]

    def write_floor(self, a: Operand) -> Pieces:
        return ATOM, ["\\left\\lfloor ", (a, 0), " \\right\\rfloor"]

    def write_ceil(self, a: Operand) -> Pieces:
        return ATOM, ["\\left\\lceil ", (a, 0), " \\right\\rceil"]

    def write_lgamma(self, a: Operand) -> Pieces:
        return ATOM, ["\\ln\\left|", "\\Gamma", *self._arguments(a), "\\right|"]

    def write_factorial(self, a: Operand) -> Pieces:
        return POWER, [(a, ATOM), "!"]

    def write_polygamma(self, n: Operand, a: Operand) -> Pieces:
        return ATOM, ["\\psi^{(", (n, 0), ")}", *self._arguments(a)]

    def write_sinc_n(self, n: Operand, a: Operand) -> Pieces:
        return ATOM, ["\\operatorname{sinc}^{(", (n, 0), ")}", *self._arguments(a)]

    def write_not(self, a: Operand) -> Pieces:
        return NOT, ["\\text{not } ", (a, NOT)]

    def write_if(self, *inputs: Operand) -> Pieces:
        *cases, (_, last) = self.cases(*inputs)
        pieces: list[Piece] = ["\\begin{cases} "]
        for conditions, operand in cases:
            pieces += [(operand, 0), " & \\text{if } "]
            pieces += [*joined(conditions, self.infix["or"][2], AND), " \\\\ "]
        return SIGN, [*pieces, (last, 0), " & \\text{otherwise} \\end{cases}"]
