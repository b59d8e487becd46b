"""The propagation of uncertainty, against the Guide (GUM) and another program."""

import json
import math
from random import Random
from statistics import correlation, mean, stdev

import pytest
import uncertainties
from uncertainties import umath

from exprdiff.budget import Correlations, rounded

# ---- The examples of the Guide -------------------------------------------------------

#: H.2: five observations of voltage, current and phase of an element of a circuit.
OBSERVED = {
    "V": [5.007, 4.994, 5.005, 4.990, 4.999],
    "I": [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
    "φ": [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
}
CIRCUIT = "V/I*cos(φ), V/I*sin(φ), V/I"


def test_resistance_and_reactance_of_the_guides_second_example(exprdiff):
    words = []
    for name, numbers in OBSERVED.items():
        words += [f"--{name}", f"{mean(numbers)!r}±{stdev(numbers) / math.sqrt(5)!r}"]
    for a, b in (("V", "I"), ("V", "φ"), ("I", "φ")):
        r = correlation(OBSERVED[a], OBSERVED[b])
        words += ["--correlation", f"{a},{b}={r!r}"]
    done = exprdiff(CIRCUIT, *words)
    results = [line for line in done.stdout.splitlines() if "±" in line]
    # Table H.4: 127.732, 219.847 and 254.260 Ω, with u = 0.071, 0.295 and 0.236 Ω.
    assert results == [
        "f1 is 127.732 ± 0.071",
        "f2 is 219.85 ± 0.30",
        "f3 is 254.26 ± 0.24",
    ]
    document = json.loads(exprdiff(CIRCUIT, *words, "--format", "json").stdout)
    assert document["uncertainty"] == pytest.approx([0.071, 0.295, 0.236], abs=1e-3)
    for rows in document["budget"]:
        assert sum(row["share"] for row in rows) == pytest.approx(100)
    assert done.stderr == ""


def test_the_end_gauge_of_the_guides_first_example(exprdiff):
    """Table H.1 has the contributions in nm, H.1.7 the terms of second order."""
    words = {
        "ls": "50.000623e-3±25e-9",
        "d": "215e-9±9.7e-9",
        "δα": "0±0.58e-6",
        "θ": "-0.1±0.41",
        "αs": "11.5e-6±1.2e-6",
        "δθ": "0±0.029",
    }
    options = [word for name, text in words.items() for word in (f"--{name}", text)]
    text = "ls + d - ls*(δα*θ + αs*δθ)"
    done = exprdiff(text, *options, "--format", "json")
    document = json.loads(done.stdout)
    assert document["value"] == pytest.approx(50.000838e-3, abs=5e-10)
    assert document["uncertainty"] == pytest.approx(32e-9, abs=0.5e-9)
    contributions = {
        row["input"]: abs(row["contribution"] * 1e9) for row in document["budget"]
    }
    published = {"ls": 25, "d": 9.7, "δα": 2.9, "θ": 0, "αs": 0, "δθ": 16.6}
    assert contributions == pytest.approx(published, abs=0.1)
    # With the terms of second order, 11.7 nm and 1.7 nm, it is 34 nm.
    part = (11.7**2 + 1.7**2) / 31.7**2
    (note,) = document["notes"]
    assert f"are {100 * part:.0f} % of the first-order ones" in note
    assert note in done.stderr


# ---- Against the package uncertainties -----------------------------------------------

FORMULAS = {
    "x*y": lambda x, y: x * y,
    "x/y + ln(x)": lambda x, y: x / y + umath.log(x),
    "x^y": lambda x, y: x**y,
    "sin(x)*exp(-y)": lambda x, y: umath.sin(x) * umath.exp(-y),
    "(x-y)/(x+y)": lambda x, y: (x - y) / (x + y),
    "sqrt(x^2+y^2)": lambda x, y: umath.sqrt(x * x + y * y),
    "atan2(y, x)": lambda x, y: umath.atan2(y, x),
}


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("r", [0, 0.5, -0.9, 1])
def test_uncertainties_are_those_of_the_package(exprdiff, text, r):
    random = Random(f"{text}{r}")
    x, y = random.uniform(1, 3), random.uniform(1, 3)
    u, v = random.uniform(0, 0.1), random.uniform(0, 0.1)
    covariances = [[u * u, r * u * v], [r * u * v, v * v]]
    expected = FORMULAS[text](*uncertainties.correlated_values([x, y], covariances))
    options = ["--x", f"{x!r}±{u!r}", "--y", f"{y!r}+/-{v!r}"]
    done = exprdiff(text, *options, "--correlation", f"x,y={r}", "--format", "shell")
    numbers = dict(line.split("=") for line in done.stdout.splitlines())
    assert float(numbers["value"]) == pytest.approx(expected.n, rel=1e-12)
    assert float(numbers["u"]) == pytest.approx(expected.s, rel=1e-6, abs=1e-9)


# ---- Rounding ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, uncertainty, text",
    [
        (10.693147, 0.5504, "10.69 ± 0.55"),
        (127.732, 0.0711, "127.732 ± 0.071"),
        (100, 0.0996, "100.00 ± 0.10"),
        (2, 9.96, "2 ± 10"),
        (-3.14159, 0.00099501, "-3.1416 ± 0.0010"),
        (0, 0.3, "0.00 ± 0.30"),
        (0.0123, 1.5, "0.0 ± 1.5"),
        (5, 12, "5 ± 12"),
        (5, 123, "(0.0 ± 1.2)e2"),
        (987654, 12345, "(9.88 ± 0.12)e5"),
        (1.5e-7, 2.2e-9, "(1.500 ± 0.022)e-7"),
        (299792458, 1.2, "299792458.0 ± 1.2"),
        (1e20, 3e18, "(1.000 ± 0.030)e20"),
        (9.996e20, 3e18, "(9.996 ± 0.030)e20"),
        (2.5, 0, "2.5 ± 0"),
        (1.6e-19, 1e-321, None),
    ],
)
def test_results_are_rounded_to_two_digits_of_the_uncertainty(value, uncertainty, text):
    shown = rounded(value, uncertainty)
    assert text is None or shown == text


# ---- Correlations --------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, possible",
    [
        ({}, True),
        ({("x", "y"): 1}, True),
        ({("x", "y"): -1, ("y", "z"): 1, ("x", "z"): -1}, True),
        ({("x", "y"): 1, ("y", "z"): 1, ("x", "z"): 0.9}, False),
        ({("x", "y"): 0.9, ("y", "z"): 0.9, ("x", "z"): -0.9}, False),
        ({("x", "y"): 0.9, ("y", "z"): 0.9, ("x", "z"): 0.63}, True),
        ({("x", "y"): 0.9, ("y", "z"): 0.9, ("x", "z"): 0.61}, False),
    ],
)
def test_correlations_that_no_variables_have_are_refused(given, possible):
    """Of three with 0.9 and 0.9 the third is at least 2*0.9^2 - 1 = 0.62."""
    if possible:
        assert Correlations(given)["x", "x"] == 1
    else:
        with pytest.raises(ValueError, match="contradict"):
            Correlations(given)


# ---- Edges ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, u, notes",
    [
        (("x^2", "--x", "0±0.1"), 0, 1),  # only the terms of second order are not 0
        (("x", "--x", "5±0"), 0, 0),
        (("2*x", "--x", "5±1e200"), 2e200, 0),
        (("x*1e-200", "--x", "5±1e-150"), 0, 0),
        (("exp(x)", "--x", "0±0.1"), 0.1, 0),
        (("exp(x)", "--x", "0±0.5"), 0.5, 1),
        (("x-x", "--x", "3±0.1"), 0, 0),
        (("x*y", "--x", "3±0.1", "--y", "2"), 0.2, 0),
    ],
)
def test_uncertainties_at_the_edges(exprdiff, words, u, notes):
    document = json.loads(exprdiff(*words, "--format", "json").stdout)
    assert document["uncertainty"] == pytest.approx(u, rel=1e-12, abs=1e-300)
    assert len(document["notes"]) == notes


def test_points_of_a_table_may_have_uncertainties(exprdiff):
    done = exprdiff("U/R", "--U", "9±0.1", "--R", "1:3:2")
    assert done.stdout.splitlines()[0] == "U,R,value,d_U,d_R,u"
    assert [row.split(",")[-1] for row in done.stdout.splitlines()[1:]] == [
        "0.1",
        str(0.1 / 3),
    ]
