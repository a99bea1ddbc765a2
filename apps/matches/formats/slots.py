"""Matches of a draw: where each stands, and what fills its two sides.

An entrant is its seed, from 0: the best is 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple


class Stage(StrEnum):
    WINNERS = "winners"
    LOSERS = "losers"
    FINAL = "final"  # the grand final of a double elimination: round 2 is its reset
    THIRD_PLACE = "third_place"
    TABLE = "table"  # all entrants in one table: round robin or Swiss
    GROUP = "group"
    PLAYOFF = "playoff"


TABLES = (Stage.TABLE, Stage.GROUP)


class Key(NamedTuple):
    """Where a match stands. `group` and `round` count from 1, `group` is 0 if there are none;
    `position` counts from 0."""

    stage: Stage
    group: int
    round: int
    position: int


@dataclass(frozen=True)
class Seed:
    number: int


@dataclass(frozen=True)
class WinnerOf:
    key: Key


@dataclass(frozen=True)
class LoserOf:
    key: Key


Source = Seed | WinnerOf | LoserOf


@dataclass(frozen=True)
class Slot:
    """A match to be created. `turn` counts the rounds that are played one after the other, over all
    stages of a draw."""

    key: Key
    a: Source
    b: Source
    turn: int

    @property
    def sources(self) -> tuple[Source, Source]:
        return self.a, self.b


class Result(NamedTuple):
    winner: int
    loser: int
    games_won: int  # by the winner
    games_lost: int


@dataclass(frozen=True)
class Draw:
    """The matches of a tournament so far. `pairs` has those whose two entrants are known."""

    entrants: int
    pairs: Mapping[Key, tuple[int, int]]
    results: Mapping[Key, Result]


def without_byes(slots: Iterable[Slot], entrants: int) -> list[Slot]:
    """Only matches that have two entrants. Each slot must follow those that fill it.

    A slot with one empty side passes its other side on, and has no loser."""
    removed: dict[Key, Source | None] = {}
    kept = []
    for slot in slots:
        a, b = (_resolve(source, removed, entrants) for source in slot.sources)
        if a is None or b is None:
            removed[slot.key] = a or b
        else:
            kept.append(replace(slot, a=a, b=b))
    return kept


def _resolve(source: Source, removed: dict[Key, Source | None], entrants: int) -> Source | None:
    match source:
        case Seed(number) if number >= entrants:
            return None
        case WinnerOf(key):
            return removed.get(key, source)
        case LoserOf(key) if key in removed:
            return None
    return source


def reseeded(slots: Iterable[Slot], entrants: Sequence[int]) -> list[Slot]:
    """The same matches among other entrants, which are listed in order of their new seeds."""

    def renumber(source: Source) -> Source:
        return Seed(entrants[source.number]) if isinstance(source, Seed) else source

    return [replace(slot, a=renumber(slot.a), b=renumber(slot.b)) for slot in slots]
