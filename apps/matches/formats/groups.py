"""Groups, each a round robin, whose best entrants play playoffs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from apps.matches.formats.base import Format, Tables, option, third_place_option
from apps.matches.formats.bracket import rounds_for, seed_order, single_bracket
from apps.matches.formats.round_robin import circle
from apps.matches.formats.slots import Draw, Result, Slot, Stage, reseeded
from apps.matches.formats.standings import table

MAX_SIZE = 16


@dataclass(frozen=True)
class Groups(Format):
    name = "groups"
    label = "Groups and playoffs"
    heading = "Groups and playoffs"

    third_place: bool = third_place_option()
    group_size: int = option(4, "Group size", minimum=2, maximum=MAX_SIZE, until_start=False)
    group_advance: int = option(
        2, "Advance per group", minimum=1, maximum=MAX_SIZE - 1, until_start=False
    )

    def option_errors(self) -> dict[str, str]:
        errors = super().option_errors()
        if not errors and self.group_advance >= self.group_size:
            errors["group_advance"] = f"must be from 1 to {self.group_size - 1}"
        return errors

    def first_slots(self, entrants: int) -> list[Slot]:
        return [
            slot
            for number, members in enumerate(self.groups(entrants), start=1)
            for slot in circle(members, stage=Stage.GROUP, group=number)
        ]

    def groups(self, entrants: int) -> list[list[int]]:
        return snake(entrants, self.count(entrants))

    def due(self, draw: Draw) -> int:
        if any(key.stage is Stage.PLAYOFF for key in draw.pairs):
            return 0
        return self.advance(draw.entrants) * self.count(draw.entrants)

    def count(self, entrants: int) -> int:
        """Groups have at most `group_size` entrants and at least two: three entrants in groups of
        two are one group."""
        return max(1, min(-(-entrants // self.group_size), entrants // 2))

    def advance(self, entrants: int) -> int:
        """Number of entrants of each group in the playoffs: at most the size of the smallest group,
        at least two if there is only one group."""
        groups = self.count(entrants)
        return min(max(self.group_advance, 2 if groups == 1 else 1), entrants // groups)

    def next_slots(self, draw: Draw) -> list[Slot]:
        advance = self.advance(draw.entrants)
        seeds = qualifiers(
            [[row.entrant for row in rows[:advance]] for rows in self.tables(draw).values()]
        )
        slots = single_bracket(
            len(seeds),
            third_place=self.third_place,
            stage=Stage.PLAYOFF,
            after=self.rounds(draw.entrants),
        )
        return reseeded(slots, seeds)

    def tables(self, draw: Draw) -> Tables:
        results: dict[int, list[Result]] = defaultdict(list)
        for key, result in draw.results.items():
            if key.stage is Stage.GROUP:
                results[key.group].append(result)
        return {
            (Stage.GROUP, number): table(members, results[number])
            for number, members in enumerate(self.groups(draw.entrants), start=1)
        }


def snake(entrants: int, groups: int) -> list[list[int]]:
    """Seeds dealt in alternating direction: groups are equally strong, and their sizes differ by at
    most one."""
    dealt: list[list[int]] = [[] for _ in range(groups)]
    for seed in range(entrants):
        lap, step = divmod(seed, groups)
        dealt[step if lap % 2 == 0 else groups - 1 - step].append(seed)
    return dealt


def qualifiers(tables: Sequence[Sequence[int]]) -> list[int]:
    """Entrants in order of their seeds for the playoffs. `tables` has the qualifiers of each group,
    best first.

    Group winners come first, in order of their groups, then the runners-up, and so on. Entrants of
    a rank other than the first are swapped so that entrants of one group meet as late as possible.
    """
    groups = len(tables)
    drawn = [group for _ in tables[0] for group in range(groups)]
    positions = _positions(len(drawn))
    for start in range(groups, len(drawn), groups):
        drawn[start : start + groups] = reversed(drawn[start : start + groups])
        _separate(drawn, positions, start, start + groups)
    return [tables[group][seed // groups] for seed, group in enumerate(drawn)]


def _positions(entrants: int) -> list[int]:
    """The bracket position of each seed."""
    order = seed_order(2 ** rounds_for(entrants))
    return sorted(range(len(order)), key=order.__getitem__)[:entrants]


def _separate(drawn: list[int], positions: list[int], start: int, end: int) -> None:
    """Swaps entrants of one rank as long as that delays meetings within a group."""
    seeds_of = defaultdict(set)
    for seed, group in enumerate(drawn[:end]):
        seeds_of[group].add(seed)

    def cost(seed: int, group: int) -> int:
        others = seeds_of[group] - set(range(start, end))
        return sum(_meeting_cost(positions[seed], positions[other]) for other in others)

    swapped = True
    while swapped:
        swapped = False
        for i, j in combinations(range(start, end), 2):
            a, b = drawn[i], drawn[j]
            if cost(i, b) + cost(j, a) < cost(i, a) + cost(j, b):
                drawn[i], drawn[j] = b, a
                swapped = True


def _meeting_cost(position: int, other: int) -> int:
    """A meeting one round earlier costs as much as many later ones."""
    return 1 << (8 * (11 - (position ^ other).bit_length()))
