"""How the command line begins and ends, and the plain call, which needs no click."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .run import Run
    from .style import Style

#: Exit statuses as shells count them: after an interrupt, and after a pipe was closed.
INTERRUPTED, PIPE_CLOSED = 130, 141

#: The environment's variable in which a shell asks for completions.
COMPLETE = "_EXPRDIFF_COMPLETE"

#: The options whose names a variable could have as well.
OWN = {
    *("file", "each", "table", "set", "correlation", "wrt", "forward", "hessian"),
    *("order", "digits", "check", "explain", "worksheet", "key", "format", "dialect"),
    *("prefix", "engine", "master", "precision", "output", "color"),
    *("functions", "completion", "version", "help"),
}


def main(args: list[str] | None = None) -> None:
    """Run the command line, and exit with its status.

    Args:
        args: the words after the command's name; by default those of this process.
    """
    try:
        if args is None:
            # Whatever the locale says, shells and files are in UTF-8.
            args = [
                os.fsencode(word).decode("utf-8", "surrogateescape")
                for word in sys.argv[1:]
            ]
        status = _run(args)
    except KeyboardInterrupt:
        status = INTERRUPTED
        if sys.stderr is not None and sys.stderr.isatty():
            _end_as_interrupted()
    sys.exit(status)


def _run(args: list[str]) -> int:
    """Do what args say, and return the exit status.

    What is imported, here and further on, is imported where an interrupt is caught.
    """
    from . import streams
    from .errors import ExprdiffError, FileError
    from .style import Style, has_color

    style = Style(color=has_color(sys.stderr, _color(args)))
    say = partial(streams.say, style=style)
    status = 0
    try:
        plain = None if os.environ.get(COMPLETE) else _plain(args, say)
        if plain is None:
            from .command import run

            status = run(args, style)
        elif isinstance(plain, int):
            status = plain
        else:
            streams.write(plain)
    except ExprdiffError as error:
        status = error.exit_status
        say("error", str(error))
    except BrokenPipeError:
        status = PIPE_CLOSED
    except OSError as error:
        status = FileError.exit_status
        say("error", f"cannot write the output: {error.strerror}")
    except MemoryError:
        status = FileError.exit_status
        say("error", "there is not enough memory for this")
    if status in (PIPE_CLOSED, FileError.exit_status):
        streams.forget(1)
    return status


def _plain(args: list[str], say: Callable[[str, str], None]) -> str | int | None:
    """What a call of the form EXPRESSION --NAME NUMBER ... prints.

    It may have a --format of one point; or a --table that goes to a file, and the
    result is the exit status. Of any other call, and of one whose usage is wrong, the
    result is None; these are for click.
    """
    from .errors import UsageError, normalize
    from .expression import NUMBER, Expression, value
    from .render import FORMATS
    from .run import Asked, Run
    from .style import Style, has_color

    text, *words = args or [""]
    if not text or text.startswith("-") or len(words) % 2:
        return None
    texts: dict[str, str] = {}
    formats, files = [], {}
    for option, word in zip(words[::2], words[1::2], strict=True):
        name = normalize(option[2:])
        if option == "--format" and word in FORMATS:
            formats.append(word)
        elif option in ("--table", "-o") and option not in files and word != "-":
            files[option] = word
        elif option.startswith("--") and name.isidentifier() and name not in OWN:
            if name in texts or not NUMBER.fullmatch(word):
                return None
            texts[name] = word
        else:
            return None
    text = text.removeprefix("\ufeff")
    if files:
        return None if formats else _plain_table(text, texts, files, say)
    (format,) = formats[-1:] or ["trace"]
    if FORMATS[format].shows in ("program", "sweep"):
        return None
    try:
        formula = Expression(text, texts)
        formula.check(texts)
        values = {name: value(name, number) for name, number in texts.items()}
        style = Style(color=has_color(sys.stdout, "auto"))
        asked = Asked([] if format == "value" else None, whole=FORMATS[format].whole)
        run = Run(formula, asked)
        run.values = values
        return answer(run, say, format, style)
    except UsageError:
        return None


def _plain_table(
    text: str,
    texts: dict[str, str],
    files: dict[str, str],
    say: Callable[[str, str], None],
) -> int | None:
    """The exit status of a call of the form EXPRESSION --table FILES -o FILE ..."""
    from .errors import UsageError
    from .expression import Expression, value
    from .tables import Task, run

    if len(files) < 2:
        return None
    try:
        formula = Expression(text, texts)
        formula.check([*formula.variables, *texts])
        fixed = {name: value(name, number) for name, number in texts.items()}
    except UsageError:
        return None
    source, output = files["--table"], files["-o"]
    task = Task(formula, None, fixed, source, output, None, "", "null", say)
    return run(task, "duckdb")


def answer(
    run: Run, say: Callable[[str, str], None], format: str, style: Style, *how: str
) -> str:
    """The text of what a formula has at one point, of which the notes are said.

    Args:
        run: that of the formula, with its values.
        say: takes the kind of a message, and the message.
        format: one of those of a point.
        style: how numbers look.
        how: what else the format takes.
    """
    from .render import FORMATS, render

    nodes = run.asked.whole or FORMATS[format].shows == "trace"
    result = run.trace() if nodes else run.point()
    result.notes[:0] = run.formula.notes
    shown = render(result, format, style, *how)
    for note in result.notes:
        say("note", note)
    return shown


def _end_as_interrupted() -> None:
    """End by the interrupt itself, which a loop in the shell ends with as well."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


def _color(args: list[str]) -> str:
    """When messages are coloured, which has to be known before args are understood."""
    from .style import CHOICES

    choice = "auto"
    for word, following in zip(args, [*args[1:], ""], strict=False):
        option, equals, given = word.partition("=")
        if option == "--color":
            choice = given if equals else following
    return choice if choice in CHOICES else "auto"
