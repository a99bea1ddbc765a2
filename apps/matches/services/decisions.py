"""Decisions of the organizer, forfeits and corrected results."""

from django.db import transaction

from apps.accounts.models import User
from apps.events.recording import record
from apps.matches import exceptions
from apps.matches.events import MatchCorrected, result_fields
from apps.matches.models import MAX_EVIDENCE, Match
from apps.matches.services.completion import (
    complete,
    ends_draw,
    has_consequences,
    play_on,
    take_back,
    write_result,
)
from apps.matches.services.locking import (
    LIVE,
    Score,
    check_open,
    check_organizer,
    check_score,
    match_locked,
    side_of,
    wins_needed,
)
from apps.matches.types import Registration


@transaction.atomic
def match_decide(*, match_id: int, organizer: User, score: Score, note: str = "") -> Match:
    """Ends a match that is disputed or not reported. Raises MatchNotFound,
    NotTheOrganizer, MatchAlreadyCompleted, TournamentNotLive, MatchNotReady, ScoreIsDraw,
    ScoreNotPossible, EvidenceMissing (the note is too long)."""
    match = match_locked(match_id)
    check_organizer(match, organizer)
    check_open(match)
    check_score(match, score)
    if len(note) > MAX_EVIDENCE:
        raise exceptions.EvidenceMissing(note=f"must have at most {MAX_EVIDENCE} characters")
    complete(match, score, Match.Outcome.DECIDED, by=organizer, note=note)
    return match


@transaction.atomic
def match_forfeit(*, match_id: int, by: User, entrant_id: int | None = None) -> Match:
    """The other side wins without losing a game. Players forfeit their own match, the organizer
    names an entrant. Raises MatchNotFound, NotYourMatch, NotTheOrganizer, EntrantNotInMatch,
    MatchAlreadyCompleted, TournamentNotLive, MatchNotReady."""
    match = match_locked(match_id)
    loser = side_of(match, by) if entrant_id is None else _named(match, by, entrant_id)
    check_open(match)
    complete(match, lost_by(match, loser), Match.Outcome.FORFEIT, by=by)
    return match


@transaction.atomic
def match_correct(*, match_id: int, organizer: User, score: Score) -> Match:
    """Changes the result, and the entrants of the matches that follow. Raises MatchNotFound,
    NotTheOrganizer, MatchNotCompleted, TournamentNotLive, ScoreIsDraw, ScoreNotPossible, and
    RoundIsOver once a match that follows has begun, or the next round has been paired."""
    match = match_locked(match_id)
    check_organizer(match, organizer)
    if match.status != Match.Status.COMPLETED:
        raise exceptions.MatchNotCompleted
    if match.tournament.status != LIVE:
        raise exceptions.TournamentNotLive
    check_score(match, score)
    if has_consequences(match):
        raise exceptions.RoundIsOver
    _correct(match, score)
    return match


def lost_by(match: Match, loser: Registration) -> Score:
    needed = wins_needed(match)
    return (0, needed) if loser.pk == match.entrant_a_id else (needed, 0)


def _named(match: Match, by: User, entrant_id: int) -> Registration:
    """Players may name themselves, the organizer either entrant."""
    entrant = next((side for side in match.entrants if side.pk == entrant_id), None)
    if entrant is None or entrant.player_id != by.pk:
        check_organizer(match, by)
    if entrant is None:
        raise exceptions.EntrantNotInMatch(entrant_id="is not in this match")
    return entrant


def _correct(match: Match, score: Score) -> None:
    old_score, old_winner = match.score, match.winner
    assert old_score is not None
    assert old_winner is not None
    winner_changed = (score[0] > score[1]) != (old_winner.pk == match.entrant_a_id)
    if winner_changed:
        take_back(match)
    write_result(match, score, Match.Outcome.DECIDED)
    record(
        MatchCorrected(
            **result_fields(match),
            old_score=old_score,
            old_winner=old_winner.player.as_person(),
            final=ends_draw(match),
        )
    )
    if winner_changed:
        play_on(match)
