from dataclasses import dataclass

from apps.events.recording import Audience, Event


@dataclass(frozen=True, kw_only=True)
class GameChanged(Event):
    name = "game.changed"
    stream = "games"
    audience = Audience.PRIVATE

    title: str
    roster_min: int
    roster_max: int
    retired: bool
