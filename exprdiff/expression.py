"""A parsed formula: the short way from text to values and gradients."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping

from .errors import (
    ExprdiffError,
    MissingValues,
    RangeError,
    UnknownVariable,
    UsageError,
    listed,
    normalize,
    shorten,
)
from .executor import Executor
from .numbers import floats
from .parser import CONSTANTS, parse
from .trace import Point, Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What most values are, and can be read without the grammar.
NUMBER = re.compile(r" *([-+]?)((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?) *")


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
        self._graph = parse(text, self._named)
        self._variables = dict.fromkeys(str(n.name) for n in self._graph.variables)

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, in order of appearance."""
        return tuple(self._variables)

    @property
    def outputs(self) -> int:
        """How many values the result has."""
        return len(self._graph.outputs)

    def evaluate(self, /, **values: int | float) -> Any:
        """The value at this point, which names every variable.

        It is a number, or a tuple of numbers if the result has several values.

        Raises:
            MissingValues: a variable has no value.
            UsageError: a name is no variable, or its value is not a number.
            DomainError: the formula is undefined there.
            RangeError: a number on the way is too large.
        """
        numbers = self._at(values).forward()
        return numbers if len(numbers) > 1 else numbers[0]

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
        rows = self.jacobian(wrt, **values)
        if len(rows) > 1:
            raise UsageError("the result has several values; ask for its jacobian")
        return rows[0]

    def jacobian(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> list[dict[str, float]]:
        """For each value of the result its derivatives; all else as ``gradient``."""
        executor = self._at(values, wrt)
        executor.forward()
        return executor.jacobian()

    def trace(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> Trace:
        """All that was calculated at this point; all else as ``gradient``."""
        trace = self._at(values, wrt).trace()
        trace.notes[:0] = self.notes
        return trace

    @property
    def notes(self) -> list[str]:
        """What there is to say of the formula, whatever the point."""
        unused = self._graph.unused
        if not unused:
            return []
        verb = "are" if len(unused) > 1 else "is"
        return [f"{listed(unused)} {verb} assigned and never used"]

    def point(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> Point:
        """The value and the derivatives at this point; all else as ``gradient``."""
        point = self._at(values, wrt).point()
        point.notes[:0] = self.notes
        return point

    def nowhere(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> Point:
        """A point with None for all numbers but values, which need not be complete."""
        asked = self.check_wrt(wrt)
        derivatives = {name: None for name in self._variables if name in asked}
        return Point(
            inputs={name: values.get(name) for name in self._variables},
            values=(None,) * self.outputs,
            jacobian=[derivatives] * self.outputs,
            notes=[],
        )

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
            if name not in known and name in self._graph.assigned:
                message = f"{shorten(name)} is assigned in the expression"
                raise UsageError(f"{message} and takes no other value")
            if name not in known:
                raise UnknownVariable(name, known)
        missing = [name for name in known if name not in names]
        if missing:
            raise MissingValues(missing)

    def _at(
        self, values: Mapping[str, Any], wrt: Collection[str] | None = None
    ) -> Executor:
        """What runs the formula at this point. Raises as ``gradient``."""
        point = {normalize(name): value for name, value in values.items()}
        if len(point) < len(values):
            raise UsageError("two of the names are the same variable")
        if (formula := self.taking(point)) is not self:
            return formula._at(point, wrt)
        self.check(point)
        for name, value in point.items():
            try:
                if isinstance(value, str):
                    raise TypeError
                point[name] = floats.number(value)
            except (TypeError, ValueError):
                given = shorten(f"{name}={value}")
                raise UsageError(f"{given} is no number") from None
            except OverflowError:
                message = f"the value of {shorten(name)} is beyond {floats.limit}"
                raise RangeError(message) from None
        executor = self.executor(wrt)
        executor.values = point
        return executor

    def executor(self, wrt: Collection[str] | None = None) -> Executor:
        """What runs the formula, once it has the ``values`` of all variables.

        Raises:
            UnknownVariable: a name in wrt is no variable.
        """
        graph = self._graph
        return Executor(
            *graph.outputs,
            variables=graph.variables,
            text=self.text,
            wrt=None if wrt is None else self.check_wrt(wrt),
            order=graph.order,
        )


def value(name: str, text: str) -> int | float:
    """The number that the text of a variable's value stands for.

    Raises:
        UsageError: it stands for none.
    """
    try:
        return constant(text)
    except UsageError as error:
        message = f"cannot read the value of {shorten(name)}: {error.message}"
        raise UsageError(message, error.text, error.span) from None


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
    if "+-" in text or "±" in text:
        raise UsageError("values with an uncertainty are not supported")
    try:
        expression = Expression(text)
        if expression.outputs > 1:
            raise UsageError("several values; in a number write '.'")
        for name in expression.variables:
            if name != "inf":
                raise UsageError(f"{shorten(name)} is no number and no constant")
        return expression.evaluate(**dict.fromkeys(expression.variables, math.inf))
    except ExprdiffError as error:
        raise UsageError(error.message, error.text, error.span) from None
