"""exprdiff: the value and every derivative of a formula, with every step on the way.

The short way::

    >>> import exprdiff
    >>> f = exprdiff.parse("ln(x1) + x1*x2")
    >>> f.gradient(x1=2, x2=5)
    {'x1': 5.5, 'x2': 2.0}

The operations, nodes and executor of the article work as they do there::

    >>> from exprdiff import Add, Executor, Identity, Ln, Mul
    >>> identity, ln, add, mul = Identity(), Ln(), Add(), Mul()
    >>> x1, x2 = identity(2), identity(5)
    >>> y = add(ln(x1), mul(x1, x2))
    >>> executor = Executor(y)
    >>> executor.node_calculate()
    10.693147180559945
    >>> executor.derivation()
    >>> x1.grad
    5.5
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .errors import DomainError as DomainError
    from .errors import ExprdiffError as ExprdiffError
    from .errors import MissingValues as MissingValues
    from .errors import ParseError as ParseError
    from .errors import RangeError as RangeError
    from .errors import UnknownVariable as UnknownVariable
    from .errors import UsageError as UsageError
    from .executor import Executor as Executor
    from .expression import Expression as Expression
    from .graph import Node as Node
    from .operations import *  # every operation by its class

__version__ = "0.1.0"


def parse(text: str) -> "Expression":
    """The formula in text, ready to be evaluated and differentiated at any point.

    Raises:
        ParseError: text is not in the language.
    """
    from .expression import Expression

    return Expression(text)


if not TYPE_CHECKING:

    def __getattr__(name):
        """Load the names from above, which the command line can do without."""
        if not (name[:1].isupper() or name == "__all__"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import errors, executor, expression, graph, operations

        public = {name: getattr(operations, name) for name in operations.__all__}
        for thing in (
            *(errors.DomainError, errors.ExprdiffError, errors.MissingValues),
            *(errors.ParseError, errors.RangeError),
            *(errors.UnknownVariable, errors.UsageError),
            *(executor.Executor, expression.Expression, graph.Node),
        ):
            public[thing.__name__] = thing
        globals().update(public, __all__=[*public, "parse"])
        if name not in globals():
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return globals()[name]

    def __dir__():
        return [*globals(), *__getattr__("__all__")]
