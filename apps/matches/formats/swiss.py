"""Swiss: so many rounds for everybody, each against one who stands alike."""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from apps.matches.formats.single import rounds_for

Pair = frozenset[int]
CANDIDATES = 16  # opponents that are weighed for each at first: the best fit, so more seldom help


class Draw(NamedTuple):
    pairs: list[tuple[int, int]]  # from the top of the table down, the better one first
    bye: int | None


def swiss_rounds(entrants: int, wanted: int = 0) -> int:
    """As many as are wanted, else as it takes to leave one unbeaten; never more than it takes to
    meet everybody, nor a single one where that is a bye for somebody."""
    odd = entrants % 2
    return min(max(wanted or rounds_for(entrants), 1 + odd), entrants - 1 + odd)


def swiss_round(
    order: Sequence[int], points: Mapping[int, int], met: Set[Pair], byes: Mapping[int, int]
) -> Draw:
    """Pairs those who have the same points, the upper half of them against the lower.

    `order` is the table, best first. With an odd number the lowest of those with the fewest byes
    has one. Nobody meets the same one again while that can be avoided, if need be by giving the bye
    to the next one up; where it cannot, as few do as may be. The same input gives the same draw.
    """
    candidates = _bye_candidates(order, byes)
    for bye in candidates:
        pairs = _matched([one for one in order if one != bye], points, met)
        if pairs is not None:
            return Draw(pairs, bye)
    playing = [one for one in order if one != candidates[0]]
    pairs = _matched(playing, points, met, rematches=True)
    assert pairs is not None  # everybody may meet everybody
    return Draw(pairs, candidates[0])


def _bye_candidates(order: Sequence[int], byes: Mapping[int, int]) -> list[int | None]:
    if len(order) % 2 == 0:
        return [None]
    fewest = min(byes.get(one, 0) for one in order)
    return [one for one in reversed(order) if byes.get(one, 0) == fewest]


def _matched(
    order: Sequence[int],
    points: Mapping[int, int],
    met: Set[Pair],
    *,
    rematches: bool = False,
) -> list[tuple[int, int]] | None:
    """Everybody paired at the least cost. None where that takes a rematch, unless there may be."""
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
    """What it costs to pair two ranks, in whole numbers, so that equal means equal."""

    def __init__(
        self,
        order: Sequence[int],
        points: Mapping[int, int],
        met: Set[Pair],
        *,
        rematches: bool,
    ) -> None:
        self.order, self.met, self.rematches = order, met, rematches
        self.points = [points.get(one, 0) for one in order]
        sizes = {total: self.points.count(total) for total in set(self.points)}
        self.halves = [sizes[total] // 2 for total in self.points]

    def of(self, a: int, b: int) -> int | None:
        """None where the two may not meet. One rematch outweighs all differences in points, one of
        these all distances within the table."""
        again = frozenset((self.order[a], self.order[b])) in self.met
        if again and not self.rematches:
            return None
        size = len(self.order)
        apart = abs(self.points[a] - self.points[b])
        distance = abs(b - a) if apart else abs(abs(b - a) - self.halves[a])
        return distance + size**2 * (apart**2 + size**3 * again)

    def cheapest(self, a: int, width: int) -> list[tuple[int, int]]:
        known = ((self.of(a, b), b) for b in range(len(self.order)) if b != a)
        return sorted((cost, b) for cost, b in known if cost is not None)[:width]


def _least_cost(costs: _Costs, width: int) -> list[tuple[int, int]]:
    import networkx as nx  # noqa: PLC0415 half a second, which only a draw has to spend

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
