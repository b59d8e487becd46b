"""Drawings of computation graphs in layers from left to right, by Sugiyama's method.

Nodes get ranks, the nodes of a rank an order in which edges cross rarely, and then all
of them coordinates. Between any two ranks there is a layer for the labels of edges.

Sources:
    Gansner, Koutsofios, North, Vo: A Technique for Drawing Directed Graphs (1993): how
    to sweep and swap.
    Barth, Jünger, Mutzel: Simple and Efficient Bilayer Cross Counting (2002).
    Brandes, Köpf: Fast and Simple Horizontal Coordinate Assignment (2001), with the
    erratum of Brandes, Walter, Zink (arXiv:2008.01252, 2020).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise, product
from math import inf
from operator import add, sub
from typing import NamedTuple

#: The margins above and below boxes, and above and below labels and lines, in pixels.
BOX_MARGIN, LINE_MARGIN = 7.0, 4.0

#: The height of a line that passes a layer.
LINE = 2.0

#: The gap between layers, at least and at most; and between these, its part of the
#: height of the steepest edge there.
GAP, WIDE_GAP, SLOPE = 26.0, 78.0, 0.15

#: The part of a box's side at which edges may end, and how far apart they do.
SIDE, PORTS = 0.6, 10.0

#: After how many rounds of sweeps or swaps in vain there are no more; and how many
#: visits of vertices they may take in all, and besides for each vertex.
PATIENCE, VISITS, EACH = 4, 350_000, 10

_Layers = list[list[int]]  # the vertices of layers from top to bottom


class Layout(NamedTuple):
    """Where a drawing has its parts.

    The origin is the top left corner; y grows downwards.
    """

    width: float
    height: float
    #: The centre of each node.
    places: dict[int, tuple[float, float]]
    #: The points of each edge, from the right side of its source's box to the left side
    #: of its target's. It is level where it passes a layer.
    paths: list[list[tuple[float, float]]]
    #: The centre of each edge's label, which is on its path.
    labels: list[tuple[float, float]]


def layout(
    nodes: Sequence[int],
    edges: Sequence[tuple[int, int]],
    sizes: Mapping[int, tuple[float, float]],
    label_sizes: Sequence[tuple[float, float]],
    first: Collection[int] = (),
    last: Collection[int] = (),
) -> Layout:
    """Draw an acyclic graph.

    Args:
        nodes: their ids, each behind those it uses.
        edges: pairs of a source and a target, which uses it; some may be the same.
        sizes: the width and the height of each node's box.
        label_sizes: those of each edge's label.
        first: nodes without inputs, for the leftmost layer; from top to bottom in this
            order if that costs no crossings.
        last: nodes without users, for the rightmost layer.
    """
    number = {node: v for v, node in enumerate(nodes)}
    pairs = [(number[source], number[target]) for source, target in edges]
    begin = {number[node]: None for node in first}
    ranks = _ranks(len(nodes), pairs, begin, [number[node] for node in last])
    vertices = len(nodes) + sum(ranks[v] - ranks[u] - 1 for u, v in pairs)
    parts = []
    for members, own in _connected(len(nodes), pairs, begin):
        local = {v: i for i, v in enumerate(members)}
        graph = _Graph([ranks[v] for v in members])
        for k in own:
            graph.connect(*(local[v] for v in pairs[k]))
        graph.order(len(local.keys() & begin.keys()), VISITS // vertices + EACH)
        graph = graph.with_labels()
        boxes = [sizes[nodes[v]] for v in members]
        boxes += [(0.0, LINE)] * (len(graph.ranks) - len(members))
        for k, chain in zip(own, graph.chains, strict=True):
            boxes[chain[-2]] = label_sizes[k]
        parts.append(_Part(members, own, graph, boxes, _ys(graph, boxes)))
    return _drawn(parts, nodes, len(edges))


def _connected(
    count: int, edges: Sequence[tuple[int, int]], first: Iterable[int]
) -> Iterable[tuple[list[int], list[int]]]:
    """The nodes and the edges of each connected part, by their numbers.

    Args:
        count: the number of nodes.
        edges: their edges.
        first: nodes that come before others in their part, as do these parts.
    """
    near: _Layers = [[] for _ in range(count)]
    for k, (u, v) in enumerate(edges):
        near[u].append(k)
        near[v].append(k)
    wish = {v: i for i, v in enumerate(dict.fromkeys([*first, *range(count)]))}
    seen = [False] * count
    for start in wish:
        if seen[start]:
            continue
        seen[start] = True
        part = [start]
        for v in part:
            for k in near[v]:
                for w in edges[k]:
                    if not seen[w]:
                        seen[w] = True
                        part.append(w)
        part.sort(key=wish.__getitem__)
        yield part, sorted({k for v in part for k in near[v]})


def _ranks(
    count: int,
    edges: Iterable[tuple[int, int]],
    first: Iterable[int],
    last: Iterable[int],
) -> list[int]:
    """The rank of each node, such that edges lead to higher ones, and are short.

    Args:
        count: the number of nodes, which are numbered in topological order.
        edges: their edges.
        first: those of rank 0.
        last: those of the highest rank.
    """
    inputs: _Layers = [[] for _ in range(count)]
    users: _Layers = [[] for _ in range(count)]
    for u, v in edges:
        inputs[v].append(u)
        users[u].append(v)
    least = [0] * count
    bound = [False] * count  # whether it depends on one of the first
    for v in first:
        bound[v] = True
    for v in range(count):
        for u in inputs[v]:
            least[v] = max(least[v], least[u] + 1)
            bound[v] = bound[v] or bound[u]
    ranks = list(least)
    fixed = [False] * count
    for v in last:
        fixed[v], ranks[v] = True, max(least)
    for v in first:
        fixed[v], ranks[v] = True, 0
    # Nodes move to their users where edges get shorter, or no longer, so that there may
    # be room for their inputs; and back where it has not helped. Others than the bound
    # ones follow them.
    pulls = [[u for u in inputs[v] if bound[u]] for v in range(count)]
    moving = [v for v in range(count) if bound[v] and not fixed[v]]
    for v in reversed(moving):
        if users[v] and len(users[v]) >= len(pulls[v]):
            ranks[v] = min(ranks[w] for w in users[v]) - 1
    for v in moving:
        if len(pulls[v]) >= len(users[v]):
            ranks[v] = max(least[v], *(ranks[u] + 1 for u in pulls[v]))
    for v in reversed(range(count)):
        if users[v] and not bound[v] and not fixed[v]:
            ranks[v] = min(ranks[w] for w in users[v]) - 1
    return ranks


class _Graph:
    """A graph in layers, with a dummy wherever an edge passes one.

    Its vertices are numbers: first those of nodes, then those of dummies.

    Args:
        ranks: those of its nodes.
    """

    def __init__(self, ranks: Iterable[int]) -> None:
        self.ranks = list(ranks)  #: those of vertices
        self.nodes = len(self.ranks)  #: how many vertices are nodes
        self.low = min(self.ranks)  #: the rank of the first layer
        #: Their neighbours in the layer before, and in the layer after.
        self.before: _Layers = [[] for _ in self.ranks]
        self.after: _Layers = [[] for _ in self.ranks]
        #: The vertices of each edge.
        self.chains: _Layers = []
        #: The vertices of each layer from ``low`` on, and the places of vertices there.
        self.layers: _Layers = []
        self.place: list[int] = []

    def connect(self, u: int, v: int) -> None:
        """Add an edge of two nodes."""
        passed = range(self.ranks[u] + 1, self.ranks[v])
        self.add([u, *map(self.dummy, passed), v])

    def dummy(self, rank: int) -> int:
        """Add a dummy."""
        self.ranks.append(rank)
        self.before.append([])
        self.after.append([])
        return len(self.ranks) - 1

    def add(self, chain: list[int]) -> None:
        """Add an edge."""
        self.chains.append(chain)
        for u, v in pairwise(chain):
            self.after[u].append(v)
            self.before[v].append(u)

    def order(self, first: int, effort: int) -> None:
        """Find an order of the layers in which edges cross rarely.

        Args:
            first: how many nodes should be in their order.
            effort: how often vertices may be visited for it.
        """
        layers: _Layers = [[] for _ in range(self.low, max(self.ranks) + 1)]
        for v, rank in enumerate(self.ranks):
            layers[rank - self.low].append(v)
        order = _Order(layers, self.before, self.after, first)
        self.layers = order.best(effort * len(self.ranks))
        self.place = [0] * len(self.ranks)
        for layer in self.layers:
            _number(layer, self.place)

    def with_labels(self) -> _Graph:
        """The same graph with a layer for labels between any two.

        Edges cross before that layer, so that labels stand as their targets take them.
        """
        fine = _Graph(2 * rank for rank in self.ranks)
        fine.nodes, fine.place = self.nodes, self.place
        for layer in self.layers:
            fine.layers += layer, []
        for chain in self.chains:
            new = chain[:1]
            for u, v in pairwise(chain):
                dummy = fine.dummy(fine.ranks[u] + 1)
                fine.layers[fine.ranks[dummy] - fine.low].append(dummy)
                new += dummy, v
            fine.add(new)
        place = fine.place
        place += [0] * (len(fine.ranks) - len(place))
        for layer in fine.layers[1::2]:
            layer.sort(
                key=lambda v: (place[fine.after[v][0]], place[fine.before[v][0]])
            )
            _number(layer, place)
        for v in range(fine.nodes):
            fine.before[v].sort(key=place.__getitem__)
            fine.after[v].sort(key=place.__getitem__)
        del fine.layers[-1:]
        return fine


def _number(layer: Iterable[int], place: list[int]) -> None:
    """Note the places of a layer's vertices."""
    for i, v in enumerate(layer):
        place[v] = i


class _Order:
    """An order of layers, to be changed until edges cross rarely.

    Args:
        layers: the vertices as they are given.
        before: of vertices the neighbours in the layer before,
        after: and in the one after.
        first: vertices of the first layer below this number should be in their order.
    """

    def __init__(
        self,
        layers: _Layers,
        before: Sequence[Sequence[int]],
        after: Sequence[Sequence[int]],
        first: int,
    ) -> None:
        self._before, self._after = before, after
        self._first = first
        self._place = [0] * len(before)
        self._set(layers)
        self._best, self._least = layers, self._count()
        self._effort = 0

    def best(self, effort: int) -> _Layers:
        """The best order found.

        Args:
            effort: how many vertices may be visited for it, as a rule.
        """
        self._effort = effort
        self._search(effort // 5)
        waits = 0
        while self._least[0] and self._effort > 0 and waits <= PATIENCE:
            if self._count() > self._least:
                self._set(self._best)
            self._swap(equal=True)
            waits = 0 if self._note() else waits + 1
        self._set(_flipped(self._best))
        self._note()
        return self._best

    def _search(self, part: int) -> None:
        """Sweep from different starts, in different ways.

        Args:
            part: how much of the effort a start may take, and how much is to remain.
        """
        given = self._best
        forth = _walked(given, self._after)
        back = _walked(given[::-1], self._before)[::-1]
        # The first sweep goes against the walk, and at the second turn along it.
        starts = (forth, 0), (back, 1), (given, 0), (_flipped(back), 1)
        for ties, turn, (start, way) in product((False, True), (0, 1), starts):
            self._set(start)
            most = self._effort - part
            k = waits = 0
            while waits <= PATIENCE and self._least > (0, 0):
                if k:
                    self._sweep((k + way + turn) % 2 == 0, (k % 4 < 2) == ties)
                self._swap(equal=k > 0)
                waits = 0 if self._note() else waits + 1
                k += 1
                if k > 1 and self._effort < most:
                    break
            if self._effort < part or not self._least[0]:
                return

    def _set(self, layers: _Layers) -> None:
        """Go on from an order."""
        self._layers = [list(layer) for layer in layers]
        for layer in self._layers:
            _number(layer, self._place)

    def _note(self) -> bool:
        """Keep the order if there was none as good, and return whether that is so."""
        least = self._count()
        if least >= self._least:
            return False
        self._best, self._least = [list(layer) for layer in self._layers], least
        return True

    def _count(self) -> tuple[int, int]:
        """The number of crossings, and that of pairs not in the order wished."""
        crossings = 0
        for layer in self._layers:
            ends = [end for v in layer for end in self._places(self._after[v])]
            crossings += _inversions(ends)
        first = [v for v in self._layers[0] if v < self._first]
        return crossings, _inversions(first)

    def _places(self, vertices: Sequence[int]) -> list[int]:
        """The places of vertices, sorted."""
        if len(vertices) == 1:  # as those of most dummies
            return [self._place[vertices[0]]]
        return sorted([self._place[v] for v in vertices])

    def _sweep(self, forth: bool, flip: bool) -> None:
        """Sort each layer by the means of the neighbours' places in the one before.

        Args:
            forth: begin at the first layer, not at the last one.
            flip: reverse vertices whose means are equal.
        """
        place, near = self._place, self._before if forth else self._after
        for layer in self._layers if forth else reversed(self._layers):
            means = {
                v: sum([place[w] for w in near[v]]) / len(near[v])
                for v in layer
                if near[v]
            }
            moved = iter(
                sorted(reversed(means) if flip else means, key=means.__getitem__)
            )
            # The others stay where they are.
            layer[:] = [next(moved) if v in means else v for v in layer]
            _number(layer, place)

    def _swap(self, equal: bool) -> None:
        """Swap neighbours in layers as long as there are fewer crossings then.

        Args:
            equal: at first also where there are as many, which may open ways to fewer.
        """
        due: Sequence[int] = range(len(self._layers))
        while due:
            moved = [r for r in due if self._swap_in(self._layers[r], equal)]
            beside = {s for r in moved for s in (r - 1, r + 1)}
            due = sorted(beside.intersection(range(len(self._layers))))
            equal = False

    def _swap_in(self, layer: list[int], equal: bool) -> bool:
        """Swap neighbours in a layer, and return whether any have moved."""
        row = [
            (v, self._places(self._before[v]), self._places(self._after[v]))
            for v in layer
        ]
        self._effort -= len(row)
        moved = False
        i = 0
        while i < len(row) - 1:
            (_, a, c), (_, b, d) = row[i], row[i + 1]
            # Where their edges do not cross, there is nothing to gain.
            if (a and b and a[-1] > b[0]) or (c and d and c[-1] > d[0]):
                self._effort -= 1
                gain = _gain(a, b) + _gain(c, d)
                if gain > 0 or (equal and not gain):
                    row[i : i + 2] = row[i + 1], row[i]
                    moved = True
                if gain > 0 and i:
                    i -= 2
            i += 1
        if moved:
            layer[:] = [v for v, _, _ in row]
            _number(layer, self._place)
        return moved


def _flipped(layers: _Layers) -> _Layers:
    """The layers from bottom to top."""
    return [layer[::-1] for layer in layers]


def _walked(layers: _Layers, near: Sequence[Sequence[int]]) -> _Layers:
    """The layers in the order in which a search finds vertices, depth first.

    Args:
        layers: where it starts, from the first one on.
        near: where it goes from vertices, to the layer after them.
    """
    rank = {v: r for r, layer in enumerate(layers) for v in layer}
    walked: _Layers = [[] for _ in layers]
    seen = set()
    for layer in layers:
        for start in layer:
            stack = [start]
            while stack:
                v = stack.pop()
                if v not in seen:
                    seen.add(v)
                    walked[rank[v]].append(v)
                    stack += reversed(near[v])
    return walked


def _gain(above: Sequence[int], below: Sequence[int]) -> int:
    """How many crossings there are less once two vertices are swapped.

    Args:
        above, below: the places of their neighbours, sorted.
    """
    if len(above) < len(below):
        return -_gain(below, above)
    size = len(above)
    return sum([size - bisect_right(above, i) - bisect_left(above, i) for i in below])


def _inversions(numbers: Sequence[int]) -> int:
    """How many pairs are not sorted: the count of Barth, Jünger and Mutzel.

    Each vertex of a binary tree has how many of the numbers below it have come. To the
    right of a number's way to the root there are those that are larger.
    """
    if numbers == sorted(numbers):
        return 0
    leaves = 1 << max(numbers).bit_length()
    tree = [0] * (2 * leaves)
    total = 0
    for number in numbers:
        i = leaves + number
        while i > 1:
            tree[i] += 1
            if not i & 1:
                total += tree[i + 1]
            i >>= 1
    return total


class _Part(NamedTuple):
    """A connected part of a drawing."""

    nodes: list[int]  #: the numbers of its nodes
    edges: list[int]  #: and those of its edges
    graph: _Graph  #: with layers for labels
    boxes: list[tuple[float, float]]  #: the sizes of its vertices
    ys: list[float]  #: the y of these, which starts anywhere


def _drawn(parts: Sequence[_Part], nodes: Sequence[int], edges: int) -> Layout:
    """The drawing of parts, one below the other.

    Args:
        parts: they.
        nodes: the ids of nodes.
        edges: how many there are.
    """
    count = max((part.graph.low + len(part.graph.layers) for part in parts), default=0)
    widths, gaps, bottoms = [0.0] * count, [GAP] * count, [-inf] * count
    height = 0.0
    for part in parts:
        _stack(part, bottoms)
        graph, boxes, ys = part.graph, part.boxes, part.ys
        halves = [high / 2 for _, high in boxes]
        height = max(height, max(map(add, ys, halves)))
        for r, layer in enumerate(graph.layers, graph.low):
            widths[r] = max(widths[r], max(boxes[v][0] for v in layer))
            steep = [abs(ys[u] - ys[v]) for v in layer for u in graph.before[v]]
            gaps[r] = max(gaps[r], min(SLOPE * max(steep, default=0.0), WIDE_GAP))
    columns: list[tuple[float, float]] = []
    width = -GAP  # since there is none before the first layer
    for gap, wide in zip(gaps, widths, strict=True):
        columns.append((width + gap, width + gap + wide))
        width = columns[-1][1]
    places = dict.fromkeys(nodes, (0.0, 0.0))
    paths: list[list[tuple[float, float]]] = [[] for _ in range(edges)]
    labels = [(0.0, 0.0)] * edges
    for part in parts:
        graph, boxes, ys = part.graph, part.boxes, part.ys
        xs = [sum(columns[rank]) / 2 for rank in graph.ranks]
        for i, v in enumerate(part.nodes):
            places[nodes[v]] = xs[i], ys[i]
        starts, ends = _ports(graph.after, boxes, ys), _ports(graph.before, boxes, ys)
        for k, chain in zip(part.edges, graph.chains, strict=True):
            source, *passed, target = chain
            labels[k] = xs[passed[-1]], ys[passed[-1]]
            rank, y = graph.ranks[source], starts[passed[0]]
            right = columns[rank][1]
            points = [(right - (widths[rank] - boxes[source][0]) / 2, y), (right, y)]
            points += [(x, ys[v]) for v in passed for x in columns[graph.ranks[v]]]
            rank, y = graph.ranks[target], ends[passed[-1]]
            left = columns[rank][0]
            points += (left, y), (left + (widths[rank] - boxes[target][0]) / 2, y)
            paths[k] = _bends(points)
    return Layout(max(0.0, width), height, places, paths, labels)


def _stack(part: _Part, bottoms: list[float]) -> None:
    """Move a part up or down until it is right below those that are there already.

    Args:
        part: it.
        bottoms: where there is room in each layer; the part takes its own.
    """
    graph, ys = part.graph, part.ys
    rooms = _rooms(graph, part.boxes)
    by = max(high / 2 - y for y, (_, high) in zip(ys, part.boxes, strict=True))
    for r, (v, *_) in enumerate(graph.layers, graph.low):
        by = max(by, bottoms[r] + rooms[v] - ys[v])
    ys[:] = [y + by for y in ys]
    for r, (*_, v) in enumerate(graph.layers, graph.low):
        bottoms[r] = ys[v] + rooms[v]


def _ports(
    near: Iterable[Sequence[int]],
    boxes: Iterable[tuple[float, float]],
    ys: Sequence[float],
) -> dict[int, float]:
    """The y at which the edges to neighbours on one side end, by neighbours.

    It is as near to the neighbour's own as may be.
    """
    ports = {}
    for beside, (_, height), y in zip(near, boxes, ys, strict=True):
        low, high = y - SIDE * height / 2, y + SIDE * height / 2
        step = min(PORTS, (high - low) / max(1, len(beside) - 1))
        for i, v in enumerate(beside):
            most = high - (len(beside) - 1 - i) * step
            ports[v] = max(low + i * step, min(ys[v], most))
    return ports


def _bends(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points of a path without repetitions, and those inside of level lines."""
    kept = [points[0]]
    for here, after in pairwise(points[1:]):
        level = kept[-1][1] == here[1] == after[1]
        if here not in (kept[-1], after) and not level:
            kept.append(here)
    return [*kept, points[-1]]


def _ys(graph: _Graph, boxes: Sequence[tuple[float, float]]) -> list[float]:
    """The y of each vertex, by Brandes and Köpf.

    There are four ways to align vertices with their neighbours: those before or after
    them, from the top or from the bottom. A vertex gets the mean of the two in the
    middle.

    Args:
        graph: it, with layers for labels.
        boxes: the sizes of its vertices.
    """
    rooms = _rooms(graph, boxes)
    crossed = _crossed(graph)
    before = [[] if v in crossed else _middle(us) for v, us in enumerate(graph.before)]
    after = [[w for w in _middle(ws) if w not in crossed] for ws in graph.after]
    down, up = graph.place, [-i for i in graph.place]
    found = []
    for layers, near in (graph.layers, before), (graph.layers[::-1], after):
        found.append(_Blocks(layers, near, down).ys(rooms))
        mirrored = _Blocks(_flipped(layers), _flipped(near), up).ys(rooms)
        found.append([-y for y in mirrored])
    # They are moved to the smallest one, by the side from which they come.
    tops = [min(map(sub, ys, rooms)) for ys in found]
    bottoms = [max(map(add, ys, rooms)) for ys in found]
    k = min(range(4), key=lambda k: bottoms[k] - tops[k])
    moves = [bottoms[k] - bottoms[i] if i % 2 else tops[k] - tops[i] for i in range(4)]
    return [
        sum(sorted(map(add, four, moves))[1:3]) / 2 for four in zip(*found, strict=True)
    ]


def _rooms(graph: _Graph, boxes: Iterable[tuple[float, float]]) -> list[float]:
    """How much room each vertex takes above and below its y."""
    return [
        height / 2 + (BOX_MARGIN if v < graph.nodes else LINE_MARGIN)
        for v, (_, height) in enumerate(boxes)
    ]


def _middle(vertices: list[int]) -> list[int]:
    """The median, or the two of an even number."""
    return vertices[(len(vertices) - 1) // 2 : len(vertices) // 2 + 1]


def _crossed(graph: _Graph) -> set[int]:
    """The vertices of label layers whose edges bend just before, where others cross.

    Straight are as many of the long edges as may be, the longest first; any other that
    crosses one of these bends. There are no crossings after label layers.
    """
    length = {}
    for chain in graph.chains:
        length[chain[1]] = 0
        for v in chain[3::2]:
            length[v] = len(chain)
    crossed = set()
    for layer in graph.layers[1::2]:
        straight: list[tuple[int, int]] = []
        for v in sorted(layer, key=length.__getitem__, reverse=True):
            here = graph.place[v], graph.place[graph.before[v][0]]
            i = bisect_left(straight, here)
            above, below = straight[max(0, i - 1) : i], straight[i : i + 1]
            if (above and above[0][1] > here[1]) or (below and below[0][1] < here[1]):
                crossed.add(v)
            elif length[v]:
                straight.insert(i, here)
    return crossed


class _Blocks:
    """Vertices aligned in blocks, each of which gets one y.

    Args:
        layers: the vertices.
        near: the neighbours in the layer before that each may be aligned with.
        place: numbers that grow in each layer.
    """

    def __init__(
        self, layers: _Layers, near: Sequence[Sequence[int]], place: Sequence[int]
    ) -> None:
        self._layers = layers
        #: The first vertex of each one's block, and the vertices of blocks by it.
        self._root = list(range(len(place)))
        self._blocks: dict[int, list[int]] = {}
        for layer in layers:
            last = -inf
            for v in layer:
                for u in near[v]:
                    if place[u] > last:
                        last = place[u]
                        self._root[v] = self._root[u]
                        break
                self._blocks.setdefault(self._root[v], []).append(v)

    def ys(self, rooms: Sequence[float]) -> list[float]:
        """The y of each vertex.

        Args:
            rooms: how much room vertices take above and below it.
        """
        ys, sinks = self._packed(rooms)
        shifts = self._shifts(rooms, ys, sinks)
        return [ys[root] + shifts[sinks[root]] for root in self._root]

    def _packed(self, rooms: Sequence[float]) -> tuple[list[float], list[int]]:
        """The y of blocks in their classes, and the sinks of these, by their roots.

        A class is what stands on one sink, a block with nothing above it. Its blocks
        are as far up as they may be.
        """
        count, root = len(self._root), self._root
        above, below, waits = [-1] * count, [-1] * count, [0] * count
        for layer in self._layers:
            for u, v in pairwise(layer):
                above[v], below[u] = u, v
                waits[root[v]] += 1
        ys, sinks = [0.0] * count, [-1] * count
        ready = [first for first in self._blocks if not waits[first]]
        for first in ready:
            y, sink = 0.0, -1
            for v in self._blocks[first]:
                u = above[v]
                if u >= 0:
                    if sink < 0:
                        sink = sinks[root[u]]
                    if sink == sinks[root[u]]:
                        y = max(y, ys[root[u]] + rooms[u] + rooms[v])
                w = below[v]
                if w >= 0:
                    waits[root[w]] -= 1
                    if not waits[root[w]]:
                        ready.append(root[w])
            ys[first], sinks[first] = y, first if sink < 0 else sink
        return ys, sinks

    def _shifts(
        self, rooms: Sequence[float], ys: Sequence[float], sinks: Sequence[int]
    ) -> dict[int, float]:
        """How far down classes are to move by their sinks, as the erratum has it.

        Classes move as near to those below them as they may. These have sinks in layers
        before theirs, so that in the order of layers they have been moved already.
        """
        limits: dict[int, list[tuple[int, float]]] = {}
        for layer in self._layers:
            for u, v in pairwise(layer):
                a, b = self._root[u], self._root[v]
                if sinks[a] != sinks[b]:
                    limit = ys[b] - ys[a] - rooms[u] - rooms[v]
                    limits.setdefault(sinks[b], []).append((sinks[a], limit))
        shifts: dict[int, float] = {}
        for layer in self._layers:
            sink = layer[0]
            if sinks[sink] == sink:
                shift = shifts.setdefault(sink, 0.0)
                for other, limit in limits.get(sink, ()):
                    shifts[other] = min(shifts.get(other, inf), shift + limit)
        return shifts
