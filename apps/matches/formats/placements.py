"""Who came where, once all is over. Only the first place is never shared."""

from collections.abc import Iterable, Mapping, Sequence

from apps.matches.formats.slots import Key, Stage

Depth = tuple[int, ...]
Exit = tuple[Key, int, int]  # a match's key, its winner and its loser

_LATER = {Stage.WINNERS: 0, Stage.PLAYOFF: 0, Stage.LOSERS: 1, Stage.FINAL: 2}


def champion_of(matches: Iterable[Exit]) -> int:
    """Who won the last match of an elimination."""
    bracket = [one for one in matches if one[0].stage != Stage.THIRD_PLACE]
    _, winner, _ = max(bracket, key=lambda one: (_LATER[one[0].stage], one[0].round))
    return winner


def knocked_out(matches: Sequence[Exit]) -> dict[int, Depth]:
    """How far each entrant of an elimination came: greater is further. The match for the third
    place ranks the two who lost in the semi-finals."""
    depth: dict[int, Depth] = {}
    thirds: dict[int, int] = {}
    for key, winner, loser in matches:
        if key.stage == Stage.THIRD_PLACE:
            thirds |= {winner: 1, loser: 0}
        else:
            depth[loser] = max(depth.get(loser, ()), (_LATER[key.stage], key.round))
    depth |= {one: (*depth[one], came) for one, came in thirds.items()}
    return depth | {champion_of(matches): (len(_LATER),)}


def behind(depth: Mapping[int, Depth], tables: Iterable[Sequence[int]]) -> dict[int, Depth]:
    """Those who did not come out of their group stand behind all who did, by rank in the group."""
    ranks = {one: rank for table in tables for rank, one in enumerate(table)}
    left = {one: (-1, -rank) for one, rank in ranks.items() if one not in depth}
    return {**depth, **left}


def by_table(order: Sequence[int]) -> dict[int, Depth]:
    return {one: (-rank,) for rank, one in enumerate(order)}


def places(depth: Mapping[int, Depth]) -> list[tuple[int, int]]:
    """(place, entrant), best first: who came as far as another shares its place, and the next one
    stands as many places lower."""
    ranked = sorted(depth, key=lambda one: ([-step for step in depth[one]], one))
    found: list[tuple[int, int]] = []
    for count, one in enumerate(ranked, start=1):
        shares = found and depth[one] == depth[found[-1][1]]
        found.append((found[-1][0] if shares else count, one))
    return found
