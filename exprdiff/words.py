"""The words of a command line: which are options, variables and the expression."""

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import click

from .errors import (
    ExprdiffError,
    UsageError,
    did_you_mean,
    nearest,
    normalize,
    shorten,
)

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: Where a context has the words that have become values of variables, by their options.
SWALLOWED = "exprdiff.swallowed"

#: What to type for a start, and what it shows.
EXAMPLES = {
    'exprdiff "ln(x1)+x1*x2" --x1 2 --x2 5': "every step and the gradient",
    'exprdiff "x^3" --x 1/3 --format json': "the same for a program",
    'exprdiff "exp(-x)*sin(x)" --x 0:pi:9': "a table, at nine points",
    "seq 1 5 | sed s/^/x=/ | exprdiff x^2 --each": "a row for each line",
    'exprdiff "exp(-x)*sin(x)" --x 0:9:99 -o wave.svg': "a figure",
    'exprdiff "x*sin(y)" --x 2 --y 5 -o lesson.html': "a page for class",
}


class Option(click.Option):
    """An option, with the heading that it stands under in help.

    Args:
        group: the heading.
        words: the values that it may be given or not; without one it has the first.
    """

    def __init__(
        self, *args: Any, group: str, words: tuple[str, ...] = (), **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self.group = group
        self.words = words


class VariableCommand(click.Command):
    """A command that takes ``--NAME VALUE`` for any name besides its own options.

    Which names there are shows only when the expression is parsed, so whatever is no
    option of the command is passed on as ``--set NAME=VALUE``. What is no option at
    all is the expression, even if it begins with a minus.
    """

    def takes_value(self) -> dict[str, bool]:
        """The command's own options, and whether they take a value."""
        return {
            spelling: not param.is_flag
            for param in self.params
            if isinstance(param, click.Option)
            for spelling in param.opts
        }

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Sort args into options and expressions, and have click parse them.

        Raises:
            UsageError: a variable's option has no value, or an option is misspelt.
        """
        optional = {
            spelling: param.words
            for param in self.params
            if isinstance(param, Option) and param.words
            for spelling in param.opts
        }
        words = _Words(args, self.takes_value(), optional)
        try:
            words.sort()
        except UsageError:
            if not ctx.resilient_parsing:  # completion takes what there is
                raise
        ctx.meta[SWALLOWED] = words.swallowed
        return super().parse_args(ctx, [*words.options, "--", *words.expressions])

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> "list[CompletionItem]":
        """The options that may stand here, those of the variables first."""
        from click.shell_completion import CompletionItem

        given = {setting.partition("=")[0] for setting in ctx.params["settings"]}
        variables = [
            CompletionItem(f"--{name}", help="a variable of the expression")
            for name in self.variables(ctx)
            if name not in given and f"--{name}".startswith(incomplete)
        ]
        return variables + super().shell_complete(ctx, incomplete)

    def variables(self, ctx: click.Context) -> tuple[str, ...]:
        """The variables of the expression on an unfinished command line."""
        from .expression import Expression
        from .streams import read_text

        texts = list(ctx.params["expression"])
        try:
            if ctx.params["file"] not in (None, "-"):
                texts.append(read_text(ctx.params["file"]))
            return Expression(texts[0]).variables
        except (ExprdiffError, IndexError):
            return ()


class _Words:
    """The words of a command line, and what they turn out to be.

    Args:
        args: the words.
        takes_value: the command's own options, and whether they take a value,
        optional: and the values of those that may have one or not.
    """

    def __init__(
        self,
        args: list[str],
        takes_value: dict[str, bool],
        optional: dict[str, tuple[str, ...]],
    ) -> None:
        self.waiting = args[::-1]
        self.takes_value = takes_value
        self.optional = optional
        self.options: list[str] = []
        self.expressions: list[str] = []
        #: The words that have become the values of variables, by option.
        self.swallowed: dict[str, str] = {}

    def sort(self) -> None:
        takes_value = self.takes_value
        while self.waiting:
            word = self.waiting.pop()
            option, equals, value = word.partition("=")
            long, name = option.startswith("--"), normalize(option[2:])
            if word == "--":
                self.expressions += self.waiting[::-1]
                return
            if word in self.optional:
                given, *_ = words = self.optional[word]
                if self.waiting and self.waiting[-1] in words:
                    given = self.waiting.pop()
                self.options.append(f"{word}={given}")
            elif word in takes_value or (long and option in takes_value):
                self.options.append(word)
                if takes_value[option] and not equals:
                    self.options.append(self._next(option))
                elif equals and not takes_value[option]:
                    message = f"{option} takes no value{as_variable(name)}"
                    raise UsageError(message)
            elif long and name.isidentifier():
                if not equals:
                    value = self.swallowed[option] = self._next(option)
                self.options += ["--set", f"{name}={value}"]
            elif re.match(r"--[^\W\d]", word):
                raise UsageError(
                    f"there is no option {shorten(option)}"
                    f"{meant(option, takes_value)}"
                    ' (an expression that begins with "--" goes after a "--")'
                )
            elif equals and takes_value.get(option[:2]) and option[2:].isidentifier():
                self.options += [word[:2], word[2:]]
            else:
                self.expressions.append(word)

    def _next(self, option: str) -> str:
        """Take the value of an option off the words that are waiting."""
        if not self.waiting or re.match(r"--($|[^\W\d])", self.waiting[-1]):
            own = option in self.takes_value
            hint = "" if own else meant(option, self.takes_value)
            raise UsageError(f"{shorten(option)} needs a value after it{hint}")
        return self.waiting.pop()


def as_variable(name: str) -> str:
    """The hint for who means a variable that has the name of an option."""
    return f"; for a variable named {name} write --set {name}=VALUE"


def meant(word: str, options: Iterable[str]) -> str:
    """The question whether the nearest of the options was meant, if one is near."""
    names = {option.lstrip("-"): option for option in options}
    near = nearest(word.lstrip("-"), names)[:1]
    return f"; did you mean {names[near[0]]}?" if near else ""


def one_of(
    option: str, given: str, choices: Collection[str], variables: Collection[str] = ()
) -> str:
    """What was given for an option, which is one of the choices.

    Args:
        option: its name.
        given: what was given.
        choices: what may be given.
        variables: the names of variables, for one of which it may have been meant.

    Raises:
        UsageError: it is none of the choices.
    """
    if given in choices:
        return given
    name, near = option.lstrip("-"), did_you_mean(given, choices)
    hint = as_variable(name) if name in variables else near
    raise UsageError(f"{option} takes {either(choices)}, not '{shorten(given)}'{hint}")


def either(words: Iterable[str]) -> str:
    """The words with commas and an "or"."""
    *all_but_last, last = words
    return f"{', '.join(all_but_last)} or {last}"


def only(expressions: tuple[str, ...], ctx: click.Context) -> str:
    """The one expression of the command line.

    Raises:
        UsageError: there is none, or there are several.
    """
    if not expressions:
        _blame(ctx)
        first, second = list(EXAMPLES)[:3:2]
        raise UsageError(
            "no expression; two examples, and exprdiff --help has more:"
            f"\n  {first}\n  {second}"
        )
    if len(expressions) == 1:
        return expressions[0]
    given = ", ".join(f"'{shorten(word)}'" for word in expressions[:3])
    more = ", …" if len(expressions) > 3 else ""
    hint = next(filter(None, map(_as_option, expressions)), "quote the whole of it")
    raise UsageError(f"more than one expression: {given}{more}; {hint}")


def _as_option(word: str) -> str:
    """The hint for a word that was meant for an option, or nothing."""
    if word.startswith("-o"):
        return "the file of -o is a word of its own: -o FILE"
    match = re.fullmatch(r"-*([^\W\d]\w*)(=(?!=).*)?", word)
    if match and (match[2] or word.startswith("-")):
        return f"the value of a variable is given as --{shorten(match[1])} VALUE"
    return ""


def _blame(ctx: click.Context) -> None:
    """Refuse an option that is misspelt and has taken the expression for its value."""
    from .expression import constant

    assert isinstance(ctx.command, VariableCommand)
    for option, word in ctx.meta[SWALLOWED].items():
        hint = meant(option, ctx.command.takes_value())
        try:
            number = constant(word)
        except UsageError:
            number = None
        if hint or number is None:
            raise UsageError(
                f"no expression; '{shorten(word)}' is taken for the value of"
                f" {shorten(option)}{hint}"
            )
