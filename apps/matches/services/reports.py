"""Both sides report the score. Equal reports are the result; otherwise the organizer decides."""

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.events.recording import record
from apps.matches import exceptions
from apps.matches.events import MatchDisputed, MatchReported, match_fields
from apps.matches.models import MAX_EVIDENCE, Dispute, Evidence, Match, Report
from apps.matches.services.completion import complete
from apps.matches.services.locking import Score, check_open, check_score, match_locked, side_of
from apps.matches.services.seats import forfeit_time
from apps.matches.types import Registration

Status = Match.Status


@transaction.atomic
def match_report(*, match_id: int, player: User, score: Score, evidence: str = "") -> Match:
    """`score` is in the order of the match's entrants. An equal report of the other side ends the
    match. A different one opens a dispute with its `evidence`. Raises the errors of `_playable`,
    ScoreIsDraw, ScoreNotPossible, EvidenceMissing (too long), MatchIsDisputed,
    MatchAlreadyReported."""
    match, side = _playable(match_id, player)
    check_score(match, score)
    if len(evidence) > MAX_EVIDENCE:
        raise exceptions.EvidenceMissing(evidence=f"must have at most {MAX_EVIDENCE} characters")
    if match.status == Status.DISPUTED:
        raise exceptions.MatchIsDisputed
    if _reported_by(match, side):
        raise exceptions.MatchAlreadyReported
    _add_report(match, side, player, score)
    if match.status == Status.READY:
        _first_report(match, side, player, score)
    elif match.score == list(score):
        complete(match, score, Match.Outcome.PLAYED)
    else:
        _open_dispute(match, side, player, evidence)
    return match


@transaction.atomic
def match_confirm(*, match_id: int, player: User) -> Match:
    """Agrees with the report of the other side, which ends the match. Raises the errors of
    `_answerable`, MatchIsDisputed."""
    match, side = _answerable(match_id, player)
    if match.status == Status.DISPUTED:
        raise exceptions.MatchIsDisputed
    assert match.score_a is not None
    assert match.score_b is not None
    score = (match.score_a, match.score_b)
    _add_report(match, side, player, score)
    complete(match, score, Match.Outcome.PLAYED)
    return match


@transaction.atomic
def match_dispute(*, match_id: int, player: User, evidence: str) -> Match:
    """Opens a dispute without a score, or adds a side's evidence to an open one, once. Raises the
    errors of `_answerable`, EvidenceMissing, EvidenceAlreadyGiven."""
    if not 0 < len(evidence.strip()) <= MAX_EVIDENCE:
        raise exceptions.EvidenceMissing(evidence=f"must have from 1 to {MAX_EVIDENCE} characters")
    match, side = _answerable(match_id, player)
    if match.status == Status.REPORTED:
        _open_dispute(match, side, player, evidence)
    else:
        _add_evidence(match.dispute, side, player, evidence)
    return match


def _playable(match_id: int, player: User) -> tuple[Match, Registration]:
    """The match, locked, and the player's side. Raises MatchNotFound, NotYourMatch,
    MatchAlreadyCompleted, TournamentNotLive, MatchNotReady."""
    match = match_locked(match_id)
    side = side_of(match, player)
    check_open(match)
    return match, side


def _answerable(match_id: int, player: User) -> tuple[Match, Registration]:
    """Raises the errors of `_playable`, MatchNotReported, OwnReport."""
    match, side = _playable(match_id, player)
    if match.status == Status.READY:
        raise exceptions.MatchNotReported
    if match.status == Status.REPORTED and _reported_by(match, side):
        raise exceptions.OwnReport
    return match, side


def _reported_by(match: Match, side: Registration) -> bool:
    return match.reports.filter(entrant=side).exists()


def _add_report(match: Match, side: Registration, player: User, score: Score) -> None:
    Report.objects.create(
        match=match, entrant=side, reporter=player, score_a=score[0], score_b=score[1]
    )


def _first_report(match: Match, side: Registration, player: User, score: Score) -> None:
    match.score_a, match.score_b = score
    match.reported_by, match.status = player, Status.REPORTED
    match.forfeit_at = forfeit_time(match, timezone.now())
    match.save(update_fields=["score_a", "score_b", "reported_by", "status", "forfeit_at"])
    record(
        MatchReported(
            **match_fields(match),
            score=list(score),
            entrants=match.as_entrants(),
            entrant=side.as_entrant(),
        )
    )


def _open_dispute(match: Match, side: Registration, player: User, evidence: str) -> None:
    match.status, match.forfeit_at = Status.DISPUTED, None
    match.save(update_fields=["status", "forfeit_at"])
    dispute = Dispute.objects.create(match=match, opened_by=player)
    if evidence.strip():
        _add_evidence(dispute, side, player, evidence)
    reports = match.reports.order_by("pk").values_list("score_a", "score_b")
    scores = [list(score) for score in reports]
    record(MatchDisputed(**match_fields(match), scores=scores, entrant=side.as_entrant()))


def _add_evidence(dispute: Dispute, side: Registration, player: User, text: str) -> None:
    if dispute.evidence.filter(entrant=side).exists():
        raise exceptions.EvidenceAlreadyGiven
    Evidence.objects.create(dispute=dispute, entrant=side, author=player, text=text.strip())
