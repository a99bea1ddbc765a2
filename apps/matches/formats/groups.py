"""Groups, each a round robin, whose best go on into a play-off."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from apps.matches.formats.round_robin import round_robin
from apps.matches.formats.single import rounds_for, seed_order
from apps.matches.formats.slots import Place, Stage

MAX_SIZE = 16


def group_count(entrants: int, size: int) -> int:
    """Groups of at most `size`, and never of one: three in groups of two are one group."""
    return max(1, min(-(-entrants // size), entrants // 2))


def snake(entrants: int, groups: int) -> list[list[int]]:
    """Seeds dealt out to and fro: groups are equally strong, and the sizes of two differ by at most
    one."""
    dealt: list[list[int]] = [[] for _ in range(groups)]
    for seed in range(entrants):
        lap, step = divmod(seed, groups)
        dealt[step if lap % 2 == 0 else groups - 1 - step].append(seed)
    return dealt


def group_stage(entrants: int, size: int) -> list[Place]:
    dealt = snake(entrants, group_count(entrants, size))
    return [
        place
        for number, group in enumerate(dealt, start=1)
        for place in round_robin(group, stage=Stage.GROUP, group=number)
    ]


def advance_count(entrants: int, size: int, advance: int) -> int:
    """How many of each group go on: no more than the smallest has, two at least of an only one."""
    groups = group_count(entrants, size)
    return min(max(advance, 2 if groups == 1 else 1), entrants // groups)


def qualifiers(tables: Sequence[Sequence[int]]) -> list[int]:
    """Those who go on (`tables`: of each group, best first) in order of seed for the play-off.

    Winners of groups come first, in order of their groups, then the second, and so on. Within a
    rank, who is not first is moved so that one meets one's own group as late as possible.
    """
    groups = len(tables)
    drawn = [group for _ in tables[0] for group in range(groups)]
    slots = _slots(len(drawn))
    for start in range(groups, len(drawn), groups):
        drawn[start : start + groups] = reversed(drawn[start : start + groups])
        _move_apart(drawn, slots, start, start + groups)
    return [tables[group][seed // groups] for seed, group in enumerate(drawn)]


def _slots(entrants: int) -> list[int]:
    """Of each seed, where it stands in the bracket."""
    order = seed_order(2 ** rounds_for(entrants))
    return sorted(range(len(order)), key=order.__getitem__)[:entrants]


def _move_apart(drawn: list[int], slots: list[int], start: int, end: int) -> None:
    """Swaps two of a rank as long as that puts off meetings of one group."""
    seeds_of = defaultdict(set)
    for seed, group in enumerate(drawn[:end]):
        seeds_of[group].add(seed)

    def earliness(seed: int, group: int) -> int:
        others = seeds_of[group] - set(range(start, end))
        return sum(_earliness(slots[seed], slots[other]) for other in others)

    swapped = True
    while swapped:
        swapped = False
        for one, two in combinations(range(start, end), 2):
            a, b = drawn[one], drawn[two]
            if earliness(one, b) + earliness(two, a) < earliness(one, a) + earliness(two, b):
                drawn[one], drawn[two] = b, a
                swapped = True


def _earliness(slot: int, other: int) -> int:
    """A meeting one round earlier weighs as much as many that are later."""
    return 1 << (8 * (11 - (slot ^ other).bit_length()))
