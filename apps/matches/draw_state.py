"""A tournament's matches as the formats see them: entrants are numbered by seed, from 0."""

from apps.matches.formats import format_of
from apps.matches.formats.base import Tables
from apps.matches.formats.slots import Draw, Key, Result, Slot
from apps.matches.models import Match
from apps.matches.types import Registration, Tournament


class DrawState:
    def __init__(self, tournament: Tournament) -> None:
        seeded = tournament.registrations.filter(seed__isnull=False).order_by("seed")
        self.format = format_of(tournament)
        self.entrants: list[Registration] = list(seeded.select_related("player", "team"))
        self.draw = _draw(tournament, [entrant.pk for entrant in self.entrants])

    def due(self) -> int:
        return self.format.due(self.draw)

    def next_slots(self) -> list[Slot]:
        return self.format.next_slots(self.draw)

    def tables(self) -> Tables:
        """Empty before the start."""
        return self.format.tables(self.draw) if self.draw.pairs else {}

    def placements(self) -> list[tuple[int, Registration]]:
        placements = self.format.placements(self.draw)
        return [(place, self.entrants[number]) for place, number in placements]


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
