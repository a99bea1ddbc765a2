"""A tournament's rules: which format, and how it is to be drawn."""

from dataclasses import dataclass
from enum import StrEnum

from apps.matches.formats import groups, round_robin
from apps.matches.formats.double import double_elimination
from apps.matches.formats.groups import advance_count, group_count, group_stage
from apps.matches.formats.single import single_elimination
from apps.matches.formats.slots import Key, Place, Seed, Stage
from apps.matches.formats.swiss import Draw, swiss_rounds


class Format(StrEnum):
    SINGLE_ELIMINATION = "single_elimination"
    DOUBLE_ELIMINATION = "double_elimination"
    ROUND_ROBIN = "round_robin"
    SWISS = "swiss"
    GROUPS = "groups"


@dataclass(frozen=True)
class Rules:
    format: Format
    third_place: bool = False
    group_size: int = 4
    group_advance: int = 2
    swiss_rounds: int = 0  # 0: as few as it takes

    def faults(self, entrants: int) -> dict[str, str]:
        """What cannot be played, by field."""
        most = round_robin.MAX_ENTRANTS
        if self.format is Format.ROUND_ROBIN and entrants > most:
            return {"capacity": f"must not be above {most} in a round robin"}
        if not 2 <= self.group_size <= groups.MAX_SIZE:
            return {"group_size": f"must be from 2 to {groups.MAX_SIZE}"}
        if not 1 <= self.group_advance < self.group_size:
            return {"group_advance": "must be at least 1, and fewer than are in a group"}
        return {}

    def first_draw(self, entrants: int) -> list[Place]:
        """All that is known at the start, for 2 entrants or more."""
        match self.format:
            case Format.SINGLE_ELIMINATION:
                return single_elimination(entrants, third_place=self.third_place)
            case Format.DOUBLE_ELIMINATION:
                return double_elimination(entrants)
            case Format.ROUND_ROBIN:
                return round_robin.round_robin(range(entrants))
            case Format.SWISS:
                half = entrants // 2
                pairs = [(one, one + half) for one in range(half)]
                return paired(Draw(pairs, entrants - 1 if entrants % 2 else None), 1)
            case Format.GROUPS:
                return group_stage(entrants, self.group_size)

    def rounds(self, entrants: int) -> int:
        """How many are played one after the other, as far as is known at the start: of a double
        elimination without its reset, of groups without the play-off."""
        if self.format is Format.SWISS:
            return swiss_rounds(entrants, self.swiss_rounds)
        return max(place.turn for place in self.first_draw(entrants))

    def qualify(self, entrants: int) -> int:
        """How many of each group go on."""
        return advance_count(entrants, self.group_size, self.group_advance)

    def play_off_size(self, entrants: int) -> int:
        return self.qualify(entrants) * group_count(entrants, self.group_size)

    def play_off(self, entrants: int) -> list[Place]:
        """Among those who came out of their groups, in order of `qualifiers`."""
        return single_elimination(
            self.play_off_size(entrants),
            third_place=self.third_place,
            stage=Stage.PLAYOFF,
            after=self.rounds(entrants),
        )


def paired(draw: Draw, number: int) -> list[Place]:
    """Round `number` of a Swiss."""
    return [
        Place(Key(Stage.TABLE, 0, number, position), Seed(a), Seed(b), number)
        for position, (a, b) in enumerate(draw.pairs)
    ]
