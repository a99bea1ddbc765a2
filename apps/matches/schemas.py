from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from apps.accounts.models import User
from apps.accounts.schemas import PersonOut
from apps.api.schemas import Id, Input, Text
from apps.matches.models import MAX_EVIDENCE, MAX_SCORE, Match
from apps.matches.types import Registration

Points = Annotated[int, Field(ge=0, le=MAX_SCORE)]
Score = Annotated[list[Points], Field(min_length=2, max_length=2)]
Statement = Annotated[Text, Field(max_length=MAX_EVIDENCE)]


class TeamRef(Schema):
    id: int
    name: str


class EntrantOut(Schema):
    """A registration: a player, or a team with its captain. `id` is the id of the registration."""

    id: int
    name: str
    player: PersonOut
    team: TeamRef | None


class ScoreIn(Input):
    """In the order of the match's entrants."""

    score: Score

    def pair(self) -> tuple[int, int]:
        return self.score[0], self.score[1]


class ReportIn(ScoreIn):
    """`evidence` is kept if this report opens a dispute. Evidence for an open dispute is added with
    `dispute`."""

    evidence: Statement = ""


class DisputeIn(Input):
    evidence: Annotated[Statement, Field(min_length=1)]


class DecideIn(ScoreIn):
    note: Statement = ""


class ForfeitIn(Input):
    entrant_id: Id | None = None


class MatchOut(Schema):
    id: int
    tournament_id: int
    stage: str
    group: int
    round: int
    position: int
    entrants: list[EntrantOut | None]
    players: list[PersonOut | None]
    best_of: int = Field(validation_alias="tournament.best_of")
    score: list[int] | None
    status: str
    outcome: str
    winner: PersonOut | None
    winner_entrant: EntrantOut | None
    reported_by: int | None = Field(validation_alias="reported_by_id")
    scheduled_at: datetime | None
    forfeit_at: datetime | None

    @staticmethod
    def resolve_entrants(match: Match) -> list[Registration | None]:
        return [match.entrant_a, match.entrant_b]

    @staticmethod
    def resolve_players(match: Match) -> list[User | None]:
        sides = (match.entrant_a, match.entrant_b)
        return [side.player if side else None for side in sides]

    @staticmethod
    def resolve_winner(match: Match) -> User | None:
        return match.winner.player if match.winner else None

    @staticmethod
    def resolve_winner_entrant(match: Match) -> Registration | None:
        return match.winner


class EvidenceOut(Schema):
    author: PersonOut
    entrant_id: int
    text: str
    created_at: datetime


class DisputeOut(Schema):
    match_id: int
    opened_by: PersonOut
    opened_at: datetime
    resolved_by: PersonOut | None
    resolved_at: datetime | None
    note: str
    evidence: list[EvidenceOut]


class StandingOut(Schema):
    """`points` are wins, plus byes in Swiss. The other figures are tiebreakers."""

    rank: int
    entrant: EntrantOut
    played: int
    won: int
    lost: int
    points: int
    head_to_head: int
    buchholz: int
    difference: int
    games_won: int


class TableOut(Schema):
    """`group` counts from 1, and is 0 if all entrants are in one table."""

    stage: str
    group: int
    rows: list[StandingOut]
