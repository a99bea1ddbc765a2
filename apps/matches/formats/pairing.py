"""Pairs of a Swiss round, as a matching of least cost."""

from collections.abc import Mapping, Sequence, Set

Pair = frozenset[int]
Opponents = Sequence[tuple[int, int]]  # (cost, rank), the cheapest first
CANDIDATES = 16  # opponents considered for each entrant at first, the cheapest ones


def pair_up(
    order: Sequence[int], points: Mapping[int, int], met: Set[Pair], *, rematches: bool = False
) -> list[tuple[int, int]] | None:
    """Pairs of all entrants at the least cost. None if that takes a rematch and none is allowed."""
    opponents = [
        _opponents(rank, order, points, met, rematches=rematches) for rank in range(len(order))
    ]
    width = CANDIDATES
    while True:
        pairs = _least_cost([cheapest[:width] for cheapest in opponents])
        if 2 * len(pairs) == len(order):
            return [(order[a], order[b]) for a, b in pairs]
        if width >= len(order):
            return None
        width *= 4


def _opponents(
    a: int, order: Sequence[int], points: Mapping[int, int], met: Set[Pair], *, rematches: bool
) -> Opponents:
    """Costs are whole numbers, so that equal costs compare as equal. A rematch costs more than all
    differences in points, a difference in points more than all distances within the table."""
    size, own = len(order), points.get(order[a], 0)
    half = sum(points.get(entrant, 0) == own for entrant in order) // 2
    opponents = []
    for b, entrant in enumerate(order):
        is_rematch = frozenset((order[a], entrant)) in met
        if b == a or (is_rematch and not rematches):
            continue
        apart = abs(own - points.get(entrant, 0))
        distance = abs(b - a) if apart else abs(abs(b - a) - half)
        opponents.append((distance + size**2 * (apart**2 + size**3 * is_rematch), b))
    return sorted(opponents)


def _least_cost(opponents: Sequence[Opponents]) -> list[tuple[int, int]]:
    import networkx as nx  # noqa: PLC0415 takes half a second, and only a draw needs it

    edges = {
        (min(a, b), max(a, b)): cost
        for a, candidates in enumerate(opponents)
        for cost, b in candidates
    }
    top = max(edges.values(), default=0) + 1
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(opponents)))
    graph.add_weighted_edges_from((a, b, top - cost) for (a, b), cost in sorted(edges.items()))
    matching = nx.max_weight_matching(graph, maxcardinality=True)
    return sorted((min(pair), max(pair)) for pair in matching)
