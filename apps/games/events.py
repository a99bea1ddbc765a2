from apps.events.recording import Audience, Event


class GameChanged(Event):
    name = "game.changed"
    stream = "games"
    audience = Audience.PRIVATE

    title: str
    roster_min: int
    roster_max: int
    retired: bool
