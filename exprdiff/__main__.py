"""``python -m exprdiff``: the command line."""

from .cli import main

main()
