from dataclasses import dataclass

from apps.matches.draw_state import DrawState
from apps.matches.formats.standings import Figures
from apps.matches.types import Registration, Tournament


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
    return [
        Table(
            stage.value,
            group,
            [
                Standing(**vars(row) | {"rank": rank, "entrant": state.entrants[row.entrant]})
                for rank, row in enumerate(rows, start=1)
            ],
        )
        for (stage, group), rows in state.tables().items()
    ]


def placements(*, tournament: Tournament) -> list[tuple[int, Registration]]:
    """(place, entrant), best first. Entrants who came equally far share a place, except the first.
    Call once all matches are completed."""
    return DrawState(tournament).placements()
