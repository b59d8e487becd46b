"""A parsed formula: the short way from text to values and gradients."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Collection, Mapping

from .errors import (
    ExprdiffError,
    MissingValues,
    RangeError,
    UnknownVariable,
    UsageError,
    by_name,
    listed,
    normalize,
    shorten,
)
from .numbers import floats
from .parser import CONSTANTS, parse
from .run import Asked, Run
from .trace import Point, Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .program import Program

#: All first derivatives.
ALL = Asked()

#: What most values are, and can be read without the grammar.
NUMBER = re.compile(r" *([-+]?)((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?) *")

#: What stands before the standard uncertainty of a value.
UNCERTAIN = re.compile(r"±|\+/?-")


class Expression:
    """A formula, ready to be evaluated and differentiated at any point.

    Args:
        text: the formula.
        variables: names that are variables even where the language has a constant.
            A constant that is given a value when it is evaluated becomes one, too.

    Raises:
        ParseError: text is not in the language.
    """

    def __init__(self, text: str, variables: Collection[str] = ()) -> None:
        self.text = text
        self._named = set(map(normalize, variables))
        self.graph = parse(text, self._named)
        self._variables = dict.fromkeys(str(n.name) for n in self.graph.variables)

    def __repr__(self) -> str:
        return f"parse({self.text!r})"

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, in order of appearance."""
        return tuple(self._variables)

    @property
    def outputs(self) -> int:
        """How many values the result has."""
        return len(self.graph.outputs)

    def evaluate(self, /, **values: int | float) -> Any:
        """The value at this point, which names every variable.

        It is a number, or a tuple of numbers if the result has several values. Where
        values are arrays of NumPy, all of them are broadcast, and it is an array;
        undefined numbers are then NaN or infinite, as in IEEE arithmetic.

        Raises:
            MissingValues: a variable has no value.
            UsageError: a name is no variable, or its value is neither a number nor an
                array of them.
            DomainError: the formula is undefined there.
            RangeError: a number on the way is too large.
        """
        formula, point = self._given(values)
        if _arrays(point):
            from .numbers import arrays

            return _one(arrays.evaluate(formula.graph, point))
        return _one(formula._run(point).executor.forward())

    def gradient(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> dict[str, float]:
        """The derivative with respect to each variable.

        Args:
            wrt: the names of the variables that are asked for; by default all.
            values: the value of each variable.

        Raises:
            UsageError: the result has several values; and as ``evaluate``.
            UnknownVariable: a name in wrt is no variable.
        """
        self._check_one("ask for its jacobian")
        return self.jacobian(wrt, **values)[0]

    def jacobian(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> list[dict[str, float]]:
        """For each value of the result its derivatives; all else as ``gradient``."""
        formula, point = self._given(values)
        if _arrays(point):
            from .numbers import arrays

            return arrays.jacobian(formula.graph, point, formula.check_wrt(wrt))[1]
        executor = formula._run(point, Asked(wrt)).executor
        executor.forward()
        return executor.jacobian()

    def along(self, direction: Mapping[str, float], /, **values: int | float) -> Any:
        """The derivative along a direction, by a sweep in forward mode.

        It is a number, or a tuple of numbers if the result has several values.

        Args:
            direction: its component in each variable, as {"x1": 1, "x2": -2}; those
                that are left out are 0.
            values: the value of each variable.

        Raises as ``gradient``.
        """
        asked = Asked(direction=direction)
        return _one(tuple(self._at(values, asked).point().derivatives))

    def hessian(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> dict[str, dict[str, float]]:
        """The second derivative in each pair of variables: rows by name, by name.

        All else is as of ``gradient``.
        """
        from .hessian import symmetric

        self._check_one("take a formula of one of them")
        (triangle,) = self._at(values, Asked(wrt, hessian=True)).point().hessians
        return symmetric(triangle)

    def hessian_product(
        self, direction: Mapping[str, float], /, **values: int | float
    ) -> dict[str, float]:
        """The product of the Hessian and a vector, by variable.

        It is the gradient's derivative along the vector, and takes one sweep: of the
        Hessian, which may be large, nothing is calculated.

        Args:
            direction: the vector, as of ``along``.
            values: the value of each variable.

        Raises as ``gradient``.
        """
        self._check_one("take a formula of one of them")
        run = self._at(values)
        if not run.names:
            return {}
        gradient = run.derivatives()
        gradient.direction = run.formula.check_direction(direction)
        gradient.forward()
        tangents = gradient.tangents()
        products = [tangents.get(node, 0.0) for node in gradient.outputs]
        return dict(zip(run.names, products, strict=True))

    def taylor(
        self, order: int, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> list[float]:
        """The coefficients of the Taylor polynomial of this order.

        Number k is the derivative of order k, divided by k!.

        Args:
            order: from 1 to 100.
            wrt: the name of the variable, if there are several.
            values: the value of each variable.

        Raises:
            UsageError: there is not just one variable, or the order is none; and as
                ``gradient``.
        """
        self._check_one("take a formula of one of them")
        (coefficients,) = self._at(values, Asked(wrt, order=order or -1)).point().taylor
        return coefficients

    def derivatives(self, wrt: Collection[str] | None = None) -> dict[str, str]:
        """The derivative with respect to each variable, as a formula.

        Args:
            wrt: the names of the variables that are asked for; by default all.

        Raises:
            UsageError: the result has several values.
            UnknownVariable: a name in wrt is no variable.
            DomainError: a derivative exists nowhere.
        """
        from .render.formula import text

        self._check_one("take a formula of one of them")
        program = self.program(wrt)
        (row,) = program.jacobian
        return {
            name: text(operand, program.steps, program.variables)
            for name, operand in row.items()
        }

    def _repr_latex_(self) -> str:
        """The formula, for notebooks."""
        from .render.latex import display

        return display(self.program([]))

    def program(
        self, wrt: Collection[str] | None = None, hessian: bool = False
    ) -> Program:
        """The formula and its derivatives at any point, for a renderer.

        Args:
            wrt: the names of the variables that are asked for; by default all.
            hessian: whether second derivatives are among them.

        Raises:
            UnknownVariable: a name in wrt is no variable.
            DomainError: a derivative exists nowhere.
        """
        from .derivation import Derivation

        if wrt is not None:
            wrt = self.check_wrt(wrt)
        return Derivation(self.graph, self.text, wrt).program(hessian)

    def trace(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> Trace:
        """All that was calculated at this point; all else as ``gradient``."""
        trace = self._at(values, Asked(wrt, whole=True)).trace()
        trace.notes[:0] = self.notes
        return trace

    @property
    def notes(self) -> list[str]:
        """What there is to say of the formula, whatever the point."""
        unused = self.graph.unused
        if not unused:
            return []
        verb = "are" if len(unused) > 1 else "is"
        return [f"{listed(unused)} {verb} assigned and never used"]

    def point(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> Point:
        """The value and the derivatives at this point; all else as ``gradient``."""
        point = self._at(values, Asked(wrt)).point()
        point.notes[:0] = self.notes
        return point

    def nowhere(self, asked: Asked = ALL, /, **values: int | float) -> Point:
        """A point with None for all numbers but values, which need not be complete.

        Args:
            asked: the derivatives that are asked for.
            values: the values of variables.
        """
        count, names = self.outputs, list(Run(self, asked).names)
        forward = asked.direction is not None
        point = Point(
            inputs={name: values.get(name) for name in self._variables},
            values=(None,) * count,
            jacobian=[{} if forward else dict.fromkeys(names)] * count,
            notes=[],
        )
        point.direction = dict(asked.direction or {})
        point.derivatives = [None] * count * forward
        if asked.hessian:
            from .hessian import pairs

            point.hessians = [dict.fromkeys(pairs(names))] * count
        point.orders = [[None] * (asked.order + 1)] * count * (asked.order > 0)
        point.budgets.extend([None] * count * asked.uncertain)
        return point

    def check_wrt(self, wrt: Collection[str] | None) -> Collection[str]:
        """The names of the variables whose derivatives are asked for.

        Raises:
            UnknownVariable: a name in wrt is no variable.
        """
        if wrt is None:
            return self._variables
        names = dict.fromkeys(map(normalize, wrt))
        for name in names:
            if name not in self._variables:
                raise UnknownVariable(name, self._variables)
        return names

    def check_direction(self, direction: Mapping[str, Any]) -> dict[str, Any]:
        """The components of a direction, by the names of variables.

        Raises:
            UnknownVariable: a name is no variable.
            UsageError: a component is no finite number.
        """
        components = by_name(direction)
        for name, component in components.items():
            if isinstance(component, str) or not math.isfinite(component):
                given = shorten(f"{name}={component}")
                raise UsageError(f"a direction has finite numbers, not {given}")
        self.check_wrt(components)
        return components

    def taking(self, names: Collection[str]) -> Expression:
        """This formula, with variables for the constants that are among the names."""
        constants = CONSTANTS.keys() & names
        if constants <= self._named:
            return self
        return Expression(self.text, self._named | constants)

    def check(self, names: Collection[str]) -> None:
        """Make sure that these are the names of the variables.

        Raises:
            UnknownVariable: a name is no variable.
            UsageError: a name is assigned in the expression.
            MissingValues: a variable is not among the names.
        """
        known = self._variables
        for name in names:
            if name not in known and name in self.graph.assigned:
                message = f"{shorten(name)} is assigned in the expression"
                raise UsageError(f"{message} and takes no other value")
            if name not in known:
                raise UnknownVariable(name, known)
        missing = [name for name in known if name not in names]
        if missing:
            raise MissingValues(missing)

    def _check_one(self, instead: str) -> None:
        """Make sure that the result has one value, or say what to ask for instead."""
        if self.outputs > 1:
            raise UsageError(f"the result has several values; {instead}")

    def _at(self, values: Mapping[str, Any], asked: Asked = ALL) -> Run:
        """What runs the formula at this point. Raises as ``gradient``."""
        formula, point = self._given(values)
        for name in _arrays(point):
            raise UsageError(
                f"{shorten(name)} is an array; of these there are values and first"
                " derivatives"
            )
        return formula._run(point, asked)

    def _run(self, point: Mapping[str, Any], asked: Asked = ALL) -> Run:
        run = Run(self, asked)
        run.values = point
        return run

    def _given(self, values: Mapping[str, Any]) -> tuple[Expression, dict[str, Any]]:
        """The formula with variables for these values, and their numbers, or arrays.

        Raises as ``gradient``.
        """
        point: dict[str, Any] = by_name(values)
        formula = self.taking(point)
        formula.check(point)
        arrays = _arrays(point)
        for name, value in point.items():
            try:
                if isinstance(value, str):
                    raise TypeError
                if name not in arrays:
                    point[name] = floats.number(value)
            except (TypeError, ValueError):
                given = shorten(f"{name}={value}")
                raise UsageError(f"{given} is no number") from None
            except OverflowError:
                message = f"the value of {shorten(name)} is beyond {floats.limit}"
                raise RangeError(message) from None
        return formula, point


def _arrays(point: Mapping[str, Any]) -> list[str]:
    """The names of the values that are arrays of NumPy."""
    numpy = sys.modules.get("numpy")  # which whoever has an array has loaded
    if numpy is None:
        return []
    return [name for name, value in point.items() if isinstance(value, numpy.ndarray)]


def _one(numbers: tuple[Any, ...]) -> Any:
    """The one number of a tuple, or all of several."""
    return numbers if len(numbers) > 1 else numbers[0]


def value(name: str, text: str) -> int | float:
    """The number that the text of a variable's value stands for.

    Raises:
        UsageError: it stands for none.
    """
    try:
        return constant(text)
    except UsageError as error:
        raise unreadable(name, error) from None


def unreadable(name: str, error: ExprdiffError) -> UsageError:
    """The error that a variable's value cannot be read, because of another one."""
    message = f"cannot read the value of {shorten(name)}: {error.message}"
    return UsageError(message, error.text, error.span)


def measured(name: str, text: str) -> tuple[int | float, float | None]:
    """The number that the text of a variable's value stands for, and its uncertainty.

    The text is a value, or a value and its standard uncertainty as ``2.0±0.1``, also
    written ``2.0+-0.1`` and ``2.0+/-0.1``.

    Raises:
        UsageError: it stands for none.
    """
    best, *uncertain = UNCERTAIN.split(text, 1)
    number = value(name, best)
    if not uncertain:
        return number, None
    uncertainty = float(value(f"{name}'s uncertainty", uncertain[0]))
    for finite in (number, uncertainty):
        if not math.isfinite(finite):
            raise UsageError(f"{shorten(f'{name}={text}')} is not finite")
    if uncertainty < 0:
        raise UsageError(f"the uncertainty of {shorten(name)} is negative")
    return number, uncertainty


def constant(text: str) -> int | float:
    """The number that a constant expression stands for, ``inf`` included.

    Raises:
        UsageError: it is not in the language, not constant or has no value.
    """
    if match := NUMBER.fullmatch(text):
        sign, digits = match.groups()
        try:
            number = floats.number(digits)
            return -number if sign == "-" else number
        except OverflowError:
            pass  # which the long way explains
    if UNCERTAIN.search(text):
        raise UsageError("there is no place here for an uncertainty")
    try:
        expression = constant_formula(text, {"inf"})
        return expression.evaluate(**dict.fromkeys(expression.variables, math.inf))
    except ExprdiffError as error:
        raise UsageError(error.message, error.text, error.span) from None


def constant_formula(text: str, known: Collection[str] = ()) -> Expression:
    """A constant expression.

    Args:
        text: it.
        known: names that it may have all the same.

    Raises:
        ParseError: it is not in the language.
        UsageError: it is not constant, or has several values.
    """
    expression = Expression(text)
    if expression.outputs > 1:
        raise UsageError("several values; in a number write '.'")
    for name in expression.variables:
        if name not in known:
            raise UsageError(f"{shorten(name)} is no number and no constant")
    return expression
