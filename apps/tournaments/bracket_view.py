"""A bracket as it is drawn: a column for each round, a slot for each player."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from apps.accounts.models import User
from apps.matches.models import Match

NAMES = {0: "Final", 1: "Semi-finals", 2: "Quarter-finals"}


@dataclass(frozen=True)
class Slot:
    name: str
    score: int | None
    won: bool


@dataclass(frozen=True)
class Cell:
    """A place of the bracket: empty where a player had a bye."""

    round: int
    position: int
    match: Match | None
    slots: tuple[Slot, Slot] | None


@dataclass(frozen=True)
class Round:
    number: int
    name: str
    cells: list[Cell]


def bracket_rounds(matches: Iterable[Match]) -> list[Round]:
    """The matches, in order of round and position, as columns."""
    by_round = {number: list(some) for number, some in groupby(matches, lambda one: one.round)}
    last = max(by_round, default=0)
    return [
        Round(number, NAMES.get(last - number, f"Round {number}"), _cells(number, last, some))
        for number, some in by_round.items()
    ]


def _cells(number: int, last: int, matches: list[Match]) -> list[Cell]:
    by_position = {match.position: match for match in matches}
    cells = []
    for position in range(2 ** (last - number)):
        match = by_position.get(position)
        cells.append(Cell(number, position, match, _slots(match) if match else None))
    return cells


def _slots(match: Match) -> tuple[Slot, Slot]:
    return (
        _slot(match, match.player_a, match.score_a),
        _slot(match, match.player_b, match.score_b),
    )


def _slot(match: Match, player: User | None, score: int | None) -> Slot:
    if player is None:
        return Slot("", None, won=False)
    return Slot(player.username, score, won=match.winner_id == player.pk)
