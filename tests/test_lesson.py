"""The lesson page in a browser: steps, editing, practice, languages, odd names."""

import json
import re
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import exprdiff as package

DRIVER, BROWSER = shutil.which("chromedriver"), shutil.which("chromium")

pytestmark = pytest.mark.skipif(
    not (DRIVER and BROWSER), reason="there is no Chromium with its driver here"
)

SURVEY = "ln(x1)+x1*x2-sin(x2)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (
        *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"),
        *("disable-background-networking", "disable-component-update"),
        *("disable-sync", "lang=en", "window-size=1300,1000"),
        f"user-data-dir={tmp_path_factory.mktemp('browser')}",
    ):
        options.add_argument(f"--{flag}")
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = webdriver.ChromeService(executable_path=DRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


class Page:
    """A lesson in the browser."""

    def __init__(self, browser, path, point):
        self.browser, self.path, self.point = browser, path, point
        self.browser.get(path.as_uri())

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    def run(self, script, *args):
        return self.browser.execute_script(script, *args)

    def press(self, key):
        self.find("body").send_keys(key)

    def node(self, id):
        """The value and the gradient in the picture."""
        box = f".graph .node[data-node='{id}']"
        shown = [self.find(f"{box} .{part}").text for part in ("value", "gradient")]
        return [text.partition(" = ")[2] for text in shown]

    def trace(self):
        return [item.text for item in self.all("#trace li")]

    def type(self, selector, text):
        field = self.find(selector)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)


@pytest.fixture
def lesson(browser, exprdiff, tmp_path):
    """Makes a page and opens it; in the end nothing has gone wrong there."""
    pages = []

    def open_page(expression, **point):
        path = tmp_path / "lesson.html"
        words = [word for x, v in point.items() for word in (f"--{x}", repr(v))]
        done = exprdiff(*words, "-o", str(path), "--", expression)
        assert done.returncode == 0, done.stderr
        assert path.stat().st_size <= 300_000
        browser.get_log("browser")
        browser.get_log("performance")
        pages.append(Page(browser, path, point))
        return pages[-1]

    yield open_page
    assert browser.get_log("browser") == []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked, page = (message["params"][key] for key in ("request", "documentURL"))
            if page.startswith("file:"):  # and not the browser's own
                assert asked["url"] == pages[-1].path.as_uri()


def truth(expression, point):
    """The trace's nodes as the command has them."""
    trace = package.parse(expression).trace(**point)
    return {step.id: step for step in trace.steps}


def agrees(page, expression, point):
    """Whether the trace on the page has the numbers that the command prints."""
    steps = truth(expression, point)
    found = {}
    for line in page.trace():
        pattern = r"Node (-?\d+) : \[.*\] (\S+) = (\S+), grad: (.*)"
        id, operation, value, gradients = re.fullmatch(pattern, line).groups()
        found[int(id)] = operation
        step = steps[int(id)]
        assert operation == step.operation
        if isinstance(step.value, bool):
            assert value == str(step.value)
        else:
            assert float(value) == pytest.approx(step.value, rel=1e-13)
        for text, adjoint in zip(gradients.split(", "), step.adjoints, strict=True):
            if adjoint != adjoint:
                assert text == "none"
            else:
                assert float(text) == pytest.approx(adjoint, abs=0.00051)
    assert set(found) == set(steps)


def test_it_opens_with_all_numbers(lesson):
    page = lesson(SURVEY, x1=2, x2=5)
    assert page.node(-1) == ["2", "5.5"]
    assert page.node(0) == ["5", "1.716"]
    assert page.node(5) == ["11.652", "1"]
    agrees(page, SURVEY, page.point)
    # The numbers of the survey, tables 2 and 3.
    assert page.text("#tables section:nth-child(1)").splitlines() == [
        "Forward sweep: values",
        "v−1 = x1 = 2",
        "v0 = x2 = 5",
        "v1 = ln v−1 = ln 2 = 0.693",
        "v2 = v−1·v0 = 2 × 5 = 10",
        "v3 = v1 + v2 = 0.693 + 10 = 10.693",
        "v4 = sin v0 = sin 5 = -0.959",
        "v5 = v3 - v4 = 10.693 - (-0.959) = 11.652",
    ]
    assert page.text("#tables section:nth-child(2)").splitlines()[-3:] == [
        "v̄−1 += v̄2 · v0 = 1 × 5 → 5",
        "v̄0 += v̄2 · v−1 = 1 × 2 → 1.716",
        "v̄−1 += v̄1 · 1/v−1 = 1 × 0.5 → 5.5",
    ]


def test_it_plays_step_by_step(lesson):
    page = lesson(SURVEY, x1=2, x2=5)
    page.press(Keys.HOME)
    assert page.text("#count") == "Step 0 of 16"
    assert page.node(-1) == ["", ""]
    assert "grad" not in "".join(page.trace())
    page.press(Keys.ARROW_RIGHT)
    assert page.node(-1) == ["2", ""]
    for _ in range(2):
        page.find("#next").click()
    assert page.text("#count") == "Step 3 of 16"
    # Node, edge, formula, table and trace are at the same step.
    (node,) = page.all(".graph .node.current")
    assert node.get_attribute("data-node") == "1"
    (edge,) = page.all(".graph .edge.current")
    assert edge.get_attribute("data-source") == "-1"
    assert page.text("mark") == "ln(x1)"
    assert page.text("#step .formula") == "v1 = ln v−1 = ln 2 = 0.693"
    assert page.text("#step .rule") == "Rule: y = ln x, dy/dx = 1/x"
    assert page.text("#tables .current") == "v1 = ln v−1 = ln 2 = 0.693"
    assert page.text("#trace .current") == "Node 1 : [2] ln = 0.6931471805599453"
    # Contributions add up.
    page.press(Keys.END)
    for _ in range(2):
        page.press(Keys.ARROW_LEFT)
    assert page.node(-1) == ["2", "5"]
    assert page.node(0) == ["5", "-0.284"]
    page.press(Keys.ARROW_RIGHT)
    assert page.node(0) == ["5", "1.716"]
    assert "-0.284 + 2 = 1.716" in page.text("#step")
    page.press(Keys.ARROW_RIGHT)
    assert page.node(-1) == ["2", "5.5"]
    assert "5 + 0.5 = 5.5" in page.text("#step")
    assert "Both sweeps are done." in page.text("#step")
    (edge,) = page.all(".graph .edge.backward")
    assert edge.get_attribute("data-target") == "1"
    page.run(
        "const s = arguments[0]; s.value = 8; s.dispatchEvent(new Event('input'))",
        page.find("#slider"),
    )
    assert page.text("#count") == "Step 8 of 16"
    assert page.text("#step .formula") == "v̄5 = f̄ = 1"
    page.find("#tables li[data-step='4']").click()
    assert page.text("#count") == "Step 5 of 16"


def test_it_plays_by_itself(lesson):
    page = lesson("x*x", x=3)
    page.run("window.setInterval = (f) => { window.tick = f; return 7; }")
    page.find("#play").click()
    assert page.text("#count") == "Step 1 of 5"
    assert page.find("#play").get_attribute("aria-label") == "Pause"
    for step in range(2, 6):
        page.run("window.tick()")
        assert page.text("#count") == f"Step {step} of 5"
    page.run("window.tick()")
    assert page.find("#play").get_attribute("aria-label") == "Play"


EDITED = [
    (SURVEY, {"x1": 2, "x2": 5}, {"x1": 0.25, "x2": -3}),
    ("s = if(x > 0, sqrt(x), x^2); s*s*y, s/y", {"x": 4, "y": 1}, {"x": -3, "y": 7}),
    (
        "if(x > 0 and y > x, ln(y/x), exp(x*y)) + max(x, y, 1)",
        {"x": 1, "y": 2},
        {"x": -1, "y": 3},
    ),
    (
        "sin(a)+cos(a)*tan(a)-atan(a)+sinh(b)+cosh(b)*tanh(b)",
        {"a": 1, "b": 1},
        {"a": 4, "b": -2},
    ),
    (
        "σ(a)+softplus(b)+relu(a)+gelu(b)+erf(a)*normcdf(b)",
        {"a": 1, "b": 1},
        {"a": -4, "b": 2},
    ),
    (
        "hypot(a, 3)+a^b+a^2.5+2^a+mod(a, b)+atan2(a, b)",
        {"a": 1, "b": 3},
        {"a": 7.5, "b": 2},
    ),
    (
        "clamp(a, 0, 1)+abs(a-b)+round(b)+log(b, 3)+cbrt(a)",
        {"a": 0.5, "b": 3},
        {"a": 2, "b": 9},
    ),
]


@pytest.mark.parametrize("expression, point, other", EDITED)
def test_inputs_can_be_changed(expression, point, other, lesson):
    """The page's own sweeps give what the command gives."""
    page = lesson(expression, **point)
    agrees(page, expression, point)
    for k, value in enumerate(other.values()):
        page.type(f"#number{k}", str(value))
    agrees(page, expression, other)


SIGNED = [
    ("x^2+x^3-x*y/x+y*x", {"x": -3, "y": -0.7}),
    ("exp(x)/10-(-x)*abs(x)+hypot(x, y)", {"x": -0.07, "y": 1e-7}),
    ("x/10-y^-0.5*x", {"x": -0.7, "y": 2}),
    ("10000000*pi*x+y", {"x": 1, "y": 0.5}),
    ("max(x, y, 1)*relu(x)+clamp(x, -1, y)", {"x": -1, "y": 0.3}),
    ("if(x > y and x == 2, x, y)*floor(x)", {"x": 2, "y": 1}),
]


@pytest.mark.parametrize("expression, point", SIGNED)
def test_lines_are_those_of_the_command(
    expression, point, lesson, exprdiff, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "1")
    page = lesson(expression, **point)
    lines = [item.text for item in page.all("#tables li")]
    words = [word for x, v in point.items() for word in (f"--{x}", repr(v))]
    text = exprdiff(*words, "--format", "steps", "--", expression).stdout
    rows = [row for row in text.splitlines() if row.startswith("v")]
    plain = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
    for line, row in zip(lines, rows, strict=True):
        _, *parts = re.split(r" +(?:=|\+=|→) +", row.translate(plain))
        # The formulas differ in how indices look.
        assert re.split(" (?:=|→) ", line.replace(" += ", " = "))[2:] == parts[1:]


def test_an_empty_field_changes_nothing(lesson):
    page = lesson("x+y", x=2, y=3)
    page.find("#number0").send_keys(Keys.BACKSPACE)
    page.type("#number1", "7")
    agrees(page, "x+y", {"x": 2, "y": 7})


def test_an_infinite_input_stays(lesson):
    page = lesson("exp(-x)+y", x=float("inf"), y=3)
    assert page.find("#number0").get_attribute("placeholder") == "∞"
    page.type("#number1", "4")
    agrees(page, "exp(-x)+y", {"x": float("inf"), "y": 4})
    assert page.node(2) == ["0", "1"]


def test_only_what_is_asked_for_has_to_have_a_gradient(browser, exprdiff, tmp_path):
    path = tmp_path / "lesson.html"
    words = ["sqrt(x)*y", "--x", "0", "--y", "0", "--wrt", "y", "--precision", "8"]
    assert exprdiff(*words, "-o", str(path)).returncode == 0
    page = Page(browser, path, {})
    assert page.text("#problem") == ""
    assert page.node(0) == ["0", "0"]
    page.type("#number0", "2")
    assert page.node(0) == ["0", "1.4142136"]


def test_a_formula_of_constants_has_no_inputs(lesson):
    page = lesson("2*3")
    assert not page.find("#inputs-section").is_displayed()
    assert page.node(-1) == ["6", "1"]


def test_inputs_can_be_dragged(lesson):
    page = lesson(SURVEY, x1=2, x2=5)
    slider = page.find("#range0")
    slider.send_keys(Keys.ARROW_RIGHT * 3)
    x1 = float(page.find("#number0").get_attribute("value"))
    assert x1 == pytest.approx(2.06)
    agrees(page, SURVEY, {"x1": x1, "x2": 5})


def test_where_there_is_no_value_there_is_no_number(lesson):
    page = lesson(SURVEY, x1=2, x2=5)
    page.type("#number0", "-1")
    assert page.text("#problem") == (
        "v1: ln(-1) is undefined or too large here — ln(x) needs x > 0"
    )
    (broken,) = page.all(".graph .node.broken")
    assert broken.get_attribute("data-node") == "1"
    assert page.node(5) == page.node(-1) == ["", ""]
    assert "grad" not in "".join(page.trace())
    page.type("#number0", "1")
    assert page.text("#problem") == ""


@pytest.mark.parametrize(
    "expression, x, node, what",
    [
        ("1e200*(1e100*x)", "1e10", 1, "mul(1e+200, 1e+110) is undefined or too"),
        ("exp(x)", "710", 0, "exp(710) is undefined or too large here"),
        ("sqrt(x)*0", "0", 0, "sqrt(0) passes on a gradient that is undefined"),
        ("1/x", "1e-200", 0, "div(1, 1e-200) passes on a gradient that is undefined"),
        ("sin(x^200)*1e150", "10", 0, "passes on a gradient that is undefined"),
    ],
)
def test_what_the_command_refuses_the_page_refuses(
    expression, x, node, what, lesson, exprdiff
):
    page = lesson(expression, x=0.5)
    page.type("#number0", x)
    assert exprdiff(expression, "--x", x).returncode == 4
    assert what in page.text("#problem")
    (broken,) = page.all(".graph .node.broken")
    assert broken.get_attribute("data-node") == str(node)
    assert page.text("#count") == "Step 0 of 0"


def test_a_vertical_tangent_is_infinite(lesson):
    page = lesson("sqrt(x)+x", x=0)
    assert page.node(-1) == ["0", "∞"]
    assert len(page.all(".graph .node.remark")) == 1


def test_kinks_and_choices(lesson):
    page = lesson("if(x > 0, abs(x-1), y)", x=1, y=2)
    (marked,) = page.all(".graph .node.remark")
    assert "abs" in marked.text
    assert page.all(".graph .node.skipped") == []  # a variable is never
    page.type("#number0", "-2")
    assert page.all(".graph .node.remark") == []
    assert "not taken" in page.find(".graph .node[data-node='3']").text
    agrees(page, "if(x > 0, abs(x-1), y)", {"x": -2, "y": 2})


def test_practice(lesson):
    page = lesson(SURVEY, x1=2, x2=5)
    page.find("#practice").click()
    # Nothing on the page tells the numbers.
    shown = page.text("body") + page.find("#tables").text
    for number in ("0.693", "10.693", "11.652", "-0.959", "1.716", "5.5"):
        assert number not in shown
    page.press(Keys.END)
    assert page.text("#count") == "Step 3 of 16"
    assert page.text("#step .formula") == "v1 = ln v−1 = ?"
    assert page.node(1) == ["?", ""]
    assert not page.find("#next").is_enabled()
    page.type("#answer", "0.7" + Keys.ENTER)
    assert page.text("#verdict") == "Not yet. Try again, or have it shown."
    page.type("#answer", "half" + Keys.ENTER)
    assert page.text("#verdict") == "This is no number."
    page.type("#answer", "0,693" + Keys.ENTER)
    assert page.text("#verdict") == "Right."
    assert page.node(1) == ["0.693", ""]
    page.find("#next").click()
    page.type("#answer", "20/2" + Keys.ENTER)
    assert page.text("#verdict") == "Right."
    page.find("#next").click()
    page.find("#show").click()
    assert page.node(3) == ["10.693", ""]
    assert page.text("#score") == "2 right, 1 shown"
    for step in range(6, 17):
        page.find("#next").click()
        assert page.text("#count") == f"Step {step} of 16"
        if step == 16:  # which adds to what is there
            assert "5 + ? = ?" in page.text("#step")
            assert page.text("#ask") == "What is the sum now?"
        if step != 8:  # where the reverse sweep begins
            page.find("#show").click()
    assert page.node(-1) == ["2", "5.5"]
    assert "Both sweeps are done." in page.text("#step")


def test_english_and_chinese(lesson):
    page = lesson(SURVEY, x1=2, x2=5)
    texts = page.run("return TEXTS")
    assert texts["en"].keys() == texts["zh"].keys()
    assert page.find("html").get_attribute("lang") == "en"
    assert page.text("h1") == "Automatic differentiation, step by step"
    page.find("#language").click()
    assert page.find("html").get_attribute("lang") == "zh-Hans"
    assert page.text("h1") == texts["zh"]["title"]
    assert page.text("#count") == "第 16 步，共 16 步"
    left = [word for word in texts["en"].values() if len(word) > 4]
    left.remove(texts["zh"]["language"]) if texts["zh"]["language"] in left else None
    body = page.text("body")
    assert not [word for word in left if word in body and word != "English"]
    page.find("#language").click()
    assert page.text("#count") == "Step 16 of 16"


def test_names_and_comments_do_nothing(lesson):
    expression = (
        "__proto__*constructor + toString # </script><script>window.odd = 1</script>"
        "<img src=x onerror='window.odd = 1'>\u202e"
    )
    point = {"__proto__": 2, "constructor": 3, "toString": 5}
    page = lesson(expression, **point)
    agrees(page, expression, point)
    page.type("#number0", "4")
    agrees(page, expression, {**point, "__proto__": 4})
    assert page.run("return window.odd") is None
    assert page.text("#expression") == expression.replace("\u202e", "\ufffd")
    assert len(page.all("img")) == 0


def test_the_policy_allows_nothing_else(lesson, browser):
    page = lesson("x^2", x=3)
    refused = page.run(
        "window.refused = [];"
        "addEventListener('securitypolicyviolation',"
        " (event) => refused.push(event.effectiveDirective));"
        "const script = document.createElement('script');"
        "script.textContent = 'window.odd = 1'; document.body.append(script);"
        "document.body.setAttribute('style', 'color: red');"
        "setTimeout('window.odd = 2', 0);"
        "return fetch('http://127.0.0.1:9/').catch(() => new Image().src ="
        " 'http://127.0.0.1:9/x.png').then(() => new Promise((done) =>"
        " setTimeout(() => done(refused), 100)));"
    )
    assert page.run("return window.odd") is None
    kinds = {
        "script-src-elem",
        "style-src-attr",
        "script-src",
        "connect-src",
        "img-src",
    }
    assert kinds <= set(refused)
    browser.get_log("browser")  # which says that all this was refused
    browser.get_log("performance")


def test_it_can_be_used_without_a_mouse_and_heard(lesson):
    page = lesson(SURVEY, x1=2, x2=5)
    reached = []
    for _ in range(25):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(page.browser.switch_to.active_element.get_attribute("id"))
    for control in (
        "language",
        "number0",
        "range1",
        "first",
        "back",
        "play",
        "slider",
        "practice",
    ):
        assert control in reached
    for control in page.all("button, input"):
        named = page.run(
            "const c = arguments[0];"
            "return c.ariaLabel || c.textContent || c.labels?.[0]?.textContent",
            control,
        )
        assert named, control.get_attribute("outerHTML")
    assert page.find("#step").get_attribute("aria-live") == "polite"
    assert page.find("#problem").get_attribute("role") == "alert"
    assert page.find("#slider").get_attribute("aria-valuetext") == "Step 16 of 16"
    assert page.find("#tables .current").get_attribute("aria-current") == "step"


def test_a_page_that_would_be_too_large_is_refused(exprdiff, tmp_path):
    path = tmp_path / "lesson.html"
    long = "+".join(f"sin(x*{k})" for k in range(200))
    done = exprdiff(long, "--x", "1", "-o", str(path))
    assert done.returncode == 2
    assert "more than 300,000" in done.stderr
    assert not path.exists()
