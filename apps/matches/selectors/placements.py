from apps.matches.draw_state import Book
from apps.matches.formats.placements import (
    Depth,
    Exit,
    behind,
    by_table,
    knocked_out,
    places,
)
from apps.matches.formats.rules import Format
from apps.matches.formats.slots import Key, Stage
from apps.matches.selectors.matches import match_list


def placements(*, tournament_id: int) -> list[tuple[int, int]]:
    """(place, registration id), best first; places are shared by those who came equally far, but
    the first. Call once the draw is over."""
    match = match_list(tournament_id=tournament_id).first()
    if match is None:
        return []
    book = Book(match.tournament)
    return [(place, book.entrants[one].pk) for place, one in places(_depths(book))]


def _depths(book: Book) -> dict[int, Depth]:
    tables = [[row.entrant for row in rows] for rows in book.tables().values()]
    if book.rules.format in (Format.ROUND_ROBIN, Format.SWISS):
        return by_table(tables[0])
    return behind(knocked_out(_exits(book)), tables)


def _exits(book: Book) -> list[Exit]:
    bracket = book.of_stage(*(stage for stage in Stage if stage is not Stage.GROUP))
    return [
        (Key(Stage(match.stage), match.group, match.round, match.position), winner, loser)
        for match, winner, loser in book.ended(bracket)
    ]
