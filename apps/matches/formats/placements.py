"""Final placements. Only the first place is never shared."""

from collections.abc import Iterable, Mapping, Sequence

from apps.matches.formats.slots import Key, Result, Stage

Depth = tuple[int, ...]  # how far an entrant came: greater is further
Placement = tuple[int, int]  # place, entrant

_ORDER = {Stage.WINNERS: 0, Stage.PLAYOFF: 0, Stage.LOSERS: 1, Stage.FINAL: 2}


def depths(results: Mapping[Key, Result]) -> dict[int, Depth]:
    """Of the entrants of a bracket. The third-place match ranks the losers of the semifinals."""
    if not results:
        return {}
    last: dict[int, Depth] = {}
    thirds: dict[int, int] = {}
    for key, result in results.items():
        if key.stage is Stage.THIRD_PLACE:
            thirds = {result.winner: 1, result.loser: 0}
        else:
            depth = (_ORDER[key.stage], key.round)
            last[result.loser] = max(last.get(result.loser, ()), depth)
    last |= {entrant: (*last[entrant], rank) for entrant, rank in thirds.items()}
    return last | {_champion(results): (len(_ORDER),)}


def _champion(results: Mapping[Key, Result]) -> int:
    bracket = [key for key in results if key.stage is not Stage.THIRD_PLACE]
    return results[max(bracket, key=lambda key: (_ORDER[key.stage], key.round))].winner


def behind(depth: Mapping[int, Depth], tables: Iterable[Sequence[int]]) -> dict[int, Depth]:
    """Entrants who are only in a table follow by their rank in it."""
    ranks = {entrant: rank for table in tables for rank, entrant in enumerate(table)}
    others = {entrant: (-1, -rank) for entrant, rank in ranks.items() if entrant not in depth}
    return {**depth, **others}


def ranked(depth: Mapping[int, Depth]) -> list[Placement]:
    """Best first. Entrants of equal depth share a place, and the places after it stay empty."""
    order = sorted(depth, key=lambda entrant: ([-step for step in depth[entrant]], entrant))
    placements: list[Placement] = []
    for count, entrant in enumerate(order, start=1):
        is_shared = placements and depth[entrant] == depth[placements[-1][1]]
        placements.append((placements[-1][0] if is_shared else count, entrant))
    return placements
