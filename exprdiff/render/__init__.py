"""The output formats: a file each, in which ``render(trace)`` gives the text."""

from importlib import import_module

from ..trace import Trace

#: The formats, and what each of them prints.
FORMATS = {
    "trace": "the value, every node and every derivative (the default)",
    "article": "the transcript of the article's program, both of its walks",
    "json": "one JSON object",
}


def render(trace: Trace, format: str) -> str:
    """The text of a trace in one of FORMATS."""
    text: str = import_module(f".{format}", __package__).render(trace)
    return text
