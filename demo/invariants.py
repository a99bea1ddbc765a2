"""The rules that every played tournament of a format must satisfy."""

from collections import Counter
from itertools import combinations

from demo.api import DemoError, Json

Pairs = list[tuple[int, ...]]


def check(format: str, entrants: int, matches: list[Json], champion: int) -> None:
    """`matches` as the API lists them, `champion` an entrant's id. Raises DemoError."""
    pairs = [tuple(sorted(entrant["id"] for entrant in match["entrants"])) for match in matches]
    losses = Counter({entrant: 0 for pair in pairs for entrant in pair})
    losses.update(_loser(match) for match in matches)
    _require(len(losses) == entrants, "an entrant did not play")
    _require(all(match["status"] == "completed" for match in matches), "a match is not completed")
    CHECKS[format](pairs, losses, champion)


def _loser(match: Json) -> int:
    winner = match["winner_entrant"]["id"]
    [loser] = [entrant["id"] for entrant in match["entrants"] if entrant["id"] != winner]
    return int(loser)


def _require(condition: bool, violation: str) -> None:
    if not condition:
        raise DemoError(f"The tournament breaks the rules of its format: {violation}.")


def _eliminated_after(limit: int, pairs: Pairs, losses: Counter[int], champion: int) -> None:
    others = {count for entrant, count in losses.items() if entrant != champion}
    _require(losses[champion] < limit, "the champion lost too often")
    _require(others <= {limit}, f"not every other entrant has exactly {limit} losses")


def _each_pair_once(pairs: Pairs, losses: Counter[int], champion: int) -> None:
    expected = list(combinations(sorted(losses), 2))
    _require(sorted(pairs) == expected, "not every pair met exactly once")


def _no_pair_twice(pairs: Pairs, losses: Counter[int], champion: int) -> None:
    _require(len(set(pairs)) == len(pairs), "a pair met twice")


def _no_pair_three_times(pairs: Pairs, losses: Counter[int], champion: int) -> None:
    """A pair may meet in its group and in the playoffs, and the champion may lose in the group."""
    _require(max(Counter(pairs).values()) <= 2, "a pair met three times")


CHECKS = {
    "single_elimination": lambda *played: _eliminated_after(1, *played),
    "double_elimination": lambda *played: _eliminated_after(2, *played),
    "round_robin": _each_pair_once,
    "swiss": _no_pair_twice,
    "groups": _no_pair_three_times,
}
