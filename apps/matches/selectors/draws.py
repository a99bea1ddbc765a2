from dataclasses import dataclass

from apps.matches.formats import format_of
from apps.matches.formats.slots import Draw, Key, Result
from apps.matches.formats.standings import Figures
from apps.matches.models import Match
from apps.matches.types import Registration, Tournament


class DrawState:
    """A tournament's matches as the formats see them: entrants are numbered by seed, from 0."""

    def __init__(self, tournament: Tournament) -> None:
        seeded = tournament.registrations.filter(seed__isnull=False).order_by("seed")
        self.format = format_of(tournament)
        self.entrants: list[Registration] = list(seeded.select_related("player", "team"))
        self.draw = _draw(tournament, [entrant.pk for entrant in self.entrants])


@dataclass(frozen=True)
class Standing(Figures):
    rank: int
    entrant: Registration


@dataclass(frozen=True)
class Table:
    """`group` counts from 1, and is 0 if all entrants are in one table."""

    stage: str
    group: int
    rows: list[Standing]


def standings(*, tournament: Tournament) -> list[Table]:
    """Ranked by the tiebreakers of `formats.standings`. Empty for eliminations and before the
    start."""
    state = DrawState(tournament)
    tables = state.format.tables(state.draw) if state.draw.pairs else {}
    return [
        Table(
            stage.value,
            group,
            [
                Standing(**vars(row) | {"rank": rank, "entrant": state.entrants[row.entrant]})
                for rank, row in enumerate(rows, start=1)
            ],
        )
        for (stage, group), rows in tables.items()
    ]


def placements(*, tournament: Tournament) -> list[tuple[int, Registration]]:
    """(place, entrant), best first. Entrants who came equally far share a place, except the first.
    Call once all matches are completed."""
    state = DrawState(tournament)
    placements = state.format.placements(state.draw)
    return [(place, state.entrants[number]) for place, number in placements]


def _draw(tournament: Tournament, entrants: list[int]) -> Draw:
    numbers = {pk: number for number, pk in enumerate(entrants)}
    pairs: dict[Key, tuple[int, int]] = {}
    results: dict[Key, Result] = {}
    for match in Match.objects.filter(tournament=tournament).order_by():
        if match.entrant_a_id is None or match.entrant_b_id is None:
            continue
        a, b = pairs[match.key] = numbers[match.entrant_a_id], numbers[match.entrant_b_id]
        if match.winner_id is not None:
            winner, loser = (a, b) if match.winner_id == match.entrant_a_id else (b, a)
            low, high = sorted(match.score or (0, 0))
            results[match.key] = Result(winner, loser, high, low)
    return Draw(len(entrants), pairs, results)
