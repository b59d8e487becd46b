"""How textbooks write what happens at a node: in characters, in HTML and in LaTeX.

Node 3 has the primal v3, the tangent v̇3 and the adjoint v̄3. A hand writes them, and the
rules of operations with these symbols in them, or with numbers.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import normalize
from ..program import Operand, Program
from ..style import Style
from ..trace import Step, Trace
from . import latex
from .latex import Latex
from .notation import ATOM, POWER, PRODUCT, SIGN, SUM, Notation, Pieces

if TYPE_CHECKING:
    from ..trace import Kind

#: The most operands that a formula shows, and the most characters of a derivative.
MOST, LONGEST = 8, 48

#: The accents of tangents and adjoints.
DOT, BAR = "\N{COMBINING DOT ABOVE}", "\N{COMBINING MACRON}"

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

#: What is written for numbers that are none.
WORDS = {"True": "true", "False": "false", "nan": "none", "inf": "∞", "-inf": "-∞"}


class Applied(Notation):
    """A notation for a rule, whose operands and output have texts of their own.

    The output is node 0.
    """

    operands: dict[str, Pieces]
    output: Pieces
    numeric = False  #: whether the texts are those of numbers

    def write_add(self, a: Operand, b: Operand) -> Pieces:
        return SUM, [(a, SUM), " + ", (b, PRODUCT)]

    def pieces(self, operand: Operand, top: bool = False) -> Pieces:
        if isinstance(operand, int) and not (top and operand == 0):
            if operand == 0:
                return self.output
            if (name := self.steps[operand].name) is not None:
                return self.operands[name]
        return super().pieces(operand, top)


class InCharacters(Applied):
    """Formulas in characters."""

    def __init__(self, rule: Program) -> None:
        super().__init__(rule.steps, {0: ""})

    def write(self, operand: Operand) -> str:
        match self.pieces(operand, top=True)[1]:
            case [str(name), "(", (inner, _), ")"]:
                level, pieces = self.pieces(inner)
                # As textbooks do: ln x, but ln(x + y).
                if level >= POWER and len(pieces) == 1:
                    return f"{name} {pieces[0]}"
        return super().write(operand)

    def literal(self, text: str) -> Pieces:
        return super().literal({"pi": "π", "tau": "τ"}.get(text, text))

    def write_mul(self, a: Operand, b: Operand) -> Pieces:
        times = " × " if self.numeric else "·"
        return PRODUCT, [(a, PRODUCT), times, (b, SIGN)]

    def write_abs(self, a: Operand) -> Pieces:
        return ATOM, ["|", (a, 0), "|"]

    def write_floor(self, a: Operand) -> Pieces:
        return ATOM, ["⌊", (a, 0), "⌋"]

    def write_ceil(self, a: Operand) -> Pieces:
        return ATOM, ["⌈", (a, 0), "⌉"]

    def write_sqrt(self, a: Operand) -> Pieces:
        return ATOM, ["√", (a, ATOM)]

    def write_cbrt(self, a: Operand) -> Pieces:
        return ATOM, ["∛", (a, ATOM)]

    def write_square(self, a: Operand) -> Pieces:
        return self.write_power(a, "2")

    def write_cube(self, a: Operand) -> Pieces:
        return self.write_power(a, "3")

    def write_power(self, a: Operand, n: Operand) -> Pieces:
        if isinstance(n, str) and n.isdecimal():
            return POWER, [(a, ATOM), self.raised(n)]
        return POWER, [(a, ATOM), "^", (n, ATOM)]

    write_pow = write_power

    def raised(self, exponent: str) -> str:
        """A whole number as an exponent."""
        return exponent.translate(SUPERSCRIPTS)

    def italic(self, name: str) -> str:
        """The name of an operand."""
        return name


class InHtml(InCharacters):
    """Formulas in HTML."""

    infix: ClassVar[dict[str, tuple[int, int, str]]] = {
        name: (level, right, escape(sign))
        for name, (level, right, sign) in Notation.infix.items()
    }

    def raised(self, exponent: str) -> str:
        return f"<sup>{exponent}</sup>"

    def italic(self, name: str) -> str:
        return f"<var>{name}</var>"


class InLatex(Applied, Latex):
    """Formulas in LaTeX, in a row of which = has a meaning already."""

    infix: ClassVar = {
        **Latex.infix,
        "eq": (*Latex.infix["eq"][:2], " \\mathrel{==} "),
    }

    def __init__(self, rule: Program) -> None:
        Latex.__init__(self, rule.steps, {0: ""})

    def _starts_with_digit(self, operand: Operand) -> bool:
        return self.numeric or super()._starts_with_digit(operand)


def in_symbols(rule: Program, kind: type[InCharacters] = InCharacters) -> str:
    """The rule of an operation, with its derivatives.

    Args:
        rule: it.
        kind: that of the notation.
    """
    notation = kind(rule)
    y = "z" if "y" in rule.variables else "y"
    names = {x: notation.italic(x) for x in (*rule.variables, y)}
    notation.operands = {x: (ATOM, [names[x]]) for x in rule.variables}
    notation.output = ATOM, [names[y]]
    parts = [f"{names[y]} = {notation.write(0)}"]
    d = "∂" if len(rule.variables) > 1 else "d"
    for x in rule.variables:
        if (operand := rule.jacobian[0].get(x)) is not None:
            derivative = names[y] if operand == 0 else notation.write(operand)
            parts.append(f"{d}{names[y]}/{d}{names[x]} = {derivative}")
    return ", ".join(parts)


class Hand:
    """How textbooks write, in characters.

    Args:
        trace: what is written of, with the rules of its operations.
        style: the digits that numbers have; by default three decimals, as textbooks
            have them, or of small numbers as many digits.
    """

    notation: ClassVar[Any] = InCharacters
    #: The signs between symbols, between numbers, before terms, and before their sums.
    times, cross, adding, giving = " · ", " × ", "+=", "→"
    dots, missing, blank = "…", "not taken", "________"

    def __init__(self, trace: Trace, style: Style) -> None:
        self.trace = trace
        self.style = style
        self.several = len(trace.values) > 1
        self._notations: dict[Kind, Any] = {}

    # ---- Symbols and numbers ---------------------------------------------------------

    def primal(self, id: int) -> str:
        """The symbol of a node's value."""
        return f"v{id}"

    def tangent(self, id: int) -> str:
        """The symbol of its derivative along the direction."""
        return f"v{DOT}{id}"

    def adjoint(self, id: int) -> str:
        """The symbol of the derivative of an output with respect to it."""
        return f"v{BAR}{id}"

    def name(self, variable: str) -> str:
        """A variable."""
        return variable

    def dotted(self, variable: str) -> str:
        """The tangent of a variable."""
        return normalize(f"{variable[0]}{DOT}{variable[1:]}")

    def result(self, number: int, accent: str = "") -> str:
        """An output; with BAR its adjoint, with DOT its tangent."""
        return normalize(f"f{accent}{number + 1 if self.several else ''}")

    def formula(self, text: str) -> str:
        """A formula in a sentence."""
        return text

    def slope(self, above: str, below: str) -> str:
        """A partial derivative."""
        return f"∂{above}/∂{below}"

    def text(self, number: Any) -> str:
        """The digits of a number."""
        if number is None:
            return self.missing
        if isinstance(number, int) or self.style.precision is not None:
            return self.style.number(number)
        size, number = abs(number), number + 0  # and never -0
        if 0.1 <= size < 1e6:
            return f"{number:.3f}".rstrip("0").rstrip(".")
        return f"{number:.3g}" if size < 1 else f"{number:.6g}"

    def number(self, number: Any) -> str:
        """A number."""
        text = self.text(number)
        return WORDS.get(text, text)

    def function(self, name: str) -> str:
        """The name of a function."""
        return name

    # ---- Formulas --------------------------------------------------------------------

    def value(self, step: Step, numeric: bool = False) -> str:
        """The formula of a node's value, with symbols or with numbers in it.

        Where there are none to put in, as for a variable, it is empty with numbers.
        """
        if numeric and (step.name or not any(isinstance(i, int) for i in step.inputs)):
            return ""
        if step.name is not None:
            return self.name(step.name)
        notation = self._applied(step, numeric)
        if len(step.inputs) <= MOST:
            return notation.write(0)
        texts = []
        for k in (0, 1, -1):
            given = step.inputs[k]
            if isinstance(given, int):
                _, pieces = self.operand(given, step.operands[k], numeric)
                texts.append("".join(map(str, pieces)))
            else:
                texts.append(notation.write(given))
        first, second, last = texts
        name = self.function(step.operation)
        return f"{name}({first}, {second}, {self.dots}, {last})"

    def partial(self, step: Step, k: int) -> str:
        """The derivative in operand k, as a factor."""
        level, text = self.derivative(step, k)
        return self.parentheses(text) if level < PRODUCT or text[0] == "-" else text

    def derivative(self, step: Step, k: int) -> tuple[int, str]:
        """How tightly the derivative in operand k binds, and its formula."""
        if step.operation == "if":  # of which only the input counts that is taken
            return ATOM, "1"
        unknown = self.slope_in(step, k)
        if len(step.inputs) > MOST:
            return ATOM, unknown
        notation = self._applied(step)
        rule = self.trace.rules[step.kind]
        operand = rule.partials[k]
        if operand is None:
            return ATOM, unknown
        if operand == 0:
            return notation.output[0], "".join(map(str, notation.output[1]))
        if len(Notation(rule.steps, {0: "y"}).write(operand)) > LONGEST:
            return ATOM, unknown
        return notation.pieces(operand, top=True)[0], notation.write(operand)

    def slope_in(self, step: Step, k: int) -> str:
        """The derivative in operand k as a symbol."""
        source = step.inputs[k]
        assert isinstance(source, int)
        return self.slope(self.primal(step.id), self.primal(source))

    def factor(self, number: str) -> str:
        """A number behind another one's sign."""
        return self.parentheses(number) if number.startswith("-") else number

    def parentheses(self, text: str) -> str:
        """The text in parentheses."""
        return f"({text})"

    def _applied(self, step: Step, numeric: bool = False) -> Any:
        """The notation of its rule, with the symbols or numbers of a node."""
        notation = self._notations.get(step.kind)
        if notation is None:
            notation = self.notation(self.trace.rules[step.kind])
            self._notations[step.kind] = notation
        notation.numeric = numeric
        notation.operands = self._operands(step, numeric)
        notation.output = self.operand(step.id)
        return notation

    def _operands(self, step: Step, numeric: bool) -> dict[str, Pieces]:
        """How the operands of a node are written, by their names in the rule."""
        given = [
            self.operand(i, x, numeric)
            for i, x in zip(step.inputs, step.operands, strict=True)
            if isinstance(i, int)
        ]
        return dict(zip(self.trace.rules[step.kind].variables, given, strict=True))

    def operand(self, id: int, value: Any = None, numeric: bool = False) -> Pieces:
        """How tightly the symbol or the number of a node binds, and its text."""
        if not numeric:
            return (POWER if id < 0 else ATOM), [self.primal(id)]
        text = self.number(value)
        if text.startswith("-"):
            return SUM, [text]
        return (SIGN if "e" in text else ATOM), [text]


class HtmlHand(Hand):
    """The same in HTML."""

    notation = InHtml
    blank = '<span class="blank"></span>'

    def primal(self, id: int) -> str:
        return self.indexed("v", id)

    def tangent(self, id: int) -> str:
        return self.indexed("v" + DOT, id)

    def adjoint(self, id: int) -> str:
        return self.indexed("v" + BAR, id)

    def indexed(self, letter: str, id: int) -> str:
        """A letter with an index."""
        return f"<var>{letter}</var><sub>{id}</sub>".replace("-", "\N{MINUS SIGN}")

    def name(self, variable: str) -> str:
        return f"<var>{escape(variable)}</var>"

    def dotted(self, variable: str) -> str:
        return f"<var>{escape(super().dotted(variable))}</var>"

    def result(self, number: int, accent: str = "") -> str:
        index = f"<sub>{number + 1}</sub>" * self.several
        return f"<var>{normalize(f'f{accent}')}</var>{index}"

    def operand(self, id: int, value: Any = None, numeric: bool = False) -> Pieces:
        level, pieces = super().operand(id, value, numeric)
        return (level if numeric else ATOM), pieces


class LatexHand(Hand):
    """The same in LaTeX."""

    notation = InLatex
    times, cross, adding, giving = " \\cdot ", " \\cdot ", "\\mathrel{+}=", "\\to"
    dots, missing = "\\ldots", "\\text{not taken}"
    blank = "\\underline{\\hspace{6em}}"

    def primal(self, id: int) -> str:
        return f"v_{{{id}}}"

    def tangent(self, id: int) -> str:
        return f"\\dot{{v}}_{{{id}}}"

    def adjoint(self, id: int) -> str:
        return f"\\bar{{v}}_{{{id}}}"

    def name(self, variable: str) -> str:
        return latex.variable(variable)

    def dotted(self, variable: str) -> str:
        return f"\\dot{{{latex.variable(variable)}}}"

    def result(self, number: int, accent: str = "") -> str:
        f = {"": "f", BAR: "\\bar{f}", DOT: "\\dot{f}"}[accent]
        return f + f"_{{{number + 1}}}" * self.several

    def formula(self, text: str) -> str:
        return f"${text}$"

    def slope(self, above: str, below: str) -> str:
        return f"\\frac{{\\partial {above}}}{{\\partial {below}}}"

    def number(self, number: Any) -> str:
        if number is None:
            return self.missing
        text = self.text(number)
        if word := {**WORDS, "inf": "\\infty", "-inf": "-\\infty"}.get(text):
            return word if "infty" in word else f"\\text{{{word}}}"
        return "".join(map(str, latex.number(text)[1]))

    def function(self, name: str) -> str:
        return latex.function(name)

    def parentheses(self, text: str) -> str:
        return f"\\left({text}\\right)"
