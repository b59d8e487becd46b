"""NumPy's arrays of doubles, and formulas that are run on them in blocks.

Nothing raises: what does not exist is NaN, and what is too large is infinite, as IEEE
754 has it. Where a derivative is a matter of convention it is that of ``floats``. What
NumPy lacks, and the few elements for which its functions lose digits, are left to
``floats``, one by one.
"""

from __future__ import annotations

import os
import sys
from builtins import max as _max
from builtins import min as _min
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import reduce
from itertools import product
from math import copysign
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy import exp, expm1, hypot, inf, nan, pi, sign  # noqa: F401

from ..errors import UsageError, shorten
from ..executor import Executor
from ..graph import Node
from . import floats, special
from .angles import FAR, SMALL

if TYPE_CHECKING:
    from ..parser import Graph

#: How many elements a block has at most, and the blocks of all nodes together, so that
#: they fit the cache; and at least, since a call of NumPy takes its time, too.
LARGEST_BLOCK, CACHED, SMALLEST_BLOCK = 2**14, 2**17, 2**8

#: What is left of doubles that are multiplied with each other within these.
TINY, HUGE = 2.0**-900, 2.0**900

#: The zero of e^x + 1 + x, as the double next to it and what that leaves.
TURN, TURN_REST = -1.2784645427610737, -1.0946994183093437e-16

decides = False

one = np.float64(1)

acos, acosh, asin, asinh = np.arccos, np.arccosh, np.arcsin, np.arcsinh
atan, atan2, atanh, tanh = np.arctan, np.arctan2, np.arctanh, np.tanh
sinh, cosh, pow, sqrt, cbrt = np.sinh, np.cosh, np.power, np.sqrt, np.cbrt
ln, log1p, log2, log10, exp2 = np.log, np.log1p, np.log2, np.log10, np.exp2
floor, ceil, round, trunc = np.floor, np.ceil, np.rint, np.trunc


def number(literal: Any) -> Any:
    """The double that a literal stands for; raises ValueError if it is no number."""
    try:
        return np.float64(floats.number(literal))
    except OverflowError:
        return np.float64(inf)


def settle(y: Any, operands: Sequence[Any]) -> Any:
    """The output y of an operation that compares, NaN where an operand is.

    So a condition is an array of truths, or of doubles if some of it is undefined.
    """
    for x in operands:
        if np.any(undefined := np.isnan(x)):
            y = np.where(undefined, nan, y)
    return y


class Partly(NamedTuple):
    """A partial derivative where the mask holds; elsewhere None."""

    value: Any
    mask: Any


def _partly(x: Any) -> Partly:
    return x if isinstance(x, Partly) else Partly(x, x is not None)


def where(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b."""
    if np.ndim(condition) == 0 and condition == condition:
        y = a if condition else b
        return np.float64(y) if type(y) is int else y
    truth = condition if condition.dtype == bool else condition == 1
    (a, p), (b, q) = _partly(a), _partly(b)
    y = b if a is None else a if b is None else np.where(truth, a, b)
    if type(a) is type(b) is int:
        y = y + 0.0
    if p is not True or q is not True:
        return Partly(y, np.where(truth, p, q))
    return y if truth is condition else settle(y, (condition,))


def each(name: str) -> Callable[..., Any]:
    """The function of floats that has this name, of each element."""
    function = getattr(floats, name)

    def of(*x: float) -> Any:
        try:
            return function(*x)
        except OverflowError:
            return copysign(inf, x[-1])
        except (ArithmeticError, ValueError):
            return nan

    return lambda *x: np.asarray(np.frompyfunc(of, len(x), 1)(*x), float)


def _mended(y: Any, lost: Any, name: str, *x: Any) -> Any:
    """y, and where it has lost its digits the function of floats of x."""
    if not np.any(lost):
        return y
    y, lost, *x = np.broadcast_arrays(y, lost, *x)  # type: ignore[assignment]
    y = np.array(y)
    y[lost] = each(name)(*[part[lost] for part in x])
    return y


def slope(rise: Any, run: Any) -> Any:
    """rise/run as a derivative: where nothing rises 0, over no run infinite."""
    return where(rise == 0, 0, rise / (run + 0.0))  # with one 0 only


def power_slope(x: Any, n: Any, y: Any) -> Any:
    """n x^(n-1), the derivative of the power y = x^n with respect to x."""
    lower = pow(x, n - 1)
    size = abs(lower)
    lost = ((size < floats.SMALLEST_NORMAL) & (abs(n) > 2)) | (size == inf)
    lost = lost | (n - 1 + 1 != n) | (abs(n) >= floats.LARGEST_INTEGER)
    slope = _mended(n * lower, lost & (x != 0), "power_slope", x, n, y)
    return where(n == 0, 0, slope)


def exponent_slope(x: Any, y: Any) -> Any:
    """x^y ln x, the derivative of the power with respect to y; NaN for x < 0."""
    root = pow(x, y / 2)
    return where(x == 0, 0, root * ln(x) * root)


def log(x: Any, b: Any) -> Any:
    """Logarithm to base b; the nearest integer where b to that power is x."""
    y = where(b == 0, nan, ln(x) / ln(b))
    whole = round(y)
    near = abs(y - whole) <= abs(np.spacing(y))
    return where(near & (pow(b, whole) == x), whole, y) if np.any(near) else y


def _angular(name: str) -> Callable[[Any], Any]:
    """A function of angles, of which that of floats is for the far ones."""
    function = getattr(np, name)

    def angular(x: Any) -> Any:
        y, size = function(x), abs(x)
        if np.max(size) < FAR:
            return y
        ordinary = (abs(y) > SMALL) & (abs(y) < 1 / SMALL)
        return _mended(y, (size >= FAR) & ~ordinary, name, x)

    return angular


sin, cos, tan = _angular("sin"), _angular("cos"), _angular("tan")


def sinc(x: Any) -> Any:
    """sin(x)/x, and its limits 1 at 0 and 0 at infinity."""
    return where(x == 0, 1, where(abs(x) == inf, 0, sin(x) / x))


def sigmoid(x: Any) -> Any:
    """1/(1+e^-x); below -709, where e^-x overflows, e^x is the same to rounding."""
    y = 1 / (1 + exp(-x))
    return y if np.min(x) > -709 else where(x > -709, y, exp(x))


def sech(x: Any) -> Any:
    """1/cosh(x), also where cosh overflows."""
    t = exp(-abs(x))
    return 2 * t / (1 + t * t)


def tanh_slope(x: Any) -> Any:
    """1/cosh(x)^2, the derivative of tanh. 1 - tanh(x)^2 is 0 from x = 19 on."""
    t = exp(-2 * abs(x))
    return 4 * t / ((1 + t) * (1 + t))


def csch(x: Any) -> Any:
    """1/sinh(x), also where sinh overflows."""
    return np.copysign(2 * exp(-abs(x)) / -expm1(-2 * abs(x)), x)


def max(*x: Any) -> Any:
    """The largest."""
    return reduce(np.maximum, x)


def min(*x: Any) -> Any:
    """The smallest."""
    return reduce(np.minimum, x)


def clamp(x: Any, lo: Any, hi: Any) -> Any:
    """x, but no less than lo and no more than hi."""
    return where(lo > hi, nan, min(max(x, lo), hi))


def shares(y: Any, x: Sequence[Any]) -> tuple[Any, ...]:
    """Equal parts of 1 for the operands x that are the output y; None for others."""
    equal = [a == y for a in x]
    share = 1 / sum(a * one for a in equal)
    return tuple([where(a, share, None) for a in equal])


def quotient(a: Any, b: Any, c: Any) -> Any:
    """a/b/c, with all its digits although a/b may be out of range."""
    y = a / b
    small = abs(y) < floats.SMALLEST_NORMAL
    if not np.any(small):
        return y / c
    return _mended(y / c, small & (a != 0), "quotient", a, b, c)


def cosine(x: Any, y: Any) -> Any:
    """x/hypot(x, y), the cosine of the angle of (x, y); 0 at the origin."""
    r = hypot(x, y)
    lost = ((r < TINY) | (r > HUGE)) & (r != 0)
    return where(r == 0, 0, _mended(x / r, lost, "cosine", x, y))


def reciprocal(x: Any, y: Any) -> Any:
    """x/(x^2 + y^2), the real part of 1/(x + iy)."""
    square = x * x + y * y
    return _mended(x / square, (square < TINY) | (square > HUGE), "reciprocal", x, y)


def softplus(x: Any) -> Any:
    """ln(1+e^x)."""
    return max(x, 0) + log1p(exp(-abs(x)))


def logit(x: Any) -> Any:
    """ln(x/(1-x)); in the middle 2 artanh(2x-1), where 2x-1 is exact."""
    return where(abs(x - 0.5) <= 0.25, 2 * atanh(2 * x - 1), ln(x / (1 - x)))


def logaddexp(x: Any, y: Any) -> Any:
    """ln(e^x+e^y) = x + ln(1+e^(y-x)) for y <= x."""
    larger = max(x, y)
    gap, rest = special._difference(larger, min(x, y))
    excess = exp(-gap)
    excess = where(gap < 750, log1p(excess - excess * rest), 0)
    total = larger + excess
    return _mended(total, 2 * abs(total) < excess, "logaddexp", x, y)


def softmax(x: Any, y: Any) -> Any:
    """e^x/(e^x+e^y), the derivative of logaddexp with respect to x."""
    gap, rest = special._difference(x, y)
    odds = exp(-abs(gap))
    odds = odds + where(odds == 0, 0, odds * rest * sign(-gap))
    return where(gap > 0, 1, odds) / (1 + odds)


def silu(x: Any) -> Any:
    """x/(1+e^-x)."""
    return _mended(x / (1 + exp(-x)), x < -700, "silu", x)


def silu_slope(x: Any) -> Any:
    """(e^x+1+x)/(e^x+2+e^-x), the derivative of silu."""
    x = min(x, 100)
    power = exp(x)
    top = power + (1 + x)
    # Near its zero, the sum is that of its changes from there on.
    beyond = (x - TURN) - TURN_REST
    change = beyond - (1 + TURN) * expm1(beyond)
    y = where(abs(beyond) < 0.2, change, top) / (2 + (power + 1 / power))
    return _mended(y, x < -700, "silu_slope", x)


def _bell(curve: tuple[float, float, float], scale: Any, x: Any) -> Any:
    """scale times the curve at x, with the rounding of x^2 made good."""
    rate, height, height_rest = curve
    square, rest = special._product(np.clip(x, -40, 40), np.clip(x, -40, 40))
    scale = scale * (height + (height_rest - height * rate * rest))
    lift = where(rate * square > 652, 652, 0)  # so that only the result may underflow
    return scale * exp(lift - rate * square) * exp(-lift)


def gaussian(x: Any) -> Any:
    """e^(-x^2)."""
    return _bell(special.GAUSSIAN, 1.0, x)


def normpdf(x: Any) -> Any:
    """The density of the standard normal distribution."""
    return _bell(special.NORMAL, 1.0, x)


def normpdf_slope(x: Any) -> Any:
    """-x normpdf(x), its derivative."""
    return _bell(special.NORMAL, -np.clip(x, -40, 40), x)


def gamma_slope(x: Any) -> Any:
    """gamma(x) digamma(x), the derivative of gamma."""
    # The doubles' own cannot tell the sign of what is too large.
    return where((abs(x) < TINY) & (x != 0), -inf, each("gamma_slope")(x))


def __getattr__(name: str) -> Any:
    if not hasattr(floats, name):
        raise AttributeError(f"arrays have no {name}")
    globals()[name] = function = each(name)
    return function


# ---- Formulas ------------------------------------------------------------------------


class Sweeps(Executor):
    """Runs a graph on a block: all branches everywhere, of which each element has one.

    Args:
        graph: it.
        wrt: the names of the variables whose derivatives are asked for; by default all.
    """

    def __init__(self, graph: Graph, wrt: Collection[str] | None) -> None:
        super().__init__(
            *graph.outputs,
            numbers=sys.modules[__name__],
            variables=graph.variables,
            wrt=wrt,
            order=graph.order,
        )
        self._needed: set[Node] | None = None

    def _calculate_all(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            operation, operands = node.operation, self.operands(node)
            value = operation.value(self.numbers, *operands)
            if operation.jump is not None:
                value = settle(value, operands)
            self.primals[node] = value

    def reverse(self, output: Node, all: bool = False) -> dict[Node, Any]:
        """The adjoint of each variable that output depends on, after ``forward``."""
        if self._needed is None:
            self._needed = self.active  # the same in every block
        found: dict[Node, Any] = {}
        # With each adjoint a mask: elsewhere it is 0, and is so times infinity.
        adjoints: dict[Node, tuple[Any, Any]] = {output: (1.0, True)}
        for node in self._reversed(output):
            if node not in adjoints:
                continue
            adjoint, mask = adjoints.pop(node)
            if node.name is not None:
                found[node] = adjoint
                continue
            value, operands = self.primals[node], self.operands(node)
            partials = node.operation.partials(self.numbers, value, *operands)
            for source, partial in zip(node.inputs, partials, strict=False):
                if partial is None or source not in self._needed:
                    continue
                assert isinstance(source, Node)
                factor = _partly(partial)
                term, here = _times(adjoint, factor.value), _both(mask, factor.mask)
                if here is not True:
                    if not np.any(here):
                        continue
                    term = np.where(here, term, 0.0)
                if source in adjoints:
                    other, there = adjoints[source]
                    term, here = other + term, _either(there, here)
                adjoints[source] = term, here
        return found


def _times(a: Any, b: Any) -> Any:
    """a b, without a sweep over memory for a 1."""
    if isinstance(a, float | int) and a == 1:
        return b
    return a if isinstance(b, float | int) and b == 1 else a * b


def _both(a: Any, b: Any) -> Any:
    return b if a is True else a if b is True else a & b


def _either(a: Any, b: Any) -> Any:
    return True if a is True or b is True else a | b


def evaluate(graph: Graph, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """The array of each output.

    Args:
        graph: the formula.
        values: by name the array or number of each variable.

    Raises:
        UsageError: an array is not of real numbers, or shapes do not fit each other.
    """
    return jacobian(graph, values, ())[0]


def jacobian(
    graph: Graph, values: Mapping[str, Any], wrt: Collection[str] | None = None
) -> tuple[tuple[Any, ...], list[dict[str, Any]]]:
    """The array of each output, and its derivatives; all else as ``evaluate``.

    Where a value does not exist, nor do its derivatives.

    Args:
        graph, values: as there.
        wrt: the names of the variables whose derivatives are asked for; by default all.
    """
    given = {name: _checked(name, value) for name, value in values.items()}
    try:
        shape = np.broadcast_shapes(*[array.shape for array in given.values()])
    except ValueError:
        shapes = ", ".join(f"{shorten(name)} {a.shape}" for name, a in given.items())
        raise UsageError(f"the shapes of the arrays do not fit: {shapes}") from None
    names = [node.name for node in graph.variables if wrt is None or node.name in wrt]
    results = tuple([np.empty(shape) for _ in graph.outputs])
    slopes = [{str(name): np.empty(shape) for name in names} for _ in graph.outputs]
    size = _max(SMALLEST_BLOCK, _min(LARGEST_BLOCK, CACHED // graph.size))
    blocks = list(_blocks(shape, size))
    waiting = iter(blocks)  # which threads may share

    def work() -> None:
        sweeps = Sweeps(graph, wrt)
        with np.errstate(all="ignore"):  # which counts for this thread only
            for block in waiting:
                view: Any = (*block, ...)  # even of an array that has no axes
                sweeps.values = {name: _part(a, block) for name, a in given.items()}
                outputs = zip(graph.outputs, sweeps.forward(), strict=True)
                for k, (output, value) in enumerate(outputs):
                    results[k][view] = value
                    if not names:
                        continue
                    lost = np.any(undefined := np.isnan(value))
                    adjoints = {n.name: a for n, a in sweeps.reverse(output).items()}
                    for name, slope in slopes[k].items():
                        part = slope[view]
                        np.add(adjoints.get(name, 0.0), 0.0, out=part)  # with one 0
                        if lost:
                            np.copyto(part, nan, where=undefined)

    threads = _min(_max(2, _processors()), len(blocks))
    if threads < 2:
        work()
        return results, slopes
    with ThreadPoolExecutor(threads) as pool:
        try:
            for done in as_completed([pool.submit(work) for _ in range(threads)]):
                done.result()
        finally:
            blocks.clear()  # so that the others stop if one has failed
    return results, slopes


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _checked(name: str, value: Any) -> Any:
    """The array of a variable."""
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or isinstance(value, np.ma.MaskedArray):
        kind = array.dtype if array is value else type(value).__name__
        message = f"{shorten(name)} is an array of {kind}, and not of real numbers"
        raise UsageError(message)
    return array


def _blocks(shape: tuple[int, ...], size: int) -> Iterable[tuple[slice, ...]]:
    """The indices that cut an array of this shape into blocks of about this size."""
    axes: list[list[slice]] = []
    for length in reversed(shape):
        pieces = -(-length // size)
        step = -(-length // _max(1, pieces))
        axes.append([slice(k, k + step) for k in range(0, length, step or 1)])
        size = _max(1, size // _max(1, length))
    return product(*reversed(axes))


def _part(array: Any, block: tuple[slice, ...]) -> Any:
    """What of an array is broadcast to a block, as doubles."""
    axes = block[len(block) - array.ndim :]
    index = [
        k if n > 1 else slice(None) for k, n in zip(axes, array.shape, strict=True)
    ]
    return np.asarray(array[tuple(index)], float)
