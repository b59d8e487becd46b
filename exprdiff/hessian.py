"""Symmetric matrices whose rows and columns have names, and their upper triangles."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations_with_replacement
from typing import TypeVar

T = TypeVar("T")


def pairs(names: Collection[str]) -> Iterator[tuple[str, str]]:
    """The names of row and column of what is on and above the diagonal."""
    return combinations_with_replacement(names, 2)


def upper(
    names: Collection[str], rows: Iterable[Mapping[str, T]]
) -> dict[tuple[str, str], T]:
    """The upper triangle of a matrix, of which there is a row for each name."""
    named = dict(zip(names, rows, strict=True))
    return {(a, b): named[a][b] for a, b in pairs(names)}


def symmetric(triangle: Mapping[tuple[str, str], T]) -> dict[str, dict[str, T]]:
    """The rows of the matrix that has this upper triangle."""
    names = list(dict.fromkeys(a for a, _ in triangle))
    whole = {**triangle, **{(b, a): x for (a, b), x in triangle.items()}}
    return {a: {b: whole[a, b] for b in names} for a in names}
