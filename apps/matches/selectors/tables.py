from dataclasses import dataclass

from apps.matches.draw_state import Book
from apps.matches.formats.standings import Row
from apps.matches.selectors.matches import match_list
from apps.matches.types import Registration


@dataclass(frozen=True)
class Standing:
    rank: int
    entrant: Registration
    played: int
    won: int
    lost: int
    points: int
    head_to_head: int
    buchholz: int
    difference: int
    games_won: int


@dataclass(frozen=True)
class Table:
    """`group` is 0 where everybody is in one."""

    stage: str
    group: int
    rows: list[Standing]


def standings(*, tournament_id: int) -> list[Table]:
    """By the tie-breaks that `formats.standings` states. None of an elimination, or before the
    start."""
    match = match_list(tournament_id=tournament_id).first()
    if match is None:
        return []
    book = Book(match.tournament)
    return [
        Table(stage, group, [_standing(book, rank, row) for rank, row in enumerate(rows, 1)])
        for (stage, group), rows in book.tables().items()
    ]


def _standing(book: Book, rank: int, row: Row) -> Standing:
    figures = {name: value for name, value in vars(row).items() if name != "entrant"}
    return Standing(rank=rank, entrant=book.entrants[row.entrant], **figures)
