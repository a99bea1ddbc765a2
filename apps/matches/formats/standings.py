"""Tables and their tiebreakers. A win or a bye is one point; a match always has a winner.

Round robin and groups: points; head-to-head points among entrants with equal points; game
difference; games won; seed. Swiss: points; Buchholz, the points of all opponents (a bye has none);
game difference; seed. The seed comes last, so that no two entrants share a rank.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from apps.matches.formats.slots import Result


@dataclass(frozen=True)
class Figures:
    played: int
    won: int
    lost: int
    points: int
    head_to_head: int
    buchholz: int
    difference: int
    games_won: int


@dataclass(frozen=True)
class Row(Figures):
    entrant: int


def table(entrants: Sequence[int], results: Collection[Result]) -> list[Row]:
    """The table of a round robin, best first."""
    return sorted(_rows(entrants, results, {}), key=_by_head_to_head)


def swiss_table(
    entrants: Sequence[int], results: Collection[Result], byes: Mapping[int, int]
) -> list[Row]:
    """Best first. `byes` is the number of byes of each entrant."""
    return sorted(_rows(entrants, results, byes), key=_by_buchholz)


def _by_head_to_head(row: Row) -> tuple[int, ...]:
    return (-row.points, -row.head_to_head, -row.difference, -row.games_won, row.entrant)


def _by_buchholz(row: Row) -> tuple[int, ...]:
    return (-row.points, -row.buchholz, -row.difference, row.entrant)


def _rows(
    entrants: Sequence[int], results: Collection[Result], byes: Mapping[int, int]
) -> Iterator[Row]:
    won = Counter(result.winner for result in results)
    lost = Counter(result.loser for result in results)
    points = {entrant: won[entrant] + byes.get(entrant, 0) for entrant in entrants}
    among_tied = Counter(
        result.winner for result in results if points[result.winner] == points[result.loser]
    )
    games_won, games_lost, opponents = _games(results)
    for entrant in entrants:
        yield Row(
            entrant=entrant,
            played=won[entrant] + lost[entrant],
            won=won[entrant],
            lost=lost[entrant],
            points=points[entrant],
            head_to_head=among_tied[entrant],
            buchholz=sum(points[opponent] for opponent in opponents[entrant]),
            difference=games_won[entrant] - games_lost[entrant],
            games_won=games_won[entrant],
        )


def _games(
    results: Iterable[Result],
) -> tuple[Counter[int], Counter[int], dict[int, list[int]]]:
    """Games won, games lost and opponents of each entrant."""
    games_won: Counter[int] = Counter()
    games_lost: Counter[int] = Counter()
    opponents: dict[int, list[int]] = defaultdict(list)
    for winner, loser, won, lost in results:
        games_won[winner] += won
        games_won[loser] += lost
        games_lost[winner] += lost
        games_lost[loser] += won
        opponents[winner].append(loser)
        opponents[loser].append(winner)
    return games_won, games_lost, opponents
