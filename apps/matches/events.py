from dataclasses import dataclass
from typing import ClassVar

from apps.core import metrics
from apps.core.events import Event, Person


@dataclass(frozen=True, kw_only=True)
class MatchEvent(Event):
    stream: ClassVar[str] = "tournament:{tournament_id}"

    tournament_id: int
    match_id: int
    round: int
    position: int


@dataclass(frozen=True, kw_only=True)
class MatchReady(MatchEvent):
    name = "match.ready"

    players: list[Person]


@dataclass(frozen=True, kw_only=True)
class MatchReported(MatchEvent):
    name = "match.reported"

    score: list[int]


@dataclass(frozen=True, kw_only=True)
class MatchCompleted(MatchEvent):
    name = "match.completed"

    score: list[int]
    winner: Person
    game_title: str
    final: bool

    def count(self) -> None:
        metrics.tournaments.inc(metrics.matches_completed, self.tournament_id, self.game_title)
