from dataclasses import dataclass
from typing import ClassVar

from apps.accounts.types import Person
from apps.events.recording import Event
from apps.matches import metrics
from apps.matches.types import Entrant

STREAM = "tournament:{tournament_id}"


def tournament_stream(tournament_id: int) -> str:
    return STREAM.format(tournament_id=tournament_id)


@dataclass(frozen=True, kw_only=True)
class DrawEvent(Event):
    stream: ClassVar[str] = STREAM

    tournament_id: int
    stage: str
    group: int
    round: int


@dataclass(frozen=True, kw_only=True)
class RoundDrawn(DrawEvent):
    """So many matches are there that were not known before, or are ready all at once."""

    name = "round.drawn"

    matches: int


@dataclass(frozen=True, kw_only=True)
class MatchEvent(DrawEvent):
    match_id: int
    position: int


@dataclass(frozen=True, kw_only=True)
class MatchReady(MatchEvent):
    name = "match.ready"

    players: list[Person]
    entrants: list[Entrant]


@dataclass(frozen=True, kw_only=True)
class MatchReminded(MatchEvent):
    name = "match.reminded"

    scheduled_at: str
    players: list[Person]


@dataclass(frozen=True, kw_only=True)
class MatchReported(MatchEvent):
    """`entrant` is the side that reports, `score` is in the order of `entrants`."""

    name = "match.reported"

    score: list[int]
    entrants: list[Entrant]
    entrant: Entrant


@dataclass(frozen=True, kw_only=True)
class MatchDisputed(MatchEvent):
    """`scores` as each side that did has reported them. Evidence is for the organizer only."""

    name = "match.disputed"

    scores: list[list[int]]
    entrant: Entrant

    def count(self) -> None:
        metrics.match_disputes.inc()


@dataclass(frozen=True, kw_only=True)
class MatchCompleted(MatchEvent):
    """`final`: nothing is left to be played in this tournament."""

    name = "match.completed"

    score: list[int]
    entrants: list[Entrant]
    winner: Person
    winner_entrant: Entrant
    outcome: str
    game_title: str
    final: bool

    def count(self) -> None:
        metrics.active_tournaments.inc(
            metrics.matches_completed, self.tournament_id, {"game_title": self.game_title}
        )
        metrics.match_outcomes.labels(self.outcome).inc()


@dataclass(frozen=True, kw_only=True)
class MatchCorrected(MatchEvent):
    """`final` as with MatchCompleted: a grand final's reset may be called off by this."""

    name = "match.corrected"

    old_score: list[int]
    score: list[int]
    entrants: list[Entrant]
    old_winner: Person
    winner: Person
    winner_entrant: Entrant
    final: bool
