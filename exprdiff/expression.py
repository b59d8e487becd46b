"""A parsed formula: the short way from text to values and gradients."""

import math
from collections.abc import Collection, Mapping
from typing import Any

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
from .trace import Trace


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

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, in order of appearance."""
        return tuple(str(node.name) for node in self._graph.variables)

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
        numbers = self._executor(values).forward()
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
        executor = self._executor(values, wrt)
        executor.forward()
        return executor.jacobian()

    def trace(
        self, wrt: Collection[str] | None = None, /, **values: int | float
    ) -> Trace:
        """All that was calculated at this point; all else as ``gradient``."""
        trace = self._executor(values, wrt).trace()
        if unused := self._graph.unused:
            verb = "are" if len(unused) > 1 else "is"
            note = f"{listed(unused)} {verb} assigned and never used"
            trace.notes.insert(0, note)
        return trace

    def check(self, names: Collection[str]) -> None:
        """Make sure that these are the names of the variables.

        Raises:
            UnknownVariable: a name is no variable.
            UsageError: a name is assigned in the expression.
            MissingValues: a variable is not among the names.
        """
        known = set(self.variables)
        for name in names:
            if name not in known and name in self._graph.assigned:
                message = f"{shorten(name)} is assigned in the expression"
                raise UsageError(f"{message} and takes no other value")
            if name not in known:
                raise UnknownVariable(name, self.variables)
        missing = [name for name in self.variables if name not in names]
        if missing:
            raise MissingValues(missing)

    def _executor(
        self, values: Mapping[str, Any], wrt: Collection[str] | None = None
    ) -> Executor:
        point = {normalize(name): value for name, value in values.items()}
        if len(point) < len(values):
            raise UsageError("two of the names are the same variable")
        constants = CONSTANTS.keys() & point.keys()
        if not constants <= self._named:
            return Expression(self.text, self._named | constants)._executor(point, wrt)
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
        if wrt is not None:
            wrt = list(map(normalize, wrt))
            for name in wrt:
                if name not in point:
                    raise UnknownVariable(name, self.variables)
        graph = self._graph
        return Executor(
            *graph.outputs,
            variables=graph.variables,
            values=point,
            text=self.text,
            wrt=wrt,
        )


def constant(text: str) -> int | float:
    """The number that a constant expression stands for, ``inf`` included.

    Raises:
        UsageError: it is not in the language, not constant or has no value.
    """
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
