"""Pairs of a Swiss round, as a matching of least cost."""

from collections.abc import Mapping, Sequence, Set

Pair = frozenset[int]
CANDIDATES = 16  # opponents considered for each entrant at first, the cheapest ones


def pair_up(
    order: Sequence[int],
    points: Mapping[int, int],
    met: Set[Pair],
    *,
    rematches: bool = False,
) -> list[tuple[int, int]] | None:
    """Pairs of all entrants at the least cost. None if that takes a rematch and none is allowed."""
    costs = _Costs(order, points, met, rematches=rematches)
    width = CANDIDATES
    while True:
        pairs = _least_cost(costs, width)
        if 2 * len(pairs) == len(order):
            return [(order[a], order[b]) for a, b in pairs]
        if width >= len(order):
            return None
        width *= 4


class _Costs:
    """The cost of a pair of ranks, in whole numbers, so that equal costs compare as equal."""

    def __init__(
        self,
        order: Sequence[int],
        points: Mapping[int, int],
        met: Set[Pair],
        *,
        rematches: bool,
    ) -> None:
        self.order, self.met, self.rematches = order, met, rematches
        self.points = [points.get(entrant, 0) for entrant in order]
        sizes = {total: self.points.count(total) for total in set(self.points)}
        self.halves = [sizes[total] // 2 for total in self.points]

    def of(self, a: int, b: int) -> int | None:
        """None if the two may not meet. A rematch costs more than all differences in points, a
        difference in points more than all distances within the table."""
        is_rematch = frozenset((self.order[a], self.order[b])) in self.met
        if is_rematch and not self.rematches:
            return None
        size = len(self.order)
        apart = abs(self.points[a] - self.points[b])
        distance = abs(b - a) if apart else abs(abs(b - a) - self.halves[a])
        return distance + size**2 * (apart**2 + size**3 * is_rematch)

    def cheapest(self, a: int, width: int) -> list[tuple[int, int]]:
        costs = ((self.of(a, b), b) for b in range(len(self.order)) if b != a)
        return sorted((cost, b) for cost, b in costs if cost is not None)[:width]


def _least_cost(costs: _Costs, width: int) -> list[tuple[int, int]]:
    import networkx as nx  # noqa: PLC0415 takes half a second, and only a draw needs it

    edges = {
        (min(a, b), max(a, b)): cost
        for a in range(len(costs.order))
        for cost, b in costs.cheapest(a, width)
    }
    top = max(edges.values(), default=0) + 1
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(costs.order)))
    graph.add_weighted_edges_from((a, b, top - cost) for (a, b), cost in sorted(edges.items()))
    matching = nx.max_weight_matching(graph, maxcardinality=True)
    return sorted((min(pair), max(pair)) for pair in matching)
