"""The command line of ``python -m benchmarks``: which tables, and how thoroughly."""

import resource
import sys
from contextlib import suppress

import click

from . import arrays, growth, peers, startup, tables, throughput
from .process import EXPRDIFF, MEMORY

TABLES = {
    "startup": startup.seconds,
    "throughput": throughput.table,
    "growth": growth.tables,
    "arrays": arrays.table,
    "tables": tables.table,
    "instructions": startup.instructions,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(TABLES)))
@click.option("--rounds", type=click.IntRange(1), default=20, show_default=True)
@click.option("--largest", type=click.IntRange(10), default=10**6, show_default=True)
def main(names: tuple[str, ...], rounds: int, largest: int) -> None:
    """Measure exprdiff and its peers, and print tables; by default all of them.

    Start-ups are timed in so many rounds, and what takes longer in a few at most.
    """
    if not EXPRDIFF.exists():
        sys.exit(f"exprdiff is not installed beside this Python; {peers.PIP}")
    if sys.platform == "linux":  # and so for all that is run
        with suppress(ValueError):  # where the limit is lower already
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print(peers.machine(), flush=True)
    for name in dict.fromkeys(names or TABLES):
        print(f"\n## {name.capitalize()}", flush=True)
        for block in TABLES[name](rounds, largest):
            print(f"\n{block}", flush=True)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
