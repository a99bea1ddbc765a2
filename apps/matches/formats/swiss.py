"""Swiss: a fixed number of rounds, in which entrants with equal points meet."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from apps.matches.formats.base import Column, Format, Tables, option
from apps.matches.formats.bracket import rounds_for
from apps.matches.formats.pairing import Pair, pair_up
from apps.matches.formats.slots import Draw, Key, Seed, Slot, Stage
from apps.matches.formats.standings import swiss_table

MAX_ROUNDS = 20


@dataclass(frozen=True)
class Swiss(Format):
    name = "swiss"
    label = "Swiss"
    heading = "Standings"
    pairs_by_results = True
    columns = (*Format.columns, Column("buchholz", "Buchholz"))
    tiebreakers = "Buchholz (opponents' points), game difference, seed"

    swiss_rounds: int = option(0, "Swiss rounds", maximum=MAX_ROUNDS, help_text="0 = automatic")

    def first_slots(self, entrants: int) -> list[Slot]:
        half = entrants // 2
        return _slots([(seed, seed + half) for seed in range(half)], 1)

    def rounds(self, entrants: int) -> int:
        """The number that is wanted, or as many rounds as leave one entrant unbeaten. Never more
        than there are opponents, and two at least if a round has a bye, so that each entrant
        plays."""
        odd = entrants % 2
        wanted = self.swiss_rounds or rounds_for(entrants)
        return min(max(wanted, 1 + odd), entrants - 1 + odd)

    def due(self, draw: Draw) -> int:
        return draw.entrants if _last_round(draw) < self.rounds(draw.entrants) else 0

    def next_slots(self, draw: Draw) -> list[Slot]:
        rows = self.tables(draw)[Stage.TABLE, 0]
        pairs = swiss_round(
            [row.entrant for row in rows],
            {row.entrant: row.points for row in rows},
            {frozenset(pair) for pair in draw.pairs.values()},
            _byes(draw),
        )
        return _slots(pairs, _last_round(draw) + 1)

    def tables(self, draw: Draw) -> Tables:
        rows = swiss_table(range(draw.entrants), draw.results.values(), _byes(draw))
        return {(Stage.TABLE, 0): rows}


def _slots(pairs: Sequence[tuple[int, int]], number: int) -> list[Slot]:
    return [
        Slot(Key(Stage.TABLE, 0, number, position), Seed(a), Seed(b), number)
        for position, (a, b) in enumerate(pairs)
    ]


def _last_round(draw: Draw) -> int:
    return max((key.round for key in draw.pairs), default=0)


def _byes(draw: Draw) -> Counter[int]:
    playing: dict[int, set[int]] = defaultdict(set)
    for key, pair in draw.pairs.items():
        playing[key.round].update(pair)
    everyone = set(range(draw.entrants))
    return Counter(entrant for busy in playing.values() for entrant in everyone - busy)


def swiss_round(
    order: Sequence[int], points: Mapping[int, int], met: Set[Pair], byes: Mapping[int, int]
) -> list[tuple[int, int]]:
    """Pairs entrants with equal points, their upper half against the lower, from the top of the
    table down and the better entrant first.

    `order` is the table, best first. With an odd number, the bye goes to the lowest entrant with
    the fewest byes, or to the next higher one if that avoids a rematch. Rematches are as few as
    possible. The same input gives the same pairings.
    """
    candidates = _bye_candidates(order, byes)
    for bye in candidates:
        pairs = pair_up([entrant for entrant in order if entrant != bye], points, met)
        if pairs is not None:
            return pairs
    playing = [entrant for entrant in order if entrant != candidates[0]]
    pairs = pair_up(playing, points, met, rematches=True)
    assert pairs is not None  # with rematches any pair is possible
    return pairs


def _bye_candidates(order: Sequence[int], byes: Mapping[int, int]) -> list[int | None]:
    if len(order) % 2 == 0:
        return [None]
    fewest = min(byes.get(entrant, 0) for entrant in order)
    return [entrant for entrant in reversed(order) if byes.get(entrant, 0) == fewest]
