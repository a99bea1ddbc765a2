"""Plays an elimination on paper: places in order, each decided by `wins_a`."""

from collections.abc import Callable, Iterable

from apps.matches.formats.slots import Key, LoserOf, Place, Seed, Source, WinnerOf

Played = list[tuple[Key, int, int]]  # key, winner, loser


def play(places: Iterable[Place], wins_a: Callable[[], bool]) -> Played:
    ended: dict[Key, tuple[int, int]] = {}
    for place in places:
        a, b = (_who(source, ended) for source in place.sources)
        ended[place.key] = (a, b) if wins_a() else (b, a)
    return [(key, winner, loser) for key, (winner, loser) in ended.items()]


def _who(source: Source | None, ended: dict[Key, tuple[int, int]]) -> int:
    match source:
        case Seed(number):
            return number
        case WinnerOf(key):
            return ended[key][0]
        case LoserOf(key):
            return ended[key][1]
    raise AssertionError("a place that is played has two sides")
