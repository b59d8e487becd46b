"""What --check says of derivatives, right ones and wrong ones."""

import pytest

from exprdiff import parse
from exprdiff.check import ENOUGH, compare


def digits(text, derivative=None, **point):
    """How many digits agree, of the gradient or of another derivative in x."""
    f = parse(text)
    jacobian = f.jacobian(["x"], **point)
    if derivative is not None:
        jacobian = [{"x": derivative}]
    (one,) = compare(f, point, jacobian)
    return one.digits


@pytest.mark.parametrize(
    "text, x",
    [
        ("sin(x)", 1e300),  # whose steps are small beside the operand, and large alone
        ("ln(x)", 1e300),
        ("sin(x^2)", 1e8),
        ("sin(2^200*x)", 1),  # which takes steps that are smaller still
        ("x^3", 1e-300),  # whose derivative is smaller than all doubles
        ("exp(x)", -700),
        ("x^5", 0),
        ("relu(x)^2", 0),
        ("sin(x)^2+cos(x)^2-1", 0.5),
        ("gamma(x)", 150.5),
        ("1/x", 1e-150),
    ],
)
def test_right_derivatives_agree(text, x):
    assert digits(text, x=x) >= 15


@pytest.mark.parametrize(
    "text, x, derivative, agreeing",
    [
        ("x^2", 3, 6.001, 3),
        ("x^2", 3, -6.0, 0),
        ("sin(x)", 1e300, 0.5, 0),
        ("sin(x)", 1e300, -0.5753871119575491, 5),
        ("sin(2^200*x)", 1, 0.0, 0),
        ("x^5", 0, 1e-30, 0),
        ("2*x", 1, 2 + 1e-9, 9),
        ("exp(x)", -700, 0.0, 0),
    ],
)
def test_wrong_derivatives_do_not(text, x, derivative, agreeing):
    assert digits(text, derivative, x=x) == agreeing < ENOUGH


@pytest.mark.parametrize(
    "text, x", [("abs(x)", 0), ("floor(x)", 3), ("sqrt(x)", 0), ("x^(1/3)", 0)]
)
def test_where_there_is_no_derivative_none_is_compared(text, x):
    assert digits(text, x=x) is None
