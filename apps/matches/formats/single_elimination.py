"""Single elimination: one loss eliminates."""

from dataclasses import dataclass

from apps.matches.formats.base import Format, third_place_option
from apps.matches.formats.bracket import single_bracket
from apps.matches.formats.slots import Slot


@dataclass(frozen=True)
class SingleElimination(Format):
    name = "single_elimination"
    label = "Single elimination"
    max_losses = 1

    third_place: bool = third_place_option()

    def first_slots(self, entrants: int) -> list[Slot]:
        return single_bracket(entrants, third_place=self.third_place)
