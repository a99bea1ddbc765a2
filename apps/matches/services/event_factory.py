"""Records the events of matches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.events.recording import record
from apps.matches.events import (
    MatchCompleted,
    MatchCorrected,
    MatchDisputed,
    MatchReady,
    MatchReminded,
    MatchReported,
    RoundDrawn,
)
from apps.matches.models import Match
from apps.matches.services.locking import Score
from apps.matches.types import Entrant, Registration

MAX_SINGLE_EVENTS = 64  # matches that become ready together, with an event each


def ready(matches: Sequence[Match]) -> None:
    if len(matches) > MAX_SINGLE_EVENTS:
        drawn(matches)
        return
    for match in matches:
        record(MatchReady(**_base(match), players=_players(match), entrants=_entrants(match)))


def drawn(matches: Sequence[Match]) -> None:
    first = matches[0]
    group = first.group if len({match.group for match in matches}) == 1 else 0
    record(
        RoundDrawn(
            tournament_id=first.tournament_id,
            stage=first.stage,
            group=group,
            round=first.round,
            matches=len(matches),
        )
    )


def reminded(match: Match, scheduled_at: datetime) -> None:
    at = scheduled_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    record(MatchReminded(**_base(match), scheduled_at=at, players=_players(match)))


def reported(match: Match, side: Registration, score: Score) -> None:
    record(
        MatchReported(
            **_base(match),
            score=list(score),
            entrants=_entrants(match),
            entrant=side.as_entrant(),
        )
    )


def disputed(match: Match, side: Registration) -> None:
    reports = match.reports.order_by("pk").values_list("score_a", "score_b")
    record(
        MatchDisputed(
            **_base(match), scores=[list(score) for score in reports], entrant=side.as_entrant()
        )
    )


def completed(match: Match, *, final: bool) -> None:
    record(
        MatchCompleted(
            **_result(match),
            outcome=match.outcome,
            game_title=match.tournament.game_title,
            final=final,
        )
    )


def corrected(match: Match, *, old_score: list[int], old_winner: Registration, final: bool) -> None:
    record(
        MatchCorrected(
            **_result(match),
            old_score=old_score,
            old_winner=old_winner.player.as_person(),
            final=final,
        )
    )


def _base(match: Match) -> dict[str, Any]:
    return {
        "tournament_id": match.tournament_id,
        "match_id": match.pk,
        "stage": str(match.stage),
        "group": match.group,
        "round": match.round,
        "position": match.position,
    }


def _result(match: Match) -> dict[str, Any]:
    assert match.winner is not None
    return _base(match) | {
        "score": match.score,
        "entrants": _entrants(match),
        "winner": match.winner.player.as_person(),
        "winner_entrant": match.winner.as_entrant(),
    }


def _entrants(match: Match) -> list[Entrant]:
    return [entrant.as_entrant() for entrant in match.entrants]


def _players(match: Match) -> list[Any]:
    return [entrant["player"] for entrant in _entrants(match)]
