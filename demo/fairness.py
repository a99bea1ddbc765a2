"""Whether what was played is what its format promises."""

from collections import Counter
from itertools import combinations

from demo.api import Json, Problem
from demo.plan import Plan


def check(plan: Plan, matches: list[Json], champion: int) -> None:
    """`matches` as the API lists them, `champion` the entrant's id. Raises Problem."""
    pairs = [tuple(sorted(entrant["id"] for entrant in match["entrants"])) for match in matches]
    losses = Counter({entrant: 0 for pair in pairs for entrant in pair})
    losses.update(_loser(match) for match in matches)
    _require(len(losses) == plan.entrants, "somebody did not play")
    _require(all(match["status"] == "completed" for match in matches), "a match was left over")
    CHECKS[plan.format](pairs, losses, champion)


def _loser(match: Json) -> int:
    lost: int = next(e["id"] for e in match["entrants"] if e["id"] != match["winner_entrant"]["id"])
    return lost


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Problem(f"This was no fair tournament: {otherwise}.")


Pairs = list[tuple[int, ...]]


def _out_after(most: int, pairs: Pairs, losses: Counter[int], champion: int) -> None:
    others = [lost for entrant, lost in losses.items() if entrant != champion]
    _require(losses[champion] < most, "the champion was out")
    _require(set(others) <= {most}, f"who lost {most} times was not out, or too early")


def _everybody_once(pairs: Pairs, losses: Counter[int], champion: int) -> None:
    _require(sorted(pairs) == list(combinations(sorted(losses), 2)), "not all met, each once")


def _nobody_twice(pairs: Pairs, losses: Counter[int], champion: int) -> None:
    _require(len(set(pairs)) == len(pairs), "two met twice")


def _groups(pairs: Pairs, losses: Counter[int], champion: int) -> None:
    """A champion may lose in its group; how groups lead to the play-off is the server's tests'."""
    _require(max(Counter(pairs).values()) <= 2, "two met thrice")


CHECKS = {
    "single_elimination": lambda *played: _out_after(1, *played),
    "double_elimination": lambda *played: _out_after(2, *played),
    "round_robin": _everybody_once,
    "swiss": _nobody_twice,
    "groups": _groups,
}
