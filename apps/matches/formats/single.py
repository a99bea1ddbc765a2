"""Single elimination: who loses is out."""

from apps.matches.formats.slots import Key, LoserOf, Place, Seed, Stage, WinnerOf, without_byes


def rounds_for(entrants: int) -> int:
    """How many rounds it takes to find one winner among two or more."""
    return (entrants - 1).bit_length()


def seed_order(places: int) -> list[int]:
    """Seeds in bracket order, so that the best two can only meet in the final.

    `places` is a power of two: 8 gives [0, 7, 3, 4, 1, 6, 2, 5].
    """
    order = [0]
    while len(order) < places:
        last = 2 * len(order) - 1
        order = [seed for one in order for seed in (one, last - one)]
    return order


def single_elimination(
    entrants: int, *, third_place: bool = False, stage: Stage = Stage.WINNERS, after: int = 0
) -> list[Place]:
    """The best seeds have the byes. The losers of the semi-finals meet for the third place where
    that is wanted and there are two of them: among four or more. `after` so many turns."""
    rounds = rounds_for(entrants)
    places = bracket(rounds, stage, after)
    if third_place and entrants >= 4:
        a, b = (LoserOf(Key(stage, 0, rounds - 1, semi_final)) for semi_final in (0, 1))
        places.append(Place(Key(Stage.THIRD_PLACE, 0, rounds, 0), a, b, after + rounds))
    return without_byes(places, entrants)


def bracket(rounds: int, stage: Stage, after: int = 0) -> list[Place]:
    """All places, with none cut out. The winner of a place plays on at half its position."""
    order = seed_order(2**rounds)
    places = [
        Place(Key(stage, 0, 1, at), Seed(order[2 * at]), Seed(order[2 * at + 1]), after + 1)
        for at in range(2 ** (rounds - 1))
    ]
    for n in range(2, rounds + 1):
        for at in range(2 ** (rounds - n)):
            a, b = (WinnerOf(Key(stage, 0, n - 1, 2 * at + slot)) for slot in (0, 1))
            places.append(Place(Key(stage, 0, n, at), a, b, after + n))
    return places
