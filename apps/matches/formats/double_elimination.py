"""Double elimination: two losses eliminate.

With 2^k slots the winners bracket has k rounds, the losers bracket 2(k - 1). In its odd rounds its
entrants meet each other; in its even round 2j they meet the losers of winners round j + 1.
"""

from dataclasses import dataclass

from apps.matches.formats.base import Format
from apps.matches.formats.bracket import full_bracket, rounds_for
from apps.matches.formats.slots import (
    Draw,
    Key,
    LoserOf,
    Seed,
    Slot,
    Source,
    Stage,
    WinnerOf,
    without_byes,
)

FINAL = Key(Stage.FINAL, 0, 1, 0)
RESET = Key(Stage.FINAL, 0, 2, 0)


@dataclass(frozen=True)
class DoubleElimination(Format):
    name = "double_elimination"
    label = "Double elimination"
    max_losses = 2
    titles = {  # noqa: RUF012 Mapping in the base
        Stage.WINNERS: "Winners bracket",
        Stage.LOSERS: "Losers bracket",
        Stage.FINAL: "Grand final",
    }

    def first_slots(self, entrants: int) -> list[Slot]:
        rounds = rounds_for(entrants)
        slots = [*full_bracket(rounds, Stage.WINNERS), *_losers_bracket(rounds)]
        last = _losers_rounds(rounds)
        upper = WinnerOf(Key(Stage.WINNERS, 0, rounds, 0))
        lower: Source = WinnerOf(Key(Stage.LOSERS, 0, last, 0)) if last else LoserOf(upper.key)
        final = Slot(FINAL, upper, lower, _final_turn(rounds))
        return without_byes([*slots, final], entrants)

    def due(self, draw: Draw) -> int:
        """The reset, if the winner of the winners bracket, on side a, lost the grand final."""
        final = draw.results.get(FINAL)
        is_reset = final is not None and final.winner == draw.pairs[FINAL][1]
        return 2 if is_reset and RESET not in draw.pairs else 0

    def next_slots(self, draw: Draw) -> list[Slot]:
        a, b = draw.pairs[FINAL]
        return [Slot(RESET, Seed(a), Seed(b), _final_turn(rounds_for(draw.entrants)) + 1)]

    def round_name(self, stage: Stage, number: int, last: int) -> str:
        if stage is Stage.FINAL:
            return "Grand final" if number == 1 else "Grand final reset"
        return f"Round {number}" if number < last else f"{stage.capitalize()} final"


def _losers_rounds(rounds: int) -> int:
    return 2 * (rounds - 1)


def _final_turn(rounds: int) -> int:
    return max(_losers_rounds(rounds) + 1, rounds) + 1


def _losers_bracket(rounds: int) -> list[Slot]:
    slots = []
    masks = crossings(rounds)
    for n in range(1, _losers_rounds(rounds) + 1):
        for at in range(2 ** (rounds - 2 - (n - 1) // 2)):
            a, b = _sides(n, at, masks)
            slots.append(Slot(Key(Stage.LOSERS, 0, n, at), a, b, n + 1))
    return slots


def _sides(n: int, at: int, masks: list[int]) -> tuple[Source, Source]:
    if n == 1:
        a, b = (LoserOf(Key(Stage.WINNERS, 0, 1, 2 * at + side)) for side in (0, 1))
        return a, b
    if n % 2:
        c, d = (WinnerOf(Key(Stage.LOSERS, 0, n - 1, 2 * at + side)) for side in (0, 1))
        return c, d
    upper = n // 2 + 1
    dropped = LoserOf(Key(Stage.WINNERS, 0, upper, at ^ masks[upper - 2]))
    return dropped, WinnerOf(Key(Stage.LOSERS, 0, n - 1, at))


def crossings(rounds: int) -> list[int]:
    """How the losers of winners rounds 2, 3, ... cross over as they drop, so that rematches come
    late: the loser at position p goes to position p ^ mask.

    Entrants of one part of the winners bracket who lost in different rounds are placed by the masks
    of those rounds. Two of them can meet once the bits in which these masks differ are played away.
    So each mask differs from all masks before it in as high a bit as possible.
    """
    masks: list[int] = []
    earlier = [0]  # the masks so far, in positions of the current round; 0 is that of round 1
    for n in range(2, rounds + 1):
        earlier = [mask >> 1 for mask in earlier] if n > 2 else earlier
        mask = max(range(2 ** (rounds - n)), key=lambda it: _distance(it, earlier))
        masks.append(mask)
        earlier.append(mask)
    return masks


def _distance(mask: int, earlier: list[int]) -> tuple[int, int]:
    differences = [(mask ^ other).bit_length() for other in earlier]
    return min(differences), sum(differences)
