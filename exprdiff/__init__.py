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


def parse(text: str) -> Expression:
    """The formula in text, ready to be evaluated and differentiated at any point.

    Raises:
        ParseError: text is not in the language.
    """
    return Expression(text)
