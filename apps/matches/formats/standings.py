"""Tables and their tie-breaks. A match won is a point, and so is a bye; there are no draws.

Round robin and groups: points; points against those with as many; games won less games lost; games
won; seed. Swiss: points; Buchholz, the points of all opponents (a bye has none); games won less
games lost; seed. The seed decides last, so that no two share a place.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Result(NamedTuple):
    winner: int
    loser: int
    games_won: int  # by the winner
    games_lost: int


@dataclass(frozen=True)
class Row:
    entrant: int
    played: int
    won: int
    lost: int
    points: int
    head_to_head: int
    buchholz: int
    difference: int
    games_won: int


def table(entrants: Sequence[int], results: Sequence[Result]) -> list[Row]:
    """Of a round robin, best first."""
    return sorted(_rows(entrants, results, {}), key=_by_meetings)


def swiss_table(
    entrants: Sequence[int], results: Sequence[Result], byes: Mapping[int, int]
) -> list[Row]:
    """Best first. `byes` is how many each has had."""
    return sorted(_rows(entrants, results, byes), key=_by_opponents)


def _by_meetings(row: Row) -> tuple[int, ...]:
    return (-row.points, -row.head_to_head, -row.difference, -row.games_won, row.entrant)


def _by_opponents(row: Row) -> tuple[int, ...]:
    return (-row.points, -row.buchholz, -row.difference, row.entrant)


def _rows(
    entrants: Sequence[int], results: Sequence[Result], byes: Mapping[int, int]
) -> Iterable[Row]:
    won = Counter(one.winner for one in results)
    lost = Counter(one.loser for one in results)
    points = {one: won[one] + byes.get(one, 0) for one in entrants}
    among_tied = Counter(one.winner for one in results if points[one.winner] == points[one.loser])
    games, against, opponents = _figures(results)
    for one in entrants:
        yield Row(
            entrant=one,
            played=won[one] + lost[one],
            won=won[one],
            lost=lost[one],
            points=points[one],
            head_to_head=among_tied[one],
            buchholz=sum(points[other] for other in opponents[one]),
            difference=games[one] - against[one],
            games_won=games[one],
        )


def _figures(
    results: Iterable[Result],
) -> tuple[Counter[int], Counter[int], dict[int, list[int]]]:
    """Games won and lost by each, and whom each has met."""
    games: Counter[int] = Counter()
    against: Counter[int] = Counter()
    opponents: dict[int, list[int]] = defaultdict(list)
    for one in results:
        games[one.winner] += one.games_won
        games[one.loser] += one.games_lost
        against[one.winner] += one.games_lost
        against[one.loser] += one.games_won
        opponents[one.winner].append(one.loser)
        opponents[one.loser].append(one.winner)
    return games, against, opponents
