"""Plays a bracket without a database."""

from collections.abc import Callable, Iterable

from apps.matches.formats.slots import Key, LoserOf, Result, Seed, Slot, Source, WinnerOf


def play(slots: Iterable[Slot], wins_a: Callable[[], bool]) -> dict[Key, Result]:
    """Each slot must follow those that fill it."""
    results: dict[Key, Result] = {}
    for slot in slots:
        a, b = (_entrant(source, results) for source in slot.sources)
        results[slot.key] = Result(a, b, 2, 0) if wins_a() else Result(b, a, 2, 0)
    return results


def _entrant(source: Source, results: dict[Key, Result]) -> int:
    match source:
        case Seed(number):
            return number
        case WinnerOf(key):
            return results[key].winner
        case LoserOf(key):
            return results[key].loser


def seeds_of(slot: Slot) -> tuple[int, int]:
    a, b = slot.sources
    assert isinstance(a, Seed)
    assert isinstance(b, Seed)
    return a.number, b.number
