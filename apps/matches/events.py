"""Events of matches. `match_fields` and `result_fields` take the common fields from a match."""

from typing import Any

from apps.accounts.types import Person
from apps.events.recording import Event
from apps.matches import metrics
from apps.matches.models import Match
from apps.matches.types import Entrant

STREAM = "tournament:{tournament_id}"


def tournament_stream(tournament_id: int) -> str:
    return STREAM.format(tournament_id=tournament_id)


class DrawEvent(Event):
    stream = STREAM

    tournament_id: int
    stage: str
    group: int
    round: int


class RoundDrawn(DrawEvent):
    """Matches were added to the draw, or many became ready together."""

    name = "round.drawn"

    matches: int


class MatchEvent(DrawEvent):
    match_id: int
    position: int


class MatchReady(MatchEvent):
    name = "match.ready"

    players: list[Person]
    entrants: list[Entrant]


class MatchReminded(MatchEvent):
    name = "match.reminded"

    scheduled_at: str
    players: list[Person]


class MatchReported(MatchEvent):
    """Reported by `entrant`. `score` is in the order of `entrants`."""

    name = "match.reported"

    score: list[int]
    entrants: list[Entrant]
    entrant: Entrant


class MatchDisputed(MatchEvent):
    """`scores` has the score of each report. Evidence stays out of the public feed."""

    name = "match.disputed"

    scores: list[list[int]]
    entrant: Entrant

    def count(self) -> None:
        metrics.match_disputes.inc()


class MatchCompleted(MatchEvent):
    """`final`: no match of the tournament is left to play."""

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


class MatchCorrected(MatchEvent):
    """`final` as in MatchCompleted: a correction may cancel the reset of a grand final."""

    name = "match.corrected"

    old_score: list[int]
    score: list[int]
    entrants: list[Entrant]
    old_winner: Person
    winner: Person
    winner_entrant: Entrant
    final: bool


def match_fields(match: Match) -> dict[str, Any]:
    """The fields of MatchEvent."""
    ids = {"tournament_id": match.tournament_id, "match_id": match.pk}
    return ids | match.key._asdict() | {"stage": str(match.stage)}


def result_fields(match: Match) -> dict[str, Any]:
    """The fields of MatchEvent, and those of a completed match."""
    assert match.winner is not None
    return match_fields(match) | {
        "score": match.score,
        "entrants": match.as_entrants(),
        "winner": match.winner.player.as_person(),
        "winner_entrant": match.winner.as_entrant(),
    }
