"""Drawings of graphs: what they show where, and that nothing hides anything else."""

from itertools import combinations, pairwise
from random import Random

import pytest

from exprdiff.render.layout import layout

BOX, LABEL = (110, 58), (40, 16)


class Drawing:
    """A graph with its layout.

    Args:
        nodes: how many there are; they are numbered from 0.
        edges: pairs of nodes.
        first, last: as those of layout().
        sizes, label_sizes: the same; by default all are equal.
    """

    def __init__(
        self, nodes, edges, first=(), last=(), *, sizes=None, label_sizes=None
    ):
        self.edges, self.first, self.last = list(edges), first, last
        self.sizes = sizes or dict.fromkeys(range(nodes), BOX)
        self.label_sizes = label_sizes or [LABEL] * len(self.edges)
        self.layout = layout(
            range(nodes), self.edges, self.sizes, self.label_sizes, first, last
        )
        self.places, self.paths = self.layout.places, self.layout.paths
        self.labels = self.layout.labels
        self.boxes = [_around(self.places[v], self.sizes[v]) for v in range(nodes)]
        self.label_boxes = list(map(_around, self.labels, self.label_sizes))

    def check(self):
        """Everything is where it belongs, and hides nothing else."""
        boxes = [*self.boxes, *self.label_boxes]
        assert min((left for left, _, _, _ in boxes), default=0) >= 0
        assert min((top for _, top, _, _ in boxes), default=0) >= -1e-6
        width, height = self.layout.width, self.layout.height
        assert max((right for _, _, right, _ in boxes), default=0) <= width + 1e-6
        assert max((bottom for _, _, _, bottom in boxes), default=0) <= height + 1e-6
        _check_apart(boxes)
        self._check_ends()
        for k, (u, v) in enumerate(self.edges):
            x, y = self.labels[k]
            assert any(
                a <= x <= b and abs(y - c) < 1e-6 and abs(y - d) < 1e-6
                for (a, c), (b, d) in pairwise(self.paths[k])
            )
            others = [self.boxes[w] for w in self.places if w not in (u, v)]
            others += self.label_boxes[:k] + self.label_boxes[k + 1 :]
            for segment in pairwise(self.paths[k]):
                assert not any(_meets(segment, box) for box in others)

    def _check_ends(self):
        left = min((x for x, _ in self.places.values()), default=0)
        right = max((x for x, _ in self.places.values()), default=0)
        assert all(self.places[v][0] == left for v in self.first)
        assert all(self.places[v][0] == right for v in self.last)
        ports = set()
        for path, (u, v) in zip(self.paths, self.edges, strict=True):
            assert all(a <= c for (a, _), (c, _) in pairwise(path))
            for (x, y), side, node in (path[0], 2, u), (path[-1], 0, v):
                box = self.boxes[node]
                assert x == pytest.approx(box[side])
                assert box[1] < y < box[3]
                ports.add((node, side, round(y, 6)))
        assert len(ports) == 2 * len(self.edges)

    def crossings(self):
        """How many pairs of segments cross."""
        segments = [
            (k, *ends) for k, path in enumerate(self.paths) for ends in pairwise(path)
        ]
        return sum(
            j != k
            and _side(a, b, c) * _side(a, b, d) < 0 > _side(c, d, a) * _side(c, d, b)
            for (j, a, b), (k, c, d) in combinations(segments, 2)
        )

    def down(self, nodes):
        """The nodes from top to bottom."""
        return sorted(nodes, key=lambda v: self.places[v][1])


def _around(centre, size):
    (x, y), (width, height) = centre, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _check_apart(boxes):
    """Boxes have gaps between them, in columns and between columns."""
    columns = {}
    for box in boxes:
        columns.setdefault(round(box[0] + box[2], 6), []).append(box)
    spans = []
    for column in columns.values():
        column.sort(key=lambda box: box[1])
        for above, below in pairwise(column):
            assert above[3] + 7.9 < below[1]
        spans.append((min(box[0] for box in column), max(box[2] for box in column)))
    for before, after in pairwise(sorted(spans)):
        assert before[1] + 25.9 < after[0]


def _meets(segment, box):
    """Whether a segment goes through a box, by clipping it."""
    (x0, y0), (x1, y1) = segment
    low, high = 0.0, 1.0
    for start, by, least, most in (
        (x0, x1 - x0, box[0], box[2]),
        (y0, y1 - y0, box[1], box[3]),
    ):
        if not by:
            if not least < start < most:
                return False
            continue
        enter, leave = sorted(((least - start) / by, (most - start) / by))
        low, high = max(low, enter), min(high, leave)
    return low < high


def _side(a, b, c):
    """On which side of the line from a to b c is: the sign of an area."""
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (area > 1e-6) - (area < -1e-6)


def random_graph(seed):
    """A formula's graph, and what has made it."""
    random = Random(seed)
    variables = random.randrange(1, 6)
    nodes = variables + random.randrange(1, 40)
    edges = []
    for v in range(variables, nodes):
        for _ in range(random.choice((0, 1, 1, 2, 2, 2, 3))):
            low = max(0, v - 8) if random.random() < 0.7 else 0
            edges.append((random.randrange(low, v), v))
    used = {u for u, _ in edges}
    results = [v for v in range(variables, nodes) if v not in used]
    return random, nodes, edges, range(variables), random.sample(results, len(results))


def tree(leaves):
    """The edges of a balanced sum, and its nodes."""
    level, edges, count = list(range(leaves)), [], leaves
    while len(level) > 1:
        pairs = list(zip(level[::2], level[1::2], strict=False))
        rest = level[2 * len(pairs) :]
        level = list(range(count, count + len(pairs)))
        edges += [(u, v) for v, pair in zip(level, pairs, strict=True) for u in pair]
        count += len(pairs)
        level += rest
    return count, edges


@pytest.mark.parametrize("seed", range(60))
def test_nothing_overlaps(seed):
    random, nodes, edges, first, last = random_graph(seed)
    Drawing(nodes, edges, first, last).check()
    sizes = {v: (random.uniform(20, 200), random.uniform(20, 90)) for v in range(nodes)}
    labels = [(random.uniform(1, 90), random.uniform(1, 40)) for _ in edges]
    Drawing(nodes, edges, first, last, sizes=sizes, label_sizes=labels).check()
    Drawing(nodes, edges).check()


def test_nothing():
    assert layout([], [], {}, []) == (0, 0, {}, [], [])


def test_a_node():
    drawn = layout([7], [], {7: BOX}, [], [7], [7])
    assert drawn == (110, 58, {7: (55, 29)}, [], [])


def test_an_edge_is_straight():
    drawing = Drawing(2, [(0, 1)], [0], [1])
    drawing.check()
    (path,) = drawing.paths
    assert path == [(110, 29), (drawing.layout.width - 110, 29)]
    assert drawing.layout.height == 58


def test_ids_may_be_any_numbers():
    drawn = layout(
        [9, -4, 70], [(9, 70), (-4, 70)], dict.fromkeys([9, -4, 70], BOX), [LABEL] * 2
    )
    assert list(drawn.places) == [9, -4, 70]


@pytest.mark.parametrize("count", [2, 3, 1000])
@pytest.mark.parametrize("far", [False, True])
def test_parallel_edges_are_apart(count, far):
    edges = [(0, 1), (1, 2)] + [(0, 2 if far else 1)] * count
    drawing = Drawing(3, edges, [0], [2])
    _check_apart(drawing.label_boxes)
    assert len({tuple(path) for path in drawing.paths}) == len(edges)
    drawing._check_ends()


def test_a_chain_is_straight():
    drawing = Drawing(2000, pairwise(range(2000)), [0], [1999])
    assert {y for _, y in drawing.places.values()} == {29}
    assert all(len(path) == 2 for path in drawing.paths)


def test_a_tree_is_balanced():
    count, edges = tree(1000)
    drawing = Drawing(count, edges, range(1000), [count - 1])
    _check_apart([*drawing.boxes, *drawing.label_boxes])
    assert drawing.down(range(1000)) == list(range(1000))
    for v in range(1000, 1250):
        ys = [drawing.places[u][1] for u, w in edges if w == v]
        assert drawing.places[v][1] == pytest.approx(sum(ys) / 2)


@pytest.mark.parametrize("leaves", [2, 3, 7, 16, 33])
def test_a_tree_has_no_crossings(leaves):
    count, edges = tree(leaves)
    drawing = Drawing(count, edges, range(leaves), [count - 1])
    drawing.check()
    assert drawing.crossings() == 0
    assert drawing.down(range(leaves)) == list(range(leaves))


@pytest.mark.parametrize("size", [2, 5, 9])
def test_a_grid_has_no_crossings(size):
    """Planar, with faces that a traversal alone does not lay open."""
    cells = [(i, j) for i in range(size) for j in range(size)]
    cells.sort(key=sum)
    number = {cell: v for v, cell in enumerate(cells)}
    edges = [
        (number[i, j], number[cell])
        for i, j in cells
        for cell in ((i + 1, j), (i, j + 1))
        if cell in number
    ]
    Random(size).shuffle(edges)
    drawing = Drawing(len(cells), edges, [0], [len(cells) - 1])
    drawing.check()
    assert drawing.crossings() == 0


@pytest.mark.parametrize("inputs, outputs", [(2, 2), (3, 3), (3, 5), (4, 6)])
def test_complete_graphs_have_as_few_crossings_as_may_be(inputs, outputs):
    """In two layers any two of both make a crossing."""
    nodes = inputs + outputs
    edges = [(u, v) for u in range(inputs) for v in range(inputs, nodes)]
    Random(0).shuffle(edges)
    drawing = Drawing(nodes, edges, range(inputs), range(inputs, nodes))
    drawing.check()
    least = inputs * (inputs - 1) // 2 * outputs * (outputs - 1) // 2
    assert drawing.crossings() == least


@pytest.mark.parametrize("first", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_first_keep_their_order(first):
    edges = [(v, 4) for v in range(4)]
    drawing = Drawing(5, edges, first, [4])
    assert drawing.down(range(4)) == list(first)
    assert drawing.crossings() == 0


def test_first_change_their_order_for_fewer_crossings():
    edges = [(0, 4), (2, 4), (1, 5), (3, 5), (4, 6), (5, 6)]
    drawing = Drawing(7, edges, range(4), [6])
    assert drawing.crossings() == 0
    assert drawing.down(range(4)) in ([0, 2, 1, 3], [0, 2, 3, 1])


def test_constants_stand_beside_their_users():
    edges = [(0, 1), (1, 2), (2, 5), (3, 4), (4, 5)]
    x = {v: x for v, (x, _) in Drawing(6, edges, [0], [5]).places.items()}
    assert x[4] == x[2] and x[3] == x[1]


def test_nodes_wait_for_users_that_are_far():
    """The square of a sum of three that only the end uses, twice."""
    edges = [*pairwise(range(6)), (0, 6), (6, 7), (6, 8), (7, 9), (8, 9), (5, 9)]
    x = {v: x for v, (x, _) in Drawing(10, edges, [0], [9]).places.items()}
    assert x[7] == x[8] == x[5] and x[6] == x[4]


def test_long_edges_are_straight():
    edges = [*pairwise(range(8)), (0, 7)]
    drawing = Drawing(8, edges, [0], [7])
    drawing.check()
    assert len(drawing.paths[-1]) <= 6


def test_parts_stand_below_each_other():
    edges = [(0, 2), (1, 3), (2, 4), (3, 5)]
    drawing = Drawing(7, edges, [0, 1], [4, 5])
    drawing.check()
    ends = [
        [drawing.boxes[v][1] for v in part] for part in ((0, 2, 4), (1, 3, 5), (6,))
    ]
    assert max(ends[0]) < min(ends[1]) and max(ends[1]) < min(ends[2])


def test_layouts_are_the_same_each_time():
    for seed in range(5):
        _, nodes, edges, first, last = random_graph(seed)
        drawn = Drawing(nodes, edges, first, last).layout
        assert Drawing(nodes, edges, list(first), tuple(last)).layout == drawn


def wide(count):
    return count + 1, [(u, count) for u in range(count)], range(count), [count]


def fan(count):
    edges = [(0, v) for v in range(1, count + 1)]
    return count + 2, edges + [(v, count + 1) for _, v in edges], [0], [count + 1]


def repeated(count):
    """A chain each of whose nodes uses the variable as well."""
    edges = [*pairwise(range(count)), *((0, v) for v in range(2, count))]
    return count, edges, [0], [count - 1]


def network(width, depth):
    nodes, edges, layer = width, [], list(range(width))
    for _ in range(depth):
        weights = range(nodes, nodes + width * width)
        edges += [(u, v) for u, v in zip(layer * width, weights, strict=True)]
        layer = list(range(weights.stop, weights.stop + width))
        edges += [(v, layer[i // width]) for i, v in enumerate(weights)]
        nodes = layer[-1] + 1
    return nodes, edges, range(width), layer


@pytest.mark.parametrize(
    "graph",
    [wide(200), fan(300), repeated(120), network(6, 6), (2000, [], [], [])],
    ids=["wide", "fan", "repeated", "network", "apart"],
)
def test_large_graphs(graph):
    drawing = Drawing(*graph)
    _check_apart([*drawing.boxes, *drawing.label_boxes])
    drawing._check_ends()


def test_many_crossings():
    random = Random(1)
    edges = [
        (random.randrange(max(0, v - 300), v), v) for v in range(9, 2000) for _ in "ab"
    ]
    drawing = Drawing(2000, edges[:3500])
    _check_apart([*drawing.boxes, *drawing.label_boxes])
