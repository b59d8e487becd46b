"""SQL, run by DuckDB and SQLite, against the float system."""

import math
import re
import sqlite3
from functools import partial
from random import Random

import duckdb
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from rules import RULES, polygamma, sinc_n
from test_parser import CORPUS
from trees import CALLED, trees, write

from exprdiff import DomainError, ExprdiffError, UsageError, parse
from exprdiff.numbers import floats
from exprdiff.operations import FUNCTIONS, OPERATIONS
from exprdiff.render.dialects import DIALECTS
from exprdiff.render.sql import render
from exprdiff.style import PLAIN

CONNECTIONS = {
    "duckdb": duckdb.connect(config={"threads": 1}),
    "sqlite": sqlite3.connect(":memory:"),
}
HAS_MATHEMATICS = CONNECTIONS["sqlite"].execute(
    "SELECT sqlite_compileoption_used('ENABLE_MATH_FUNCTIONS')"
)

ENGINES = [
    "duckdb",
    pytest.param(
        "sqlite",
        marks=pytest.mark.skipif(
            HAS_MATHEMATICS.fetchone() == (0,), reason="no mathematical functions"
        ),
    ),
]

#: What is the same to the last digit, whoever calculates it.
EXACT = {
    *("identity", "add", "sub", "mul", "div", "neg", "abs", "square", "cube", "sqrt"),
    *("sign", "step", "relu", "min", "max", "clamp", "floor", "ceil", "round", "trunc"),
    *("lt", "le", "gt", "ge", "eq", "ne", "not", "and", "or", "if"),
}

VALUES = [
    *(0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.5, 0.3, 2.5, 0.1, -0.7, 10.0, 40.5),
    *(800.0, -800.0, 1e-9, -1e-160, 1e-310, 1e200, -1e300, 3.141592653589793),
]


def chain(count, step="sin({0})*{0}"):
    """Statements that use each other twice."""
    lines = [f"s{k + 1} = {step.format(f's{k}')}; " for k in range(count)]
    return f"s0 = x; {''.join(lines)} s{count}"


def sql(text, dialect, hessian=False):
    return render(parse(text).program(hessian=hessian), PLAIN, dialect)


def run(dialect, query, variables, rows):
    """The rows of the result."""
    names = [f'"{name}"' for name in variables] or ["none"]
    rows = [row or (None,) for row in rows]
    marks = f"({', '.join('?' for _ in names)})"
    connection = CONNECTIONS[dialect]
    connection.execute("DROP TABLE IF EXISTS points")
    if dialect == "sqlite":
        connection.execute(f"CREATE TABLE points ({', '.join(names)})")
        connection.executemany(f"INSERT INTO points VALUES {marks}", rows)
    else:
        columns = ", ".join(f"{name} DOUBLE" for name in names)
        connection.execute(f"CREATE TABLE points ({columns})")
        values = ", ".join(marks for _ in rows)
        flat = [x for row in rows for x in row]
        connection.execute(f"INSERT INTO points VALUES {values}", flat)
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return names, cursor.fetchall()


# ---- What is expected ----------------------------------------------------------------


def attempt(name, x):
    try:
        return float(OPERATIONS[name].compute(x))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def step_of(step, given):
    """A value, None where it is undefined, and by how much it may be wrong."""
    name = step.operation
    first = given[0]
    if name in ("if", "and", "or"):
        if first[1]:
            return None, math.inf
        if first[0] is None:
            return first
        if name == "if":
            return given[1 if first[0] else 2]
        return given[1] if (name == "and") == bool(first[0]) else first
    x, errors = zip(*given, strict=True)
    if None in x:
        return None, max(e for y, e in given if y is None)
    if name == "not":
        return float(not x[0]), errors[0]
    y = attempt(name, x)
    error = 0.0 if name in EXACT or y is None else 1e-13 * abs(y)
    for k, e in enumerate(errors):
        for moved in (x[k] - e, x[k] + e) if e else ():
            other = attempt(name, (*x[:k], moved, *x[k + 1 :]))
            if y is None or other is None:
                if y is not other:
                    return y, math.inf
            else:
                error += abs(other - y)
    return y, error


def expected(program, point):
    """The values of all columns, and by how much they may be wrong."""
    found = {}

    def value(operand):
        if isinstance(operand, int):
            return found[operand]
        try:
            return float(floats.number(operand)), 0.0
        except OverflowError:
            return None, 0.0

    for id, step in program.steps.items():
        if step.name is not None:
            found[id] = point[step.name], 0.0
        else:
            found[id] = step_of(step, [value(x) for x in step.inputs])
    results = [value(end) for end in program.values]
    ends = [*results]
    for rows in (program.jacobian, program.hessians):
        for (f, error), row in zip(results, rows, strict=bool(rows)):
            # Where there is no value, there is no derivative.
            ends += [(None, error) if f is None else value(x) for x in row.values()]
    return ends


def check(dialect, text, rows=None, hessian=False, run=run):
    """The engine and the float system agree; return whether the dialect can do it."""
    f = parse(text)
    program = f.program(hessian=hessian)
    try:
        query = render(program, PLAIN, dialect)
    except UsageError as error:
        assert re.search(
            "cannot be written|another name|too long|too large", str(error)
        )
        return False
    variables = program.variables
    if rows is None:
        chance = Random(text)
        rows = [[chance.choice(VALUES) for _ in variables] for _ in range(30)]
        rows = rows + [[None, *row[1:]] for row in rows[:2]] if variables else [[]]
    names, result = run(dialect, query, variables, rows)
    assert names[: len(variables)] == list(variables)
    assert len(result) == len(rows)
    for row, found in zip(rows, result, strict=True):
        assert found[: len(variables)] == tuple(row)
        point = dict(zip(variables, row, strict=True))
        for name, y, (z, error) in zip(
            names[len(variables) :],
            found[len(variables) :],
            expected(program, point),
            strict=True,
        ):
            about = dialect, text, point, name, y, z, error
            if error == math.inf:
                continue
            if z is None:
                assert y is None, about
            else:
                assert isinstance(y, float), about
                assert abs(y - z) <= 1e-11 * abs(z) + error + 1e-300, about
    return True


# ---- Formulas ------------------------------------------------------------------------


def check_corpus(dialect, run=run):
    """The engine and the float system agree on all that is written anywhere."""
    counts = [0, 0]
    for text in CORPUS:
        try:
            parse(text).program()
        except ExprdiffError:
            continue
        counts[check(dialect, text, run=run)] += 1
    assert counts[1] > 100 and counts[0] < counts[1] / 3


@pytest.mark.parametrize("dialect", ENGINES)
def test_all_that_is_written_anywhere(dialect):
    check_corpus(dialect)


@pytest.mark.parametrize("dialect", ENGINES)
def test_formulas_made_at_random(dialect):
    @seed(1)
    @settings(
        max_examples=150,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(trees(CALLED, choices=True), st.integers(0, 9))
    def one(tree, number):
        text = write(tree, Random(number))
        try:
            parse(text).program()
        except DomainError:  # a derivative that exists nowhere
            return
        check(dialect, text)

    one()


def call(name, operands=None):
    """A formula of the operation."""
    operation = OPERATIONS[name]
    x = operands or [*"uvw"[: max(1, len(operation.operands))]]
    if name == "if":
        return "if(u > 1, v, w)"
    if name in ("and", "or"):
        return f"if(u > 1 {name} v > 1, 2, 3)"
    if name == "not":
        return "if(not u > 1, 2, 3)"
    if name in ("lt", "le", "gt", "ge", "eq", "ne"):
        return f"if(u {operation.infix} v, 2, 3)"
    if operation.spoken and name in FUNCTIONS:
        return f"{name}({', '.join(x)})"
    if name in ("identity", "neg"):
        return "u" if name == "identity" else "-u"
    return f" {operation.infix or '^'} ".join(x)


def check_operation(dialect, name, size, run=run):
    """They agree on an operation, at its points and so many more."""
    points = [x for x in RULES[name].points if bool not in map(type, x)]
    if name == "power":
        for _, n in points:
            if abs(n) < 1e15:
                check(dialect, f"u^({n!r})", [[y] for y in VALUES], run=run)
        return
    count = max(1, len(OPERATIONS[name].operands))
    chance = Random(name)
    rows = [[float(y) for y in x] for x in points]
    rows += [[chance.choice(VALUES) for _ in range(count)] for _ in range(size)]
    if name not in ("sinc_n", "polygamma"):
        check(dialect, call(name), rows, run=run)


@pytest.mark.parametrize("dialect", ENGINES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation(dialect, name):
    check_operation(dialect, name, 300)


#: What is refused, and by which dialects.
REFUSED = {"mod": {"postgres"}}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_written_or_refused_by_name(dialect, name):
    text = call(name, ["2", "u"] if name in ("sinc_n", "polygamma") else None)
    text = text.replace("v", "3") if name == "power" else text
    if dialect in REFUSED.get(name, ()):
        with pytest.raises(UsageError, match=r"cannot be written in the SQL of ") as e:
            sql(text, dialect)
        assert dialect in str(e.value)
    else:
        assert sql(text, dialect).endswith(";\n")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["polygamma", "sinc_n"])
@pytest.mark.parametrize("n", ["11", "0.5", "-1"])
def test_orders_are_whole_numbers_up_to_10(dialect, name, n):
    with pytest.raises(UsageError, match=f"{name} cannot be written in the SQL of"):
        sql(f"{name}({n}, x)", dialect)


@pytest.mark.parametrize("dialect", ENGINES)
@pytest.mark.parametrize(
    "text",
    [
        *(
            "x*y, x, 3",
            "2+3",
            "1/3",
            "x",
            "-x",
            "-(-x)",
            "x - -y",
            "1e999*x",
            "1e308*x",
        ),
        *("max(x, y, x*y, 2)", "min(ln(x), 1)", "max(x*1e300, 1)", "1/(1 + exp(x))"),
        *("if(x > 0 and ln(x) < y, x, y)", "if(x > 0 or ln(-x) < y, x, y)"),
        *("if(not (x > 0 and not ln(x) > 0), x, y)", "if(x*1e300 - x*1e299 > 1, 2, 3)"),
        *("if(x > 0, sqrt(x), 0)", "if(ln(x) > 0 and y > 0, 1, 2)*x", "x^y", "x^-0.5"),
        *("s = x + y; t = s*s; t*t - s", "abs(x - y)"),
        *("atan2(-(x*0), -1)", "x^x", "mod(x, y)", "round(x)/3 + sign(x)/2"),
        "+".join(f"sin({k}*x)" for k in range(300)),
        "*".join(f"(x + {k})" for k in range(30)),
        "sin(" * 60 + "x" + ")" * 60,
        chain(40, "{0}*{0} - 0.3"),
    ],
)
def test_formulas_by_hand(dialect, text):
    assert check(dialect, text)


@pytest.mark.parametrize("dialect", ENGINES)
def test_second_derivatives_are_columns(dialect):
    assert check(dialect, "x^3*y + exp(x*y)", hessian=True)
    assert 'AS "d2_x_y"' in sql("x^3*y", dialect, hessian=True)


@pytest.mark.parametrize("dialect", ENGINES)
def test_what_is_no_number_is_none(dialect):
    query = sql("x*y + 1", dialect)
    rows = [(math.inf, 1.0), (-math.inf, 1.0), (None, 2.0), (math.nan, 1.0)]
    _, result = run(dialect, query, ["x", "y"], rows)
    assert [row[0] for row in result] == [row[2] for row in result] == [None] * 4


def test_in_sqlite_texts_are_no_numbers_and_columns_that_lack_are_an_error():
    query = sql("x + y", "sqlite")
    _, result = run("sqlite", query, ["x", "y"], [("", 1), ("2", 1), (2, 3)])
    assert [row[2] for row in result] == [None, None, 5]
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        run("sqlite", query, ["x", "z"], [(1, 2)])


# ---- Sizes ---------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ENGINES)
@pytest.mark.parametrize(
    "text",
    [
        " + ".join(f"x{k}*x{k + 1}" for k in range(600)),
        "sin(" * 150 + "x" + ")" * 150,
        chain(60),
    ],
    ids=["wide", "deep", "shared"],
)
def test_large_formulas(dialect, text):
    assert check(dialect, text, [[0.5] * len(parse(text).variables)])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_too_large_is_refused(dialect):
    with pytest.raises(UsageError, match=f"too large for {dialect}"):
        sql(chain(3000), dialect)
    with pytest.raises(UsageError, match=r"max of 150 operands"):
        sql(f"max({','.join(f'x{k}' for k in range(150))})", dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_size_is_linear(dialect):
    assert len(sql(chain(40), dialect)) < 2.5 * len(sql(chain(20), dialect))


# ---- Dialects that nothing runs here -------------------------------------------------

SPARK = (
    "CASE WHEN abs(TRY_CAST(points.`{0}` AS DOUBLE)) <= 1.7976931348623157e+308D"
    " THEN TRY_CAST(points.`{0}` AS DOUBLE) END AS `{0}`"
)
FINITE = "abs({}) <= 1.7976931348623157e+308D"
POSTGRES = (
    'CASE WHEN abs(CAST(points."{0}" AS double precision)) <='
    ' 1.7976931348623157e+308::float8 THEN CAST(points."{0}" AS double precision) END'
    ' AS "{0}"'
)


@pytest.mark.parametrize(
    "dialect, text, expected",
    [
        (
            "spark",
            "x1*x2 + ln(x1)",
            f"WITH layer1 AS ( SELECT {SPARK.format('x1')}, {SPARK.format('x2')}"
            " FROM points ), layer2 AS ( SELECT *,"
            " `x1`*`x2` + CASE WHEN `x1` > 0 THEN ln(`x1`) END AS s1,"
            " `x2` + CASE WHEN `x1` <> 0 THEN 1D/`x1` END AS s2 FROM layer1 )"
            " SELECT `x1`, `x2`,"
            f" CASE WHEN {FINITE.format('s1')} THEN s1 END AS `value`,"
            f" CASE WHEN {FINITE.format('s1')} AND {FINITE.format('s2')} THEN s2 END"
            " AS `d_x1`,"
            f" CASE WHEN {FINITE.format('s1')} THEN `x1` END AS `d_x2` FROM layer2;",
        ),
        (
            "spark",
            "s = tanh(x); floor(s) + s*0.1",
            f"WITH layer1 AS ( SELECT {SPARK.format('x')} FROM points ),"
            " layer2 AS ( SELECT *, tanh(`x`) AS s1,"
            " CASE WHEN abs(`x`) < 700 THEN 1/cosh(`x`)"
            " WHEN abs(`x`) >= 700 THEN 2*exp(-abs(`x`)) END AS s3"
            " FROM layer1 ), layer3 AS ( SELECT *,"
            " CASE WHEN rint(s1) > s1 THEN rint(s1) - 1 ELSE rint(s1) END + s1*0.1D"
            " AS s2, 0.1D*(s3*s3) AS s4 FROM layer2 ) SELECT `x`,"
            f" CASE WHEN {FINITE.format('s2')} THEN s2 END AS `value`,"
            f" CASE WHEN {FINITE.format('s2')} AND {FINITE.format('s4')} THEN s4 END"
            " AS `d_x` FROM layer3;",
        ),
        (
            "postgres",
            "exp(-x)/3",
            f"WITH layer1 AS ( SELECT {POSTGRES.format('x')} FROM points ),"
            " layer2 AS MATERIALIZED ( SELECT *, CASE"
            ' WHEN (-"x") < -745 THEN 0::float8'
            ' WHEN (-"x") < 709.782712893384::float8 THEN exp(-"x") END AS s1'
            " FROM layer1 ), layer3 AS MATERIALIZED ( SELECT *,"
            " CASE WHEN abs(s1) < 1.5e-323::float8 THEN 0*s1 ELSE s1/3::float8 END"
            " AS s2, -CASE WHEN abs(s1) < 1.5e-323::float8"
            " THEN 0*s1 ELSE 0.3333333333333333::float8*s1 END AS s3 FROM layer2 )"
            ' SELECT "x", s2 AS "value", CASE WHEN s2 IS NOT NULL THEN s3 END AS "d_x"'
            " FROM layer3;",
        ),
        (
            "postgres",
            "if(y > 0, y + x, 0.1)",
            f"WITH layer1 AS ( SELECT {POSTGRES.format('y')}, {POSTGRES.format('x')}"
            " FROM points ), layer2 AS MATERIALIZED ( SELECT *,"
            ' CASE WHEN "y" > 0::float8 THEN'
            ' CASE WHEN sign("y")*"x" <= 1.797693134862315e+308::float8 - abs("y")'
            ' THEN "y" + "x" END WHEN NOT ("y" > 0::float8) THEN 0.1::float8 END AS s1,'
            ' CASE WHEN "y" > 0::float8 THEN 1::float8'
            ' WHEN NOT ("y" > 0::float8) THEN 0::float8 END AS s2 FROM layer1 )'
            ' SELECT "y", "x", s1 AS "value",'
            ' CASE WHEN s1 IS NOT NULL THEN s2 END AS "d_y",'
            ' CASE WHEN s1 IS NOT NULL THEN s2 END AS "d_x" FROM layer2;',
        ),
    ],
)
def test_texts(dialect, text, expected):
    lines = sql(text, dialect).splitlines()
    assert lines[:4] == [
        f"-- {text}",
        f"-- Its value and derivatives, in the SQL of {dialect}. The table points has",
        f"-- the variables as columns: {', '.join(parse(text).variables)}.",
        "-- NULL is what is undefined or no finite number.",
    ]
    assert " ".join(" ".join(lines[4:]).split()) == expected


# ---- Names and what surrounds them ---------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("value + x", "VALUE*2", "d_x + x", "x + X", "ß + SS"),
        *("f1, f2", "D_x*x"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_names_that_sql_does_not_tell_apart(dialect, text):
    with pytest.raises(UsageError, match="give a variable another name"):
        sql(text, dialect)


@pytest.mark.parametrize("dialect", ENGINES)
@pytest.mark.parametrize(
    "text",
    [
        *("select*order + points", "layer1 + layer2*layer1", "s1*s2 + sin(s1*s2)^2"),
        *("Δx*θ_0 + 温度", "from1*group*table/null", "one + rowid*S3", "f1*none"),
        *("x + 1 # */ -- '\"` ; DROP TABLE points;", "x # \\", "x +\n  # --\n 1\n"),
        *("x # /* \x1b[31m", "x + # ${y} {{ z }} \r\n + 2"),
    ],
)
def test_names_and_comments_that_want_out(dialect, text):
    assert check(dialect, text)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_comments_are_lines(dialect):
    lines = sql("x + # */ \u2028 -- '\r\n 1 # \\", dialect).splitlines()
    assert [line.startswith("--") for line in lines[:5]] == [True] * 4 + [False]
    assert not any(line.endswith("\\") for line in lines)


def test_long_names_are_too_long_for_postgres():
    with pytest.raises(UsageError, match="too long a name for postgres"):
        sql("x" * 62, "postgres")
    assert sql("x" * 61, "postgres")


def test_in_sqlite_what_is_true_is_no_column():
    with pytest.raises(UsageError, match="sqlite has no column True"):
        sql("True + 1", "sqlite")
    assert check("duckdb", "True + 1")


def test_no_such_dialect():
    with pytest.raises(UsageError, match="duckdb, spark, postgres, sqlite"):
        sql("x", "oracle")


@pytest.mark.parametrize("dialect", ENGINES)
def test_numbers_come_back(dialect):
    chance = Random(3)
    numbers = [
        chance.uniform(-1, 1) * 10 ** chance.randrange(-9, 15) for _ in range(99)
    ]
    numbers += [1e22, 0.1, 1 / 3, 2**53 - 1.0, 1.7976931348623157e308]
    names = ", ".join(DIALECTS[dialect].number(y) for y in numbers)
    _, result = run(dialect, f"SELECT {names}", [], [[]])
    assert list(result[0]) == numbers


# ---- Special functions, against many digits ------------------------------------------


def spread(low, high, *more):
    """Some forty points: all over an interval, and next to 0."""
    chance = Random(f"{low} {high}")
    points = [chance.uniform(low, high) for _ in range(25)]
    points += [chance.choice((-1, 1)) * 10 ** chance.uniform(-20, 0) for _ in range(15)]
    return [*points, *more]


def bell(x):
    return mp.exp(-x * x)


def density(x):
    return bell(x / mp.sqrt(2)) / mp.sqrt(2 * mp.pi)


def distribution(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def ln_gamma(x):
    return mp.ln(abs(mp.gamma(x)))


def slope(x):
    return mp.gamma(x) * mp.digamma(x)


#: Next to poles of gamma, at a pole, halfway between two, and at zeros.
NEAR_POLES = -3.0000001, -15.999999999, -4.0, 0.0, -20.0, -10.5, -0.5, -170.3, -171.4
ZEROS = 1.0, 2.0, 1.4616321449683623, 1.0000001, 1.9999999, -2.4570247382208006

#: The function and its derivative, points, and the size below which errors count as if
#: it were that: terms cancel at a zero.
DIGITS = {
    "erf(x)": (mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * bell(x), spread(-7, 7), 0),
    "erfc(x)": (
        mp.erfc,
        lambda x: -2 / mp.sqrt(mp.pi) * bell(x),
        spread(-7, 26, 20.0, 26.5, 4.0),
        0,
    ),
    "normcdf(x)": (distribution, density, spread(-37, 9, -20.0, -37.4, -5.6), 0),
    "gelu(x)": (
        lambda x: x * distribution(x),
        lambda x: distribution(x) + x * density(x),
        spread(-37, 9, -20.0, -37.4, -0.7517915246935645),
        1e-2,
    ),
    "gamma(x)": (mp.gamma, slope, spread(-168, 170, *NEAR_POLES, *ZEROS[:2]), 0),
    "factorial(x)": (
        lambda x: mp.gamma(x + 1),
        lambda x: slope(x + 1),
        spread(-168, 169, *NEAR_POLES[:4], -171.3),
        0,
    ),
    "lgamma(x)": (
        ln_gamma,
        mp.digamma,
        spread(-30, 30, *NEAR_POLES, *ZEROS, 3e5, -3000.3),
        1,
    ),
    "digamma(x)": (
        mp.digamma,
        lambda x: polygamma(1, x),
        spread(-30, 30, *NEAR_POLES, *ZEROS, 1e9, 1e200, -1e12 - 0.25),
        1,
    ),
    "sinc(x)": (
        mp.sinc,
        lambda x: sinc_n(1, x),
        spread(-9, 9, 4.493409457909064, 1e9, 1e-200),
        1e-2,
    ),
    **{
        f"polygamma({n}, x)": (
            partial(polygamma, n),
            partial(polygamma, n + 1),
            # Powers of x next to 0 overflow.
            [
                x
                for x in spread(-25, 25, *NEAR_POLES, 1e9, 1e20)
                if not 0 < abs(x) < 1e-9
            ],
            size,
        )
        for n, size in ((0, 1), (2, 1), (4, 1e3))
    },
    **{
        f"sinc_n({n}, x)": (
            partial(sinc_n, n),
            partial(sinc_n, n + 1),
            spread(-9, 9, 1e9, 1e-200),
            1e-2,
        )
        for n in (0, 2, 4)
    },
}


@pytest.mark.parametrize("dialect", ENGINES)
@pytest.mark.parametrize("text", DIGITS)
def test_digits_of_special_functions(dialect, text):
    *functions, points, size = DIGITS[text]
    _, result = run(dialect, sql(text, dialect), ["x"], [[x] for x in points])
    with mp.workdps(50):
        for x, *row in result:
            for function, y in zip(functions, row, strict=True):
                try:
                    z = function(mpf(x))
                except ValueError:  # a pole
                    assert y is None, (x, y)
                    continue
                error = 3e-13 * max(abs(z), size) + 1e-305
                assert y is not None and abs(y - z) <= error, (x, y, z)


@pytest.mark.parametrize("dialect", ENGINES)
@pytest.mark.parametrize("text", ["factorial(x)", "x*gamma(x)"])
def test_factorials_are_whole_numbers(dialect, text):
    rows = [[float(n)] for n in range(1, 18)]
    _, result = run(dialect, sql(text, dialect), ["x"], rows)
    assert [row[1] for row in result] == [math.factorial(n) for n in range(1, 18)]
