"""Matches that are to be, and who fills them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple


class Stage(StrEnum):
    WINNERS = "winners"
    LOSERS = "losers"
    FINAL = "final"  # the grand final of a double elimination: round 2 is its reset
    THIRD_PLACE = "third_place"
    TABLE = "table"  # everybody in one: round robin or Swiss
    GROUP = "group"
    PLAYOFF = "playoff"


class Key(NamedTuple):
    """Where a place stands. `group` and `round` count from 1, `group` is 0 where there are none;
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
class Place:
    """`turn` counts the rounds that are played one after the other, over all stages of a draw."""

    key: Key
    a: Source | None
    b: Source | None
    turn: int

    @property
    def sources(self) -> tuple[Source | None, Source | None]:
        return self.a, self.b


class Link(NamedTuple):
    """Where somebody plays on: in slot 0 or 1 of a place."""

    key: Key
    slot: int


class Links(NamedTuple):
    winner_to: Link | None = None
    loser_to: Link | None = None


def without_byes(places: Iterable[Place], entrants: int) -> list[Place]:
    """Only those in which two will meet. A place with one empty side passes its other one on, and
    has no loser. Each place has to stand after those that fill it."""
    cut: dict[Key, Source | None] = {}
    kept = []
    for place in places:
        a, b = (_resolved(source, cut, entrants) for source in place.sources)
        if a is None or b is None:
            cut[place.key] = a or b
        else:
            kept.append(replace(place, a=a, b=b))
    return kept


def _resolved(source: Source | None, cut: dict[Key, Source | None], entrants: int) -> Source | None:
    match source:
        case Seed(number) if number >= entrants:
            return None
        case WinnerOf(key):
            return cut.get(key, source)
        case LoserOf(key) if key in cut:
            return None
    return source


def links(places: Iterable[Place]) -> dict[Key, Links]:
    """Where the winner and the loser of each place play on."""
    found: dict[Key, Links] = {}
    for place in places:
        found.setdefault(place.key, Links())
        for slot, source in enumerate(place.sources):
            match source:
                case WinnerOf(key):
                    found[key] = found.get(key, Links())._replace(winner_to=Link(place.key, slot))
                case LoserOf(key):
                    found[key] = found.get(key, Links())._replace(loser_to=Link(place.key, slot))
    return found
