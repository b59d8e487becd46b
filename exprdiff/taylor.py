"""Taylor polynomials of a graph: its derivatives of any order in one variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import DomainError, RangeError
from .executor import Executor
from .graph import Node
from .messages import call, where
from .numbers.series import Polynomials, at


class _Sweep(Executor):
    """Runs a graph in the number system of Taylor polynomials."""

    def _calculated(self, node: Node) -> Any:
        m, operands = self.numbers, self.operands(node)
        m.known = -1
        try:
            return m.settle(node.operation.value(m, *operands), operands)
        except (ArithmeticError, ValueError) as error:
            if m.known < 0:  # it has no value either
                return super()._calculated(node)
            what = f"the derivative of order {m.known + 1} of {call(node, operands)}"
            place = where(self, node, operands)
            if isinstance(error, OverflowError):
                message = f"{what} is beyond {m.limit}{place}"
                raise RangeError(message, self.text, node.span) from None
            message = f"{what} does not exist{place}"
            raise DomainError(message, self.text, node.span) from None


def expand(
    executor: Executor, variable: str, values: Mapping[str, Any], order: int
) -> list[list[Any]]:
    """For each output the coefficients of its Taylor polynomial.

    Number k of them is the derivative of order k, divided by k!.

    Args:
        executor: what runs the outputs in doubles.
        variable: the name of the variable.
        values: the numbers of all variables at the point.
        order: the highest power.

    Raises:
        DomainError: an output has not that many derivatives there.
        RangeError: a number is beyond the largest double.
    """
    m = Polynomials(order)
    sweep = _Sweep(
        *executor.outputs,
        numbers=m,
        variables=executor.variables,
        values={**values, variable: m.variable(values[variable])},
        text=executor.text,
        order=executor.order,
    )
    return [[at(y, k) for k in range(order + 1)] for y in sweep.forward()]
