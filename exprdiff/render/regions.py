"""Regions of a program: everything, and what is calculated on one side of a choice."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING

from ..program import Assignment, Operand

if TYPE_CHECKING:
    from .source import Statement

#: How many blocks of source code stand in each other.
DEEPEST = 8


class Region:
    """What is calculated together: everything, or one side of a condition.

    Args:
        parent: the region around it.
        condition: the id of the node that decides,
        holds: and what it has to be.
    """

    def __init__(
        self, parent: Region | None = None, condition: int = -1, holds: bool = True
    ) -> None:
        self.parent, self.condition, self.holds = parent, condition, holds
        self.full = False  #: whether there is an assignment in it
        self.branches: dict[tuple[int, bool], Region] = {}
        self.guard = ""  #: the local that tells whether it is entered
        self.path: tuple[Region, ...] = ()  #: the blocks that it is in, its own too
        self.before: list[Statement] | None = None  #: what its conditions need
        self.depth, self.jump = 0, self
        if parent is not None:
            self.depth = parent.depth + 1
            # So that the way up takes a logarithm of the depth: Myers, Information
            # Processing Letters 17 (1983) 241.
            long = parent.depth - parent.jump.depth == (
                parent.jump.depth - parent.jump.jump.depth
            )
            self.jump = parent.jump.jump if long else parent
            self.path = (*parent.path, self) if len(parent.path) < DEEPEST else (self,)

    def up(self, depth: int) -> Region:
        """The region around it at a depth."""
        region = self
        while region.depth > depth:
            assert region.parent is not None
            region = region.jump if region.jump.depth >= depth else region.parent
        return region

    def common(self, other: Region) -> Region:
        """The innermost region around both."""
        depth = min(self.depth, other.depth)
        a, b = self.up(depth), other.up(depth)
        while a is not b:
            if a.jump is not b.jump:
                a, b = a.jump, b.jump
            else:
                assert a.parent is not None and b.parent is not None
                a, b = a.parent, b.parent
        return a


class Regions:
    """In which regions each node of a program is calculated.

    Args:
        steps: the nodes, by their ids.
        order: the ids of those that are calculated, each behind those that it uses.
        ends: what is wanted of all.
        strict: whether a node is only where it is certainly used, in several regions if
            need be; else it is in the one around all that use it.
        blocks: whether there are regions; else all is in one.
    """

    def __init__(
        self,
        steps: Mapping[int, Assignment],
        order: Sequence[int],
        ends: Iterable[Operand],
        strict: Callable[[int], bool],
        blocks: bool = True,
    ) -> None:
        self.root = Region()
        self.of: dict[int, list[Region]] = {}
        self._steps, self._blocks = steps, blocks
        uses: dict[int, dict[Region, None]] = {id: {} for id in order}
        for end in ends:
            if isinstance(end, int):
                uses[end][self.root] = None
        spare = 20 * len(uses) + 1000
        for id in reversed(order):
            regions = list(uses[id])
            if len(regions) > 1:
                if strict(id) and len(regions) < spare:
                    regions = _certain(regions)
                    spare -= len(regions)
                else:
                    regions = [reduce(Region.common, regions)]
            self.of[id] = regions
            for region in regions:
                for operand, where in self.operands(id, region):
                    uses[operand][where] = None

    def operands(self, id: int, region: Region) -> Iterator[tuple[int, Region]]:
        """The nodes that a node uses, each with the region in which it does."""
        step = self._steps[id]
        if step.name:
            return
        sides = {"if": (None, True, False), "and": (None, True), "or": (None, False)}
        for operand, side in zip(
            step.inputs,
            sides.get(step.operation, (None,) * len(step.inputs)),
            strict=True,
        ):
            if isinstance(operand, int):
                inside = self.branch(region, step.inputs[0], side)
                yield operand, inside

    def branch(self, region: Region, condition: Operand, side: bool | None) -> Region:
        """The region of one side of a condition; of None the region around it."""
        if side is None or not self._blocks:
            return region
        assert isinstance(condition, int)
        while self._steps[condition].operation == "not":
            inner = self._steps[condition].inputs[0]
            assert isinstance(inner, int)
            condition, side = inner, not side
        key = condition, side
        if key not in region.branches:
            region.branches[key] = Region(region, condition, side)
        return region.branches[key]


def _certain(regions: list[Region]) -> list[Region]:
    """The outermost of regions, of two sides of a condition what is around them."""
    found = set(regions)
    waiting = sorted(found, key=lambda region: region.depth)
    lowest = waiting[0].depth
    while waiting:
        region = waiting.pop()
        parent = region.parent
        if parent is None or region not in found:
            continue
        other = parent.branches.get((region.condition, not region.holds))
        if other in found:
            found -= {region, other}
            if parent not in found:
                found.add(parent)
                insort(waiting, parent, key=lambda region: region.depth)
    return [
        region
        for region in sorted(found, key=lambda region: region.depth)
        if not any(around in found for around in _around(region, lowest - 1))
    ]


def _around(region: Region, depth: int) -> Iterator[Region]:
    while region.parent and region.depth > depth:
        region = region.parent
        yield region
