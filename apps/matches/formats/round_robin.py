"""Round robin: everybody meets everybody once."""

from collections.abc import Sequence

from apps.matches.formats.slots import Key, Place, Seed, Stage

MAX_ENTRANTS = 64  # 2,016 matches in 63 rounds: who wants more wants groups, or Swiss


def round_robin(
    entrants: Sequence[int], *, stage: Stage = Stage.TABLE, group: int = 0
) -> list[Place]:
    """By the circle method: one stays, the others move on by one place a round. An odd number has
    one bye in each round, which is nobody's twice."""
    circle: list[int | None] = list(entrants)
    if len(circle) % 2:
        circle.append(None)
    places = []
    for n in range(1, len(circle)):
        for position, (a, b) in enumerate(_pairs(circle)):
            places.append(Place(Key(stage, group, n, position), Seed(a), Seed(b), n))
        circle = [circle[0], circle[-1], *circle[1:-1]]
    return places


def _pairs(circle: list[int | None]) -> list[tuple[int, int]]:
    half = len(circle) // 2
    facing = zip(circle[:half], reversed(circle[half:]), strict=True)
    return [(a, b) for a, b in facing if a is not None and b is not None]
