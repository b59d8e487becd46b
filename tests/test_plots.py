"""Sweeps as drawings: in the terminal, and as figures in files."""

import math
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import mpmath
import pytest

CORNER = r"([ML]) (\S+) (\S+)"
SVG = "{http://www.w3.org/2000/svg}"
WAVE = ["exp(-x)*sin(x)", "--x", "0:9:46"]


def draw(exprdiff, file, *words, notes=""):
    """The picture that a command draws into a file, as XML."""
    done = exprdiff(*words, "-o", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", notes)
    return ElementTree.parse(file).getroot()


def texts(picture):
    return ["".join(node.itertext()).strip() for node in picture.iter(f"{SVG}text")]


def curves(picture, count):
    """The corners of the curves, which have at least count of them; None is a gap."""
    for path in picture.iter(f"{SVG}path"):
        corners = re.findall(CORNER, path.get("d", ""))
        if len(corners) >= count and "fill: none" in path.get("style", ""):
            yield [(command, float(x), -float(y)) for command, x, y in corners]


def test_a_figure_of_one_variable(exprdiff, tmp_path):
    picture = draw(exprdiff, tmp_path / "a.svg", *WAVE)
    shown = texts(picture)
    assert {"exp(-x)*sin(x)", "x", "value", "d_x"} <= set(shown)
    value, slope = curves(picture, 46)
    xs = [9 * k / 45 for k in range(46)]
    for curve, f in (
        (value, lambda x: mpmath.exp(-x) * mpmath.sin(x)),
        (slope, lambda x: mpmath.exp(-x) * (mpmath.cos(x) - mpmath.sin(x))),
    ):
        assert [command for command, _, _ in curve] == ["M"] + 45 * ["L"]
        for drawn, true in (
            ([x for _, x, _ in curve], xs),
            ([y for _, _, y in curve], list(map(f, xs))),
        ):
            # On paper it is the same but for a shift and a scale.
            low, high = true.index(min(true)), true.index(max(true))
            scale = (drawn[high] - drawn[low]) / (true[high] - true[low])
            for k in range(46):
                there = drawn[low] + scale * (true[k] - true[low])
                assert drawn[k] == pytest.approx(float(there), abs=0.01)


def test_a_point_without_a_result_is_a_gap(exprdiff, tmp_path):
    file = tmp_path / "pole.svg"
    done = exprdiff("1/x", "--x", "-1:1:21", "-o", str(file))
    assert done.returncode == 4
    assert done.stderr.endswith("1 of 21 points failed\n")
    for curve in curves(ElementTree.parse(file).getroot(), 20):
        assert [command for command, _, _ in curve].count("M") == 2
        assert len(curve) == 20
    skipped = exprdiff("1/x", "--x", "-1:1:21", "-o", str(file), "--on-error", "skip")
    assert skipped.returncode == 0


def test_a_figure_of_two_variables(exprdiff, tmp_path):
    words = ["x^2-x*y", "--x", "-2:2:33", "--y", "-1:1:33"]
    picture = draw(exprdiff, tmp_path / "a.svg", *words)
    shown = texts(picture)
    assert {"x^2-x*y", "x", "y", "value"} <= set(shown)
    assert any("arrows: the gradient" in text for text in shown)
    alone = draw(exprdiff, tmp_path / "b.svg", *words, "--wrt", "x")
    assert not any("arrows" in text for text in texts(alone))


def arrows(picture):
    """The arrows of a contour picture, from their middles as far as they point."""
    for path in picture.iter(f"{SVG}path"):
        corners = re.findall(CORNER, path.get("d", ""))
        if len(corners) == 8 and "fill: #ffffff" in path.get("style", ""):
            points = [(float(a), -float(b)) for _, a, b in corners]
            tail = [sum(z) / 2 for z in zip(points[0], points[6], strict=True)]
            yield [a - b for a, b in zip(points[3], tail, strict=True)]


@pytest.mark.parametrize(
    "text, x, y, longest",
    [("y^2+0*x", 0, 1, "6"), ("3*x+0*y", 1, 0, "3"), ("x*y-x*y", 0, 0, "")],
)
def test_contours_and_arrows(exprdiff, tmp_path, text, x, y, longest):
    words = [text, "--x", "0:1:5", "--y", "1:3:9"]
    picture = draw(exprdiff, tmp_path / "a.svg", *words)
    key = [word for word in texts(picture) if "arrows" in word]
    assert key == [f"arrows: the gradient, up to a length of {longest}"] * bool(longest)
    if not longest:
        return
    drawn = list(arrows(picture))
    assert len(drawn) == 5 * 9
    assert 10 < max(math.hypot(*arrow) for arrow in drawn) < 60
    for along, up in drawn:
        assert (abs(along) > 1, abs(up) > 1) == (bool(x), bool(y))
        assert along >= -1e-3 and up >= -1e-3
    lines = 0
    for path in picture.iter(f"{SVG}path"):
        style, corners = path.get("style", ""), re.findall(CORNER, path.get("d", ""))
        if corners and "stroke-width: 0.4" in style and "fill: none" in style:
            for axis in (0, 1):
                places = {float(corner[axis + 1]) for corner in corners}
                # A contour line is at right angles to the gradient.
                assert (max(places) - min(places) < 1e-3) == bool((x, y)[axis])
            lines += 1
    assert lines > 5


def test_arrows_point_along_the_axes(exprdiff, tmp_path):
    words = ["x+y", "--x", "0:1:5", "--y", "0:9:5"]  # a step up is short on paper
    for along, up in arrows(draw(exprdiff, tmp_path / "a.svg", *words)):
        assert 0 < up < along / 5


def test_several_values_in_one_figure(exprdiff, tmp_path):
    picture = draw(exprdiff, tmp_path / "a.svg", "sin(x), cos(x)", "--x", "0:9:46")
    assert {"f1", "f2", "d_f1_x", "d_f2_x"} <= set(texts(picture))
    assert len(list(curves(picture, 46))) == 4


def test_an_expression_is_no_markup(exprdiff, tmp_path):
    text = "x^2 # <script>alert(1)</script> & $\\frac{1}{2}$ \x1b[31m"
    picture = draw(exprdiff, tmp_path / "a.svg", text, "--x", "0:9:46")
    title = text.replace("\x1b", "\\x1b")
    assert title in texts(picture)
    assert not list(picture.iter(f"{SVG}script"))
    drawn = exprdiff(text, "--x", "0:9:46", "--format", "plot")
    assert drawn.stdout.startswith(title)
    assert "\x1b" not in drawn.stdout


@pytest.mark.parametrize(
    "suffix, start",
    [("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-"), ("svg", b"<?xml")],
)
def test_the_suffix_tells_the_kind_and_two_runs_are_the_same(
    exprdiff, tmp_path, suffix, start
):
    files = [tmp_path / f"{k}.{suffix}" for k in "ab"]
    for file in files:
        assert exprdiff(*WAVE, "-o", str(file)).returncode == 0
    first, second = (file.read_bytes() for file in files)
    assert first.startswith(start)
    assert first == second


def test_a_drawing_in_the_terminal(exprdiff, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    done = exprdiff("x", "--x", "0:10:11", "--format", "plot", "--wrt", "x")
    assert (done.returncode, done.stderr) == (0, "")
    title, legend, *rows = done.stdout.splitlines()
    assert (title, legend) == ("x", "⠤ value  o d_x")
    assert max(map(len, rows)) <= 80
    # A straight line from the corner at the left below to the one at the right above.
    canvas = [row.partition("| ")[2] for row in rows[:-2]]
    firsts = [
        next(place for place, mark in enumerate(row) if "\u2801" <= mark <= "\u28ff")
        for row in canvas
        if re.search("[\u2801-\u28ff]", row) and "o" not in row
    ]
    assert firsts == sorted(firsts, reverse=True)
    assert firsts[0] > 45
    level = [row for row in canvas if "o" in row]
    assert len(level) == 1
    assert level[0].count("o") > 5
    assert rows[-1].split()[1] == "0"


def test_colour_is_as_asked_for(exprdiff):
    for environment in ({"NO_COLOR": "1"}, {"FORCE_COLOR": "0"}, {}):
        words = [*WAVE, "--format", "plot", "--color"]
        environment = os.environ | environment
        assert "\x1b[3" in exprdiff(*words, "always", env=environment).stdout
        environment["FORCE_COLOR"] = "1"
        assert "\x1b" not in exprdiff(*words, "never", env=environment).stdout


@pytest.mark.parametrize(
    "words",
    [
        ["x", "--x", "0:5e-324:2"],
        ["x*0+5e-324", "--x", "0:1:2"],
        ["x", "--x", "-1e300:1e300:5"],
        ["1e-310*x", "--x", "0:1:5"],
        ["3", "--x", "1:1:1", "--wrt", "x"],
    ],
)
def test_the_ends_of_the_doubles_can_be_drawn(exprdiff, tmp_path, words):
    words = [words[0] + "+0*x", *words[1:]]
    assert exprdiff(*words, "--format", "plot").returncode == 0
    assert exprdiff(*words, "-o", str(tmp_path / "a.svg")).returncode == 0


def test_no_setting_makes_the_expression_tex(exprdiff, tmp_path):
    (tmp_path / "matplotlibrc").write_text("text.usetex: True")
    environment = os.environ | {"MATPLOTLIBRC": str(tmp_path)}
    file = tmp_path / "a.svg"
    done = exprdiff("x^2", "--x", "0:1:9", "-o", str(file), env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "x^2" in texts(ElementTree.parse(file).getroot())


def test_a_drawing_is_text_in_a_file(exprdiff, tmp_path):
    file = tmp_path / "plot.txt"
    words = [*WAVE, "--format", "plot"]
    assert exprdiff(*words, "-o", str(file)).stdout == ""
    assert file.read_text(encoding="utf-8") == exprdiff(*words).stdout


@pytest.mark.parametrize(
    "library, extra, words",
    [
        ("plotille", "plot", ["--format", "plot"]),
        ("matplotlib", "figure", ["-o", "a.svg"]),
    ],
)
def test_a_missing_library_is_named_with_the_command_that_installs_it(
    exprdiff, tmp_path, monkeypatch, library, extra, words
):
    (tmp_path / f"{library}.py").write_text(
        f"raise ModuleNotFoundError(name={library!r})"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = exprdiff("x", "--x", "1:2:3", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    message, command = done.stderr.splitlines()
    assert (
        message
        == f"exprdiff: error: this needs {library}, which is not installed; type"
    )
    python, *rest = command.split()
    assert rest == ["-m", "pip", "install", f"'exprdiff[{extra}]'"]
    assert os.path.samefile(python, sys.executable)
    assert not (tmp_path / "a.svg").exists()


def test_a_broken_library_is_not_called_missing(exprdiff, tmp_path, monkeypatch):
    (tmp_path / "plotille.py").write_text("raise ImportError('it is \\x1b[31mbroken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = exprdiff("x", "--x", "1:2:3", "--format", "plot")
    message = "exprdiff: error: cannot import plotille: it is \\x1b[31mbroken\n"
    assert (done.returncode, done.stderr) == (1, message)


def test_nothing_is_imported_that_is_not_needed():
    source = """
import sys
from exprdiff.cli import main
try:
    main(["x^2", "--x", "1:2:3"])
except SystemExit:
    pass
print(sorted({"matplotlib", "numpy", "plotille"} & sys.modules.keys()))
"""
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")
