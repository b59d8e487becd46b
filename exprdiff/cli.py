"""The command line, and no mathematics."""

import os
import re
import sys
from collections.abc import Collection, Iterable
from typing import TextIO

import click

from . import __version__
from .errors import (
    ExprdiffError,
    FileError,
    MissingValues,
    UnknownVariable,
    UsageError,
    did_you_mean,
    nearest,
    normalize,
    shorten,
    visible,
)
from .expression import Expression, constant
from .render import FORMATS, render

#: Exit statuses as shells count them: after an interrupt, and after a pipe was closed.
INTERRUPTED, PIPE_CLOSED = 130, 141

#: The most characters that the names have in a command that is suggested.
LONGEST_LINE = 400


class VariableCommand(click.Command):
    """A command that takes ``--NAME VALUE`` for any name besides its own options.

    Which names there are shows only when the expression is parsed, so whatever is no
    option of the command is passed on as ``--set NAME=VALUE``. What is no option at
    all is the expression, even if it begins with a minus.
    """

    def takes_value(self, ctx: click.Context) -> dict[str, bool]:
        """The command's own options, and whether they take a value."""
        return {
            spelling: not (param.is_flag or param.count)
            for param in self.get_params(ctx)
            if isinstance(param, click.Option)
            for spelling in param.opts
        }

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Sort args into options and expressions, and have click parse them.

        Raises:
            UsageError: a variable's option has no value, or an option is misspelt.
        """
        takes_value = self.takes_value(ctx)
        options: list[str] = []
        expressions: list[str] = []
        words = args[::-1]
        while words:
            word = words.pop()
            option, equals, value = word.partition("=")
            long, name = option.startswith("--"), normalize(option[2:])
            if word == "--":
                expressions += words[::-1]
                break
            if word in takes_value or (long and option in takes_value):
                options.append(word)
                if takes_value[option] and not equals:
                    options.append(_next_word(option, words))
                elif equals and not takes_value[option]:
                    message = f"{option} takes no value{_as_variable(name)}"
                    raise UsageError(message)
            elif long and name.isidentifier():
                if not equals:
                    value = _next_word(option, words)
                options += ["--set", f"{name}={value}"]
            elif re.match(r"--[^\W\d]", word):
                raise UsageError(
                    f"there is no option {shorten(option)}"
                    f"{did_you_mean(option, takes_value)}"
                    ' (an expression that begins with "--" goes after a "--")'
                )
            elif equals and takes_value.get(option[:2]) and option[2:].isidentifier():
                options += [word[:2], word[2:]]
            else:
                expressions.append(word)
        return super().parse_args(ctx, [*options, "--", *expressions])


@click.command(
    cls=VariableCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.argument("expression", nargs=-1, metavar="EXPRESSION [--NAME VALUE]...")
@click.option(
    "-s",
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="The value of a variable; for one with the name of an option, the only way.",
)
@click.option(
    "--format",
    default="trace",
    metavar="FORMAT",
    help="What to print: "
    + "; ".join(f"{name}, {meaning}" for name, meaning in FORMATS.items())
    + ".",
)
@click.option(
    "--wrt",
    metavar="NAMES",
    help="With respect to which variables: x1,x2; by default all.",
)
@click.option(
    "--functions",
    is_flag=True,
    help="Print the table of functions and operators, with their derivatives.",
)
@click.version_option(__version__, prog_name="exprdiff", message="%(prog)s %(version)s")
@click.pass_context
def command(
    ctx: click.Context,
    expression: tuple[str, ...],
    settings: tuple[str, ...],
    format: str,
    wrt: str | None,
    functions: bool,
) -> str:
    """Print the value of EXPRESSION, every step to it, and its derivative with
    respect to every variable.

    \b
      exprdiff "ln(x1)+x1*x2" --x1 2 --x2 5
      exprdiff "sigmoid(a-b)^2" --a pi/4 --b=-1e-3 --format json

    A VALUE is a number or a constant expression. Quote the EXPRESSION; one that
    reads as an option (--x, -s, -h) goes last, after a "--".
    """
    if functions:
        from .reference import table

        return table()
    texts = _texts(settings)
    formula = Expression(_only(expression), texts)
    if format not in FORMATS:
        message = f"--format takes {_or(FORMATS)}, not '{shorten(format)}'"
        hint = _as_variable("format") if "format" in formula.variables else ""
        raise UsageError(message + hint)
    own = command.takes_value(ctx)
    try:
        formula.check(texts)
    except UnknownVariable as error:
        near = nearest(error.name, (option.lstrip("-") for option in own))
        if near and not error.suggested:
            error.message += f"; did you mean the option --{near[0]}?"
        raise
    except MissingValues as error:
        point = {name: texts.get(name, "VALUE") for name in formula.variables}
        if sum(map(len, point)) > LONGEST_LINE:
            raise
        line = _command_line(formula.text, point, format, wrt, own)
        raise UsageError(f"{error.message}; type\n  {line}") from None
    values = {name: _value(name, text) for name, text in texts.items()}
    trace = formula.trace(None if wrt is None else _names(wrt), **values)
    output = render(trace, format)
    for note in trace.notes:
        _say(f"note: {note}")
    return output


def main(args: list[str] | None = None) -> None:
    """Run the command line, and exit with its status.

    Args:
        args: the words after the command's name; by default those of this process.
    """
    if args is None:
        # Whatever the locale says, shells and files are in UTF-8.
        args = [
            os.fsencode(word).decode("utf-8", "surrogateescape")
            for word in sys.argv[1:]
        ]
    try:
        if sys.stdout is None:
            raise OSError(None, "it is closed")
        with command.make_context("exprdiff", args) as ctx:
            _write(sys.stdout, command.invoke(ctx))
        status = 0
    except click.exceptions.Exit as end:
        status = end.exit_code
    except ExprdiffError as error:
        status = _fail(str(error), error.exit_status)
    except click.ClickException as error:
        status = _fail(visible(error.format_message()), error.exit_code)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        status = PIPE_CLOSED
    except OSError as error:
        status = _fail(
            f"cannot write the output: {error.strerror}", FileError.exit_status
        )
    if status in (PIPE_CLOSED, FileError.exit_status):
        _forget(1)
    sys.exit(status)


def _next_word(option: str, words: list[str]) -> str:
    """Take the value of an option off the words that are left, the next one last."""
    if not words or re.match(r"--($|[^\W\d])", words[-1]):
        raise UsageError(f"{shorten(option)} needs a value after it")
    return words.pop()


def _only(expressions: tuple[str, ...]) -> str:
    """The one expression of the command line."""
    if not expressions:
        raise UsageError(
            'no expression; type one, as in: exprdiff "x^2" --x 3 (or exprdiff --help)'
        )
    if len(expressions) > 1:
        given = ", ".join(f"'{shorten(word)}'" for word in expressions[:3])
        more = ", …" if len(expressions) > 3 else ""
        raise UsageError(
            f"more than one expression: {given}{more}; quote the whole of it"
        )
    return expressions[0]


def _texts(settings: tuple[str, ...]) -> dict[str, str]:
    """The text of each variable's value."""
    texts: dict[str, str] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = normalize(name.strip())
        if not equals or not name.isidentifier():
            hint = "" if equals else _as_variable("set")
            raise UsageError(f"--set takes NAME=VALUE, not {shorten(setting)}{hint}")
        if name in texts:
            both = f"{shorten(texts[name])} and {shorten(text)}"
            raise UsageError(
                f"{shorten(name)} is given two values, {both}; give it one"
            )
        texts[name] = text
    return texts


def _names(wrt: str) -> list[str]:
    """The names in the value of --wrt."""
    names = [name.strip() for name in wrt.split(",")]
    if "" in names:
        raise UsageError(f"--wrt takes names, as x1,x2, not '{shorten(wrt)}'")
    return names


def _value(name: str, text: str) -> int | float:
    """The number that a variable's text stands for."""
    try:
        return constant(text)
    except UsageError as error:
        message = f"cannot read the value of {shorten(name)}: {error.message}"
        raise UsageError(message, error.text, error.span) from None


def _as_variable(name: str) -> str:
    """The hint for who means a variable that has the name of an option."""
    return f"; for a variable named {name} write --set {name}=VALUE"


def _command_line(
    expression: str,
    texts: dict[str, str],
    format: str,
    wrt: str | None,
    own: Collection[str],
) -> str:
    """The command that gives these variables these values; own are the real options."""
    from shlex import quote

    words = [
        f"--set {quote(f'{name}={text}')}"
        if f"--{name}" in own
        else f"--{name}{'=' if text.startswith('--') else ' '}{quote(text)}"
        for name, text in texts.items()
    ]
    if format != "trace":
        words.append(f"--format {format}")
    if wrt is not None:
        words.append(f"--wrt {quote(wrt)}")
    if len(expression) < 200 and not re.search("[\n#]", expression):
        expression = " ".join(expression.split())
    else:
        expression = "EXPRESSION"
    if expression.startswith("--") or expression in own:
        words.append("-- " + quote(expression))
    else:
        words.insert(0, quote(expression))
    return visible(" ".join(["exprdiff", *words]))


def _or(words: Iterable[str]) -> str:
    *all_but_last, last = words
    return f"{', '.join(all_but_last)} or {last}"


def _fail(message: str, status: int) -> int:
    _say(f"error: {message}")
    return status


def _say(message: str) -> None:
    """Put a message on standard error, if there is anybody to read it."""
    if sys.stderr is not None:
        try:
            _write(sys.stderr, f"exprdiff: {message}\n")
        except OSError:
            _forget(2)


def _forget(descriptor: int) -> None:
    """Let nothing come of what a stream has left in its buffer.

    The interpreter flushes it at its end, and would fail on it again.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _write(stream: TextIO, text: str) -> None:
    """Write text as UTF-8, whatever the locale is."""
    rest = memoryview(text.encode("utf-8", "backslashreplace"))
    while rest:  # an unbuffered stream may take a part only
        written = stream.buffer.write(rest)
        if written is None:
            raise BlockingIOError(None, "it takes no more at the moment")
        rest = rest[written:]
    stream.flush()
