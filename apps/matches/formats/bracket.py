"""Elimination brackets, with byes for the best seeds."""

from apps.matches.formats.slots import Key, LoserOf, Seed, Slot, Stage, WinnerOf, without_byes


def rounds_for(entrants: int) -> int:
    """Number of rounds that leave one winner among two or more."""
    return (entrants - 1).bit_length()


def seed_order(size: int) -> list[int]:
    """Seeds in bracket order, so that the best two can only meet in the final.

    `size` is a power of two: 8 gives [0, 7, 3, 4, 1, 6, 2, 5].
    """
    order = [0]
    while len(order) < size:
        last = 2 * len(order) - 1
        order = [seed for upper in order for seed in (upper, last - upper)]
    return order


def full_bracket(rounds: int, stage: Stage, after: int = 0) -> list[Slot]:
    """All 2^rounds - 1 matches. A winner plays next at half the position."""
    order = seed_order(2**rounds)
    slots = [
        Slot(Key(stage, 0, 1, at), Seed(order[2 * at]), Seed(order[2 * at + 1]), after + 1)
        for at in range(2 ** (rounds - 1))
    ]
    for n in range(2, rounds + 1):
        for at in range(2 ** (rounds - n)):
            a, b = (WinnerOf(Key(stage, 0, n - 1, 2 * at + side)) for side in (0, 1))
            slots.append(Slot(Key(stage, 0, n, at), a, b, after + n))
    return slots


def single_bracket(
    entrants: int, *, third_place: bool = False, stage: Stage = Stage.WINNERS, after: int = 0
) -> list[Slot]:
    """`third_place`: the losers of the semifinals meet, if both have been played. `after`: number
    of turns before the first round."""
    rounds = rounds_for(entrants)
    slots = full_bracket(rounds, stage, after)
    if third_place and entrants >= 4:
        a, b = (LoserOf(Key(stage, 0, rounds - 1, semifinal)) for semifinal in (0, 1))
        slots.append(Slot(Key(Stage.THIRD_PLACE, 0, rounds, 0), a, b, after + rounds))
    return without_byes(slots, entrants)
