"""A formula at points: its values there, and the derivatives that are asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .errors import DomainError, RangeError, UsageError, listed
from .executor import Executor
from .graph import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .budget import Correlations
    from .expression import Expression
    from .trace import Point, Trace

#: The highest order of a Taylor polynomial.
HIGHEST = 100


class Asked:
    """Which derivatives are asked for.

    Args:
        wrt: the names of the variables; by default all.
        direction: or, for forward mode, the components of a direction by name.
        hessian: whether second derivatives are asked for as well.
        order: that of the highest derivative in the one variable, for a Taylor
            polynomial; or 0.
        whole: whether a trace is to have all that there is to show.
        uncertain: whether the uncertainties of the values are asked for, and
        correlations: the correlation coefficients of pairs of variables, if any.
    """

    def __init__(
        self,
        wrt: Collection[str] | None = None,
        direction: Mapping[str, Any] | None = None,
        hessian: bool = False,
        order: int = 0,
        whole: bool = False,
        uncertain: bool = False,
        correlations: Correlations | None = None,
    ) -> None:
        self.wrt = wrt
        self.direction = direction
        self.hessian = hessian
        self.order = order
        self.whole = whole
        self.uncertain = uncertain
        self.correlations = correlations


class Run:
    """What calculates a formula, once it has the ``values`` of all variables.

    Args:
        formula: it.
        asked: the derivatives that are asked for.

    Raises:
        UnknownVariable: a name is no variable.
        UsageError: a Taylor polynomial is asked for, but not in one variable, or of no
            order.
    """

    def __init__(self, formula: Expression, asked: Asked) -> None:
        graph, wrt, direction = formula.graph, asked.wrt, None
        if asked.direction is not None:
            direction = formula.check_direction(asked.direction)
            if not asked.whole:
                wrt = [x for x, dx in direction.items() if dx]
        self.formula = formula
        self.asked = asked
        self.names = formula.check_wrt(wrt)
        if asked.order and not 0 < asked.order <= HIGHEST:
            raise UsageError(f"an order is a whole number from 1 to {HIGHEST}")
        if asked.order and not self.names:
            raise UsageError("there is no variable to differentiate in")
        if asked.order and len(self.names) > 1:
            raise UsageError(
                f"derivatives up to order {asked.order} are those in one variable;"
                f" with --wrt say in which of {listed(self.names)}"
            )
        self.executor = Executor(
            *graph.outputs,
            variables=graph.variables,
            text=formula.text,
            wrt=None if wrt is None else self.names,
            order=graph.order,
            direction=direction,
        )
        #: The standard uncertainties of variables, if they have any.
        self.uncertainties: Mapping[str, float] = {}
        self._derivatives: Executor | None = None

    @property
    def values(self) -> Mapping[str, Any]:
        """The numbers of the variables; others may take their place later."""
        return self.executor.values

    @values.setter
    def values(self, values: Mapping[str, Any]) -> None:
        self.executor.values = values

    def point(self) -> Point:
        """What the formula has at the point. Raises as an executor does."""
        return self._more(self.executor.point())

    def trace(self) -> Trace:
        """All that is calculated there. Raises as an executor does."""
        trace = self.executor.trace(self.asked.whole)
        self._more(trace)
        if self.asked.whole:
            trace.named = {
                name: part.id
                for name, part in self.formula.graph.assigned.items()
                if isinstance(part, Node)
            }
        return trace

    def derivatives(self) -> Executor:
        """What runs the first derivatives: all of the first value, and so on."""
        if self._derivatives is None:
            from .derivation import Derivation

            derivation = Derivation(self.formula.graph, self.formula.text, self.names)
            self._derivatives = derivation.executor()
        self._derivatives.values = self.values
        return self._derivatives

    def _more(self, point: Point) -> Point:
        """Add to a point what an executor does not give."""
        if self.asked.hessian:
            point.hessians = self._hessians(len(point.values), point.notes)
        if self.asked.order:
            self._expand(point)
        if self.asked.uncertain:
            from .budget import propagate

            propagate(point, self.uncertainties, self.asked.correlations, self._bends)
            if self.executor.met or self.executor.changing:
                point.notes.append(
                    "where a slope is a matter of convention, linear propagation of an"
                    " uncertainty is not to be trusted"
                )
        return point

    def _expand(self, point: Point) -> None:
        """Give a point the derivatives of all orders, and the Taylor polynomial."""
        from math import factorial, isinf

        from .taylor import expand

        (name,) = self.names
        point.taylor = expand(self.executor, name, self.values, self.asked.order)
        for number, polynomial in enumerate(point.taylor):
            # Of these two orders the last digits are right.
            polynomial[:2] = point.values[number], point.jacobian[number][name]
            polynomial[2:] = map(float, polynomial[2:])
            point.orders.append([c * factorial(k) for k, c in enumerate(polynomial)])
            for k, derivative in enumerate(point.orders[-1]):
                if isinf(derivative) and not isinf(polynomial[k]):
                    limit = self.executor.numbers.limit
                    message = f"the derivative of order {k} is beyond {limit}"
                    raise RangeError(message)

    def _hessians(
        self, count: int, notes: list[str]
    ) -> list[dict[tuple[str, str], Any]]:
        """The second derivatives of so many values; notes get what is said of them."""
        from .hessian import upper

        if not self.names:
            return [{} for _ in range(count)]
        second, which = self.derivatives(), "of the second derivatives: "
        try:
            second.forward()
            rows = second.jacobian()
        except (DomainError, RangeError) as error:
            error.message = which + error.message
            raise
        notes += [which + note for note in second.notes()]
        size = len(self.names)
        return [
            upper(self.names, rows[k * size : (k + 1) * size]) for k in range(count)
        ]

    def _bends(self, name: str) -> list[tuple[float, float]]:
        """Of each first derivative, its first and second derivatives in a variable."""
        from .taylor import expand

        first = self.derivatives()
        return [(c[1], 2 * c[2]) for c in expand(first, name, self.values, 2)]
