"""Single elimination, as pure functions over seeds."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def rounds_for(entrants: int) -> int:
    """How many rounds it takes to find one winner among two or more."""
    return (entrants - 1).bit_length()


def seed_order(places: int) -> list[int]:
    """Seeds (from 0) in bracket order, so that the best two can only meet in the final.

    `places` is a power of two: 8 gives [0, 7, 3, 4, 1, 6, 2, 5].
    """
    order = [0]
    while len(order) < places:
        last = 2 * len(order) - 1
        order = [seed for one in order for seed in (one, last - one)]
    return order


def first_round(entrants: Sequence[T]) -> list[tuple[T, T | None]]:
    """The first round's pairs, for entrants in order of seed. The best seeds meet None: a bye."""
    order = seed_order(2 ** rounds_for(len(entrants)))
    slots = [entrants[seed] if seed < len(entrants) else None for seed in order]
    pairs = zip(slots[::2], slots[1::2], strict=True)
    return [(a, b) for a, b in pairs if a is not None]
