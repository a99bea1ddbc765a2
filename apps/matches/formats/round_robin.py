"""Round robin: each entrant meets each other entrant once."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.matches.formats.base import Format, Tables
from apps.matches.formats.slots import Draw, Key, Seed, Slot, Stage
from apps.matches.formats.standings import table


@dataclass(frozen=True)
class RoundRobin(Format):
    name = "round_robin"
    label = "Round robin"
    heading = "Standings"
    max_entrants = 64  # 2,016 matches in 63 rounds; larger fields use groups or Swiss

    def first_slots(self, entrants: int) -> list[Slot]:
        return circle(range(entrants))

    def tables(self, draw: Draw) -> Tables:
        return {(Stage.TABLE, 0): table(range(draw.entrants), draw.results.values())}


def circle(entrants: Sequence[int], *, stage: Stage = Stage.TABLE, group: int = 0) -> list[Slot]:
    """The circle method: the first entrant stays, the others move on one step a round. With an odd
    number each entrant has one bye."""
    seats: list[int | None] = list(entrants)
    if len(seats) % 2:
        seats.append(None)
    slots = []
    for n in range(1, len(seats)):
        for position, (a, b) in enumerate(_pairs(seats)):
            slots.append(Slot(Key(stage, group, n, position), Seed(a), Seed(b), n))
        seats = [seats[0], seats[-1], *seats[1:-1]]
    return slots


def _pairs(seats: list[int | None]) -> list[tuple[int, int]]:
    half = len(seats) // 2
    facing = zip(seats[:half], reversed(seats[half:]), strict=True)
    return [(a, b) for a, b in facing if a is not None and b is not None]
