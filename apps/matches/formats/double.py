"""Double elimination: who loses twice is out.

With 2^k places the winners' bracket has k rounds, the losers' bracket 2(k - 1). Its odd rounds are
among those who are in it; in its even round 2j they meet the losers of round j + 1 above.
"""

from apps.matches.formats.single import bracket, rounds_for
from apps.matches.formats.slots import Key, LoserOf, Place, Source, Stage, WinnerOf, without_byes

RESET = Key(Stage.FINAL, 0, 2, 0)


def double_elimination(entrants: int) -> list[Place]:
    """Without the second final, which is only played where the winners' champion, on side a, loses
    the first: see `reset`."""
    rounds = rounds_for(entrants)
    places = [*bracket(rounds, Stage.WINNERS), *_losers_bracket(rounds)]
    last = _losers_rounds(rounds)
    above = WinnerOf(Key(Stage.WINNERS, 0, rounds, 0))
    below: Source = WinnerOf(Key(Stage.LOSERS, 0, last, 0)) if last else LoserOf(above.key)
    final = Place(Key(Stage.FINAL, 0, 1, 0), above, below, _final_turn(rounds))
    return without_byes([*places, final], entrants)


def reset(entrants: int) -> Place:
    """The second final: the two of the first once more."""
    first = Key(Stage.FINAL, 0, 1, 0)
    turn = _final_turn(rounds_for(entrants)) + 1
    return Place(RESET, LoserOf(first), WinnerOf(first), turn)


def _losers_rounds(rounds: int) -> int:
    return 2 * (rounds - 1)


def _final_turn(rounds: int) -> int:
    return max(_losers_rounds(rounds) + 1, rounds) + 1


def _losers_bracket(rounds: int) -> list[Place]:
    places = []
    masks = crossings(rounds)
    for n in range(1, _losers_rounds(rounds) + 1):
        for at in range(2 ** (rounds - 2 - (n - 1) // 2)):
            a, b = _sides(n, at, masks)
            places.append(Place(Key(Stage.LOSERS, 0, n, at), a, b, n + 1))
    return places


def _sides(n: int, at: int, masks: list[int]) -> tuple[Source, Source]:
    if n == 1:
        a, b = (LoserOf(Key(Stage.WINNERS, 0, 1, 2 * at + slot)) for slot in (0, 1))
        return a, b
    if n % 2:
        c, d = (WinnerOf(Key(Stage.LOSERS, 0, n - 1, 2 * at + slot)) for slot in (0, 1))
        return c, d
    above = n // 2 + 1
    dropped = LoserOf(Key(Stage.WINNERS, 0, above, at ^ masks[above - 2]))
    return dropped, WinnerOf(Key(Stage.LOSERS, 0, n - 1, at))


def crossings(rounds: int) -> list[int]:
    """How the losers of rounds 2, 3, ... above cross over as they drop, so that rematches come
    late: the loser of position p goes to position p ^ mask.

    All who come from one part of the winners' bracket, and lost in different rounds, are where the
    masks of those rounds put them; two of them can meet once the bits in which these masks differ
    are played away. So each mask is to differ from all before it in as high a bit as may be.
    """
    masks: list[int] = []
    before = [0]  # the masks so far, in positions of the round at hand; 0 is that of round 1
    for n in range(2, rounds + 1):
        before = [mask >> 1 for mask in before] if n > 2 else before
        mask = max(range(2 ** (rounds - n)), key=lambda it: _apart(it, before))
        masks.append(mask)
        before.append(mask)
    return masks


def _apart(mask: int, before: list[int]) -> tuple[int, int]:
    differences = [(mask ^ other).bit_length() for other in before]
    return min(differences), sum(differences)
