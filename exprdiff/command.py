"""The command line as click has it: options, and what is done with them."""

import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from math import prod
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from . import __version__, asking, files, streams
from .cli import COMPLETE, answer
from .errors import (
    CheckFailed,
    DomainError,
    MissingValues,
    PointError,
    UnknownVariable,
    UsageError,
    shorten,
    visible,
)
from .expression import UNCERTAIN, Expression, measured, value
from .render import FORMATS, MOST_POINTS, Grid, draw, format_of, render, table
from .run import HIGHEST, Asked, Run
from .style import CHOICES, Style, has_color
from .words import (
    Option,
    VariableCommand,
    as_variable,
    either,
    meant,
    one_of,
    only,
)

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: The most characters that the names have in a command that is suggested.
LONGEST_LINE = 400

#: The most significant digits that a double has, and those of --digits.
PRECISION, MOST_DIGITS = 17, 100_000

#: The formats that --worksheet makes exercises of: tables in documents.
SHEETS = [
    n for n, about in FORMATS.items() if about.shows == "tables" and about.suffixes
]

#: The choices of --completion, --on-error, --check and --dialect.
SHELLS, ON_ERROR = ("bash", "zsh", "fish"), ("fail", "skip", "null")
CHECKS, DIALECTS = ("exact", "float"), ("duckdb", "spark", "postgres", "sqlite")
ENGINES = ("duckdb", "spark")


def _starting(
    words: Iterable[str], ctx: click.Context, param: click.Parameter, start: str
) -> list[str]:
    """The words that begin as the unfinished one does, for completion."""
    return [word for word in words if word.startswith(start)]


def _variables(ctx: click.Context, param: click.Parameter, start: str) -> list[str]:
    """The lists of variables that begin as the unfinished one does, for completion."""
    before, comma, name = start.rpartition(",")
    taken = before.split(",")
    names = [name for name in command.variables(ctx) if name not in taken]
    return [before + comma + word for word in _starting(names, ctx, param, name)]


def _files(ctx: object, param: object, start: str) -> "list[CompletionItem]":
    """What has the shell complete the name of a file."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(start, type="file")]


in_input = partial(click.option, cls=Option, group="Input")
in_variables = partial(click.option, cls=Option, group="Variables")
in_derivatives = partial(click.option, cls=Option, group="Derivatives")
in_output = partial(click.option, cls=Option, group="Output")
in_more = partial(click.option, cls=Option, group="More")


@click.command(cls=VariableCommand, context_settings={"help_option_names": []})
@click.argument("expression", nargs=-1)
@in_input(
    "--file",
    metavar="FILE",
    shell_complete=_files,
    help="Read the expression from FILE; from standard input, if FILE or EXPRESSION"
    " is a -.",
)
@in_input(
    "--each",
    is_flag=True,
    help="Read a point from each line of standard input, and print a row for it. A line"
    ' is x1=2 x2=5, or {"x1": 2, "x2": 5}, or a row of a CSV with names in its first.',
)
@in_input(
    "--table",
    metavar="FILES",
    shell_complete=_files,
    help="Add the value and the derivatives to the rows of a table whose columns are"
    " the variables: CSV, TSV, JSON lines, Parquet or Arrow, of several files with a"
    " pattern in quotes, or on standard input, if FILES is a -.",
)
@in_input(
    "--on-error",
    metavar="WHAT",
    shell_complete=partial(_starting, ON_ERROR),
    help="At a point without a result: fail (the default with --each), skip it, or"
    " null, a row without its numbers (the default in a sweep and a table).",
)
@in_variables(
    "-s",
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="The same as --NAME VALUE; for a variable with the name of an option, the"
    " only way.",
)
@in_variables(
    "--correlation",
    "correlations",
    multiple=True,
    metavar="NAMES=R",
    help="The correlation coefficient of two variables with uncertainties, as"
    " x1,x2=0.5.",
)
@in_derivatives(
    "--wrt",
    metavar="NAMES",
    shell_complete=_variables,
    help="Differentiate only with respect to these variables, as x1,x2.",
)
@in_derivatives(
    "--forward",
    metavar="DIRECTION",
    shell_complete=_variables,
    help="Differentiate in forward mode, along a variable, as x1, or a direction, as"
    " x1=1,x2=-2.",
)
@in_derivatives(
    "--hessian",
    is_flag=True,
    help="Give the derivative in each pair of variables as well.",
)
@in_derivatives(
    "--order",
    metavar="N",
    help="Give the derivatives in the one variable up to order N, at most 100, and the"
    " Taylor coefficients.",
)
@in_derivatives(
    "--digits",
    metavar="N",
    help="Calculate with as many digits as it takes for N of the value and of every"
    " derivative to be certain, and print these; values count as they are written.",
)
@in_derivatives(
    "--check",
    metavar="[float]",
    words=CHECKS,
    shell_complete=partial(_starting, CHECKS[1:]),
    help="Compare every derivative with central differences of many digits; with float,"
    " show how far differences in doubles are off, for one step after the other.",
)
@in_output(
    "--explain",
    metavar="NODE",
    help="Tell where the numbers of one node come from: its rule, its operands, and"
    " what each of its users passes on to it. NODE is its text, as x1*x2, or its number"
    " in the trace.",
)
@in_output(
    "--worksheet",
    is_flag=True,
    help="Make an exercise of the tables of --format markdown (the default),"
    " latex-steps or html, with blanks to fill in.",
)
@in_output("--key", is_flag=True, help="Make the worksheet with the answers in it.")
@in_output(
    "--format",
    metavar="FORMAT",
    shell_complete=partial(_starting, FORMATS),
    help="What to print, as below; by default trace, and csv for a table.",
)
@in_output(
    "--dialect",
    metavar="SQL",
    shell_complete=partial(_starting, DIALECTS),
    help="Whose SQL --format sql is: duckdb (the default), spark, postgres or sqlite.",
)
@in_output(
    "--prefix",
    metavar="TEXT",
    help="What the names of the columns begin with that --table adds.",
)
@in_output(
    "--engine",
    metavar="NAME",
    shell_complete=partial(_starting, ENGINES),
    help="What runs --table: duckdb (the default), in this process, or spark, on a"
    " cluster, from Parquet to Parquet.",
)
@in_output(
    "--master",
    metavar="URL",
    help="The cluster of --engine spark; by default this machine, local[*].",
)
@in_output(
    "--precision",
    metavar="DIGITS",
    help="Round to so many significant digits, from 1 to 17.",
)
@in_output(
    "-o",
    "--output",
    metavar="FILE",
    shell_complete=_files,
    help="Write to FILE, which is replaced as a whole and only when all went well. Its"
    " suffix tells the format: "
    + " ".join(dict.fromkeys(x for about in FORMATS.values() for x in about.suffixes))
    + ".",
)
@in_output(
    "--color",
    metavar="WHEN",
    default="auto",
    shell_complete=partial(_starting, CHOICES),
    help="When there is colour: auto (on a terminal, the default), always or never.",
)
@in_more(
    "--functions",
    is_flag=True,
    help="Print the table of functions and operators, with their derivatives.",
)
@in_more(
    "--completion",
    metavar="SHELL",
    shell_complete=partial(_starting, SHELLS),
    help="Print the completion of options and variables for bash, zsh or fish.",
)
@in_more("--version", is_flag=True, help="Print the version.")
@in_more("-h", "--help", is_flag=True, help="Print this help.")
@click.pass_context
def command(
    ctx: click.Context,
    expression: tuple[str, ...],
    file: str | None,
    each: bool,
    table: str | None,
    on_error: str | None,
    settings: tuple[str, ...],
    correlations: tuple[str, ...],
    wrt: str | None,
    forward: str | None,
    hessian: bool,
    order: str | None,
    digits: str | None,
    check: str | None,
    explain: str | None,
    worksheet: bool,
    key: bool,
    format: str | None,
    dialect: str | None,
    prefix: str | None,
    engine: str | None,
    master: str | None,
    precision: str | None,
    output: str | None,
    color: str,
    functions: bool,
    completion: str | None,
    version: bool,
    help: bool,
) -> None:
    """Print the value of EXPRESSION, every step to it, and its derivative with respect
    to every variable.

    A VALUE is a number or a constant expression, with an uncertainty as 2.0±0.1, or
    LO:HI:COUNT for COUNT numbers from LO to HI. Quote the EXPRESSION; one that reads as
    an option (--x, -s, -h) goes last, after a "--".
    """
    if about := _about(functions, completion, version, help):
        with files.output(output) as write:
            write(about)
        return
    worksheet = worksheet or key
    texts = asking.texts(settings)
    text = _text(ctx, expression, file, "--each" * each or "--table" * (table == "-"))
    direction = None if forward is None else asking.direction(forward)
    asked = Asked(
        wrt=None if wrt is None else asking.names(wrt),
        direction=direction and {x: value(x, part) for x, part in direction.items()},
        hessian=hessian,
        correlations=asking.correlations(correlations),
    )
    formula = Expression(text, [*texts, *(asked.wrt or ()), *(direction or ())])
    names = formula.variables
    if table is not None:
        ctx.exit(_rows_of_files(ctx, formula, asked.wrt, texts))
    for option, given in ("prefix", prefix), ("engine", engine), ("master", master):
        if given is not None:
            hint = as_variable(option) if option in names else ""
            raise UsageError(f"--{option} goes with --table{hint}")
    if order is not None:
        asked.order = asking.whole("--order", order, HIGHEST, names)
    certain = 0
    if digits is not None:
        certain = asking.whole("--digits", digits, MOST_DIGITS, names)
    swept = [name for name, text in texts.items() if ":" in text]
    many = each or bool(swept)
    if explain is not None and many:
        raise UsageError("--explain is for one point")
    if explain is not None and (format is not None or worksheet):
        odd = "--format" if format else "--key" if key else "--worksheet"
        raise UsageError(f"--explain has a text of its own; leave {odd} out")
    if explain is not None and format_of(output):
        raise UsageError(
            f"--explain gives plain text, which '{shorten(output or '')}' is not"
        )
    if format is None and explain is not None:
        format = "steps"
    elif format is None:
        format = asking.format(output, many, worksheet)
    one_of("--format", format, FORMATS, names)
    one_of("--color", color, CHOICES, names)
    if check is not None:
        one_of("--check", check, CHECKS, names)
    if on_error is not None:
        one_of("--on-error", on_error, ON_ERROR, names)
        if not many:
            raise UsageError("--on-error is for many points: --each, or a sweep")
    if worksheet and format not in SHEETS:
        raise UsageError(
            f"--{'key' if key else 'worksheet'} does not go with --format {format};"
            f" use {either(SHEETS)}"
        )
    if dialect is not None:
        one_of("--dialect", dialect, DIALECTS, names)
        if format != "sql":
            raise UsageError("--dialect goes with --format sql")
    style = Style(color=output in (None, "-") and has_color(sys.stdout, color))
    if precision is not None:
        style.precision = asking.whole("--precision", precision, PRECISION, names)
    program = FORMATS[format].shows == "program"
    asked.whole = FORMATS[format].whole
    _check(ctx, formula, texts, each or program)
    asking.check_format(format, each, swept)
    fixed = [name for name in texts if name not in swept]
    numbers = {}
    if not certain:  # of which doubles could lose some
        numbers = {name: measured(name, texts[name]) for name in fixed}
    elif any(UNCERTAIN.search(text) for text in texts.values()):
        raise UsageError("--digits and an uncertainty do not go together")
    uncertainties = {name: u for name, (_, u) in numbers.items() if u is not None}
    asked.uncertain = bool(uncertainties)
    asking.check_uncertain(asked, uncertainties, each)
    asking.check_asked(asked, format, certain, check, explain, style.precision, many)
    calculation = Run(formula, asked)
    if format == "value":
        calculation = Run(formula, Asked(wrt=[]))
    calculation.values = {name: number for name, (number, _) in numbers.items()}
    calculation.uncertainties = uncertainties
    say = partial(streams.say, style=ctx.obj)
    status = 0
    if many:
        status = _table(calculation, texts, swept, format, output, on_error, say, style)
    else:
        if program:
            shown = _program(calculation, say, format, dialect, style)
        elif certain:
            status, shown = _certain(
                calculation, texts, direction, certain, say, format, style
            )
        elif check:
            status, shown = _checked(calculation, check, say, format, style)
        elif explain is not None:
            shown = answer(calculation, say, "explain", style, explain)
        elif worksheet:
            kind = "answers" if key else "questions"
            shown = answer(calculation, say, format, style, kind)
        else:
            shown = answer(calculation, say, format, style)
        with files.output(output) as write:
            write(shown)
    ctx.exit(status)


def _rows_of_files(
    ctx: click.Context,
    formula: Expression,
    wrt: Collection[str] | None,
    texts: Mapping[str, str],
) -> int:
    """Add the results of a formula to the rows of a table, and return the exit status.

    Args:
        ctx: it has the options.
        formula: the formula.
        wrt: the names of variables whose derivatives are asked for.
        texts: the values of those that the table lacks.
    """
    from . import tables

    given, names = ctx.params, formula.variables
    asking.check_table(_given(ctx), names)
    engine = one_of("--engine", given["engine"] or ENGINES[0], ENGINES, names)
    if given["master"] is not None and engine != "spark":
        raise UsageError("--master goes with --engine spark")
    on_error = one_of("--on-error", given["on_error"] or "null", ON_ERROR, names)
    if given["format"] is not None:
        one_of("--format", given["format"], tables.FORMATS, names)
    one_of("--color", given["color"], CHOICES, names)
    _check(ctx, formula, texts, True)
    task = tables.Task(
        formula,
        wrt,
        {name: asking.fixed(name, text) for name, text in texts.items()},
        given["table"],
        given["output"],
        given["format"],
        given["prefix"] or "",
        on_error,
        partial(streams.say, style=ctx.obj),
    )
    return tables.run(task, engine, given["master"])


def _table(
    run: Run,
    texts: Mapping[str, str],
    swept: Collection[str],
    format: str,
    output: str | None,
    on_error: str | None,
    say: Callable[[str, str], None],
    style: Style,
) -> int:
    """Write what a formula has at many points, and return the exit status."""
    from .rows import Rows, sweep

    formula, each = run.formula, not swept
    sweeps = {name: sweep(name, texts[name]) for name in swept}
    if format == "plot" and prod(axis.size for axis in sweeps.values()) > MOST_POINTS:
        raise UsageError(f"a plot has no more than {MOST_POINTS:,} points")
    if on_error is None:
        on_error = "fail" if each else "null"
    for note in formula.notes:
        say("note", note)
    gaps = format == "plot" and on_error == "skip"
    rows = Rows(run, "null" if gaps else on_error, say)
    points = rows.of_lines(streams.lines()) if each else rows.of_grid(sweeps)
    with files.output(output) as write:
        if format == "plot":
            axes = {name: axis.numbers() for name, axis in sweeps.items()}
            write(draw(Grid(formula.text, axes, rows.nowhere(), points), output, style))
        else:
            for row in table(points, rows.nowhere, format, style):
                write(row)
    rows.summary("note" if on_error == "skip" else "error")
    return PointError.exit_status if rows.failed and on_error != "skip" else 0


def _certain(
    run: Run,
    texts: Mapping[str, str],
    direction: Mapping[str, str] | None,
    digits: int,
    say: Callable[[str, str], None],
    format: str,
    style: Style,
) -> tuple[int, str]:
    """The exit status, and the text of values and derivatives of so many digits."""
    from .digits import certify

    result = certify(run.formula, texts, digits, run.asked.wrt, direction)
    for note in (*run.formula.notes, *result.notes):
        say("note", note)
    for problem in result.problems:
        say("error", str(problem))
    status = 0 if result.certain else DomainError.exit_status
    return status, render(result, format, style)


def _checked(
    run: Run, check: str, say: Callable[[str, str], None], format: str, style: Style
) -> tuple[int, str]:
    """The exit status, and the text of derivatives beside difference quotients."""
    from . import check as checks
    from .render import check as shows

    point = run.point()
    for note in (*run.formula.notes, *point.notes):
        say("note", note)
    if check == "float":
        tables = checks.tables(run.formula, run.values, point.jacobian)
        return 0, shows.tables(list(tables), format, style)
    found = list(checks.compare(run.formula, run.values, point.jacobian))
    status = 0
    for one in found:
        if not one.good:
            status = CheckFailed.exit_status
            which = f" of f{one.output}" if run.formula.outputs > 1 else ""
            say(
                "error",
                f"the derivative{which} in {shorten(one.name)} agrees with central"
                f" differences to {one.digits} digits only, less than {checks.ENOUGH}",
            )
    return status, shows.render(found, format, style)


def _program(
    run: Run,
    say: Callable[[str, str], None],
    format: str,
    dialect: str | None,
    style: Style,
) -> str:
    """The text of what a formula and its derivatives are at any point."""
    program = run.formula.program(run.asked.wrt, run.asked.hessian)
    for note in run.formula.notes:
        say("note", note)
    if dialect is not None:
        from .render import sql

        return sql.render(program, style, dialect)
    return render(program, format, style)


def run(args: list[str], style: Style) -> int:
    """Do what the words of the command line say, and return the exit status.

    Args:
        args: the words after the command's name.
        style: that of messages.
    """
    if asked := os.environ.get(COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(command, {}, "exprdiff", COMPLETE, asked)
    try:
        with command.make_context("exprdiff", args, obj=style) as ctx:
            command.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        streams.say("error", visible(error.format_message()), style)
        return error.exit_code
    return 0


def _about(functions: bool, shell: str | None, version: bool, help: bool) -> str:
    """What there is to say of the command itself, if that is asked for."""
    if help:
        from .manual import summary

        return summary(command)
    if version:
        return f"exprdiff {__version__}\n"
    if shell is not None:
        from click.shell_completion import get_completion_class

        completion = get_completion_class(one_of("--completion", shell, SHELLS))
        assert completion
        return completion(command, {}, "exprdiff", COMPLETE).source()
    if functions:
        from .reference import table

        return table()
    return ""


def _text(
    ctx: click.Context, expressions: tuple[str, ...], file: str | None, points: str
) -> str:
    """The text of the expression, a word or in a file.

    Args:
        ctx: the context.
        expressions: the words that are neither options nor their values.
        file: the name of the file, or "-".
        points: the option that has standard input, if one has.
    """
    if file is None:
        text = only(expressions, ctx)
        if text != "-":
            return text.removeprefix("\ufeff")
        file = "-"
    elif expressions:
        given = shorten(expressions[0])
        raise UsageError(f"the expression is given twice, as '{given}' and in a --file")
    if file == "-" and points:
        raise UsageError(
            f"standard input has the points of {points}; put the expression into a"
            " --file"
        )
    return streams.read_text(file)


def _check(
    ctx: click.Context, formula: Expression, texts: Mapping[str, str], each: bool
) -> None:
    """Make sure that all variables, and nothing else, have a value or will have one."""
    try:
        formula.check(texts)
    except UnknownVariable as error:
        if not error.suggested:
            error.message += meant(f"--{error.name}", command.takes_value())
        raise
    except MissingValues as error:
        if each:
            return
        point = {name: texts.get(name, "VALUE") for name in formula.variables}
        if sum(map(len, point)) > LONGEST_LINE:
            raise
        line = _command_line(ctx, formula.text, point)
        raise UsageError(f"{error.message}; type\n  {line}") from None


def _given(ctx: click.Context) -> list[Option]:
    """The options that the command line has."""
    return [
        param
        for param in command.params
        if isinstance(param, Option)
        and ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
    ]


def _command_line(ctx: click.Context, expression: str, texts: dict[str, str]) -> str:
    """The command as it was given, but with these values of the variables."""
    from shlex import quote

    own = command.takes_value()
    words = [
        f"--set {quote(f'{name}={text}')}"
        if f"--{name}" in own
        else f"--{name}{'=' if text.startswith('--') else ' '}{quote(text)}"
        for name, text in texts.items()
    ]
    for param in _given(ctx):
        if param.name != "settings":
            given = ctx.params[param.name or ""]
            for value in given if param.multiple else [given]:
                text = "" if param.is_flag else f" {quote(value)}"
                words.append(param.opts[0] + text)
    if len(expression) < 200 and not re.search("[\n#]", expression):
        expression = " ".join(expression.split())
    else:
        expression = "EXPRESSION"
    if ctx.params["file"] is not None:
        pass  # which is among the options
    elif expression.startswith("--") or expression in own:
        words.append("-- " + quote(expression))
    else:
        words.insert(0, quote(expression))
    return visible(" ".join(["exprdiff", *words]))
