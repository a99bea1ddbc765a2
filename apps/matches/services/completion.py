"""A match is completed: its entrants play on, or the draw ends."""

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.events.recording import record
from apps.matches.events import MatchCompleted, result_fields
from apps.matches.formats import FORMATS
from apps.matches.formats.slots import TABLES, Stage
from apps.matches.models import Dispute, Match
from apps.matches.selectors import with_entrants
from apps.matches.services.draw import draw_due
from apps.matches.services.locking import Score
from apps.matches.services.seats import make_ready, seat
from apps.matches.types import Registration

RESULT = ["score_a", "score_b", "winner", "status", "outcome", "forfeit_at"]


def complete(
    match: Match, score: Score, outcome: Match.Outcome, *, by: User | None = None, note: str = ""
) -> None:
    """Ends a locked match with a valid score. `by` resolves its dispute, if there is one."""
    write_result(match, score, outcome)
    Dispute.objects.filter(match=match, resolved_at=None).update(
        resolved_at=timezone.now(), resolved_by=by, note=note
    )
    record(
        MatchCompleted(
            **result_fields(match),
            outcome=match.outcome,
            game_title=match.tournament.game_title,
            final=ends_draw(match),
        )
    )
    play_on(match)


def write_result(match: Match, score: Score, outcome: Match.Outcome) -> None:
    match.score_a, match.score_b = score
    match.winner = match.entrant_a if score[0] > score[1] else match.entrant_b
    match.status, match.outcome, match.forfeit_at = Match.Status.COMPLETED, outcome, None
    match.save(update_fields=RESULT)


def ends_draw(match: Match) -> bool:
    """Whether nothing is left to play after this match."""
    unplayed = _siblings(match).exclude(status=Match.Status.COMPLETED)
    return not unplayed.exists() and not draw_due(tournament=match.tournament)


def play_on(match: Match) -> None:
    """Seats winner and loser in their next matches, and opens the next round of a table. Matches
    that follow from results are created by a reaction."""
    loser = match.entrant_b if match.winner_id == match.entrant_a_id else match.entrant_a
    _seat_onward(match, match.winner, loser)
    _open_next_round(match)


def take_back(match: Match) -> None:
    """Undoes `play_on`. Nothing that followed from it may have begun."""
    _seat_onward(match, None, None)
    if match.stage == Stage.FINAL:
        _following(match).delete()


def has_consequences(match: Match) -> bool:
    """Whether a match that follows from the result has begun, or was paired by it."""
    following = _following(match)
    if match.stage in TABLES:
        playoffs = _siblings(match).filter(stage=Stage.PLAYOFF)
        is_paired = FORMATS[match.tournament.format].pairs_by_results and following.exists()
        if is_paired or playoffs.exists():
            return True
    return following.exclude(status__in=Match.NOT_BEGUN).exists()


def _siblings(match: Match) -> QuerySet[Match]:
    return Match.objects.filter(tournament_id=match.tournament_id)


def _following(match: Match) -> QuerySet[Match]:
    """Later rounds of the table, the reset of the grand final, or the next matches of a bracket."""
    if match.stage in (*TABLES, Stage.FINAL):
        same_stage = _siblings(match).filter(stage=match.stage, group=match.group)
        return same_stage.filter(round__gt=match.round)
    next_ids = [pk for pk in (match.winner_to_id, match.loser_to_id) if pk is not None]
    return _siblings(match).filter(pk__in=next_ids)


def _seat_onward(match: Match, winner: Registration | None, loser: Registration | None) -> None:
    for entrant, match_id, side in (
        (winner, match.winner_to_id, match.winner_side),
        (loser, match.loser_to_id, match.loser_side),
    ):
        if match_id is not None and side is not None:
            following = with_entrants().select_for_update(of=("self",)).get(pk=match_id)
            following.tournament = match.tournament
            seat(following, side, entrant)


def _open_next_round(match: Match) -> None:
    if match.stage not in TABLES:
        return
    table = _siblings(match).filter(stage=match.stage, group=match.group)
    if table.filter(round=match.round).exclude(status=Match.Status.COMPLETED).exists():
        return
    waiting = table.filter(round=match.round + 1, status=Match.Status.PENDING)
    if following := list(with_entrants().filter(pk__in=waiting)):
        make_ready(following)
