"""A match is over: who plays on does, and where that was the last one, the draw ends."""

from dataclasses import replace

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.matches.formats.double import reset
from apps.matches.formats.slots import Seed, Stage
from apps.matches.models import Dispute, Match
from apps.matches.selectors import with_entrants
from apps.matches.services import event_factory
from apps.matches.services.draw import matches_create
from apps.matches.services.locking import Score
from apps.matches.services.rounds import is_last_round
from apps.matches.services.seats import make_ready, seat, unseat

RESULT = ["score_a", "score_b", "winner", "status", "outcome", "forfeit_at"]


def complete(
    match: Match, score: Score, outcome: Match.Outcome, *, by: User | None = None, note: str = ""
) -> None:
    """Ends a match that is locked, with a score that is checked. `by` whom a dispute is settled, if
    there is one."""
    write_result(match, score, outcome)
    Dispute.objects.filter(match=match, resolved_at=None).update(
        resolved_at=timezone.now(), resolved_by=by, note=note
    )
    event_factory.completed(match, final=ends_draw(match))
    play_on(match)


def write_result(match: Match, score: Score, outcome: Match.Outcome) -> None:
    match.score_a, match.score_b = score
    match.winner = match.entrant_a if score[0] > score[1] else match.entrant_b
    match.status, match.outcome, match.forfeit_at = Match.Status.COMPLETED, outcome, None
    match.save(update_fields=RESULT)


def ends_draw(match: Match) -> bool:
    """Whether nothing is left to play now that this match is over."""
    if _calls_for_reset(match) or not is_last_round(match):
        return False
    others = Match.objects.filter(tournament_id=match.tournament_id).exclude(pk=match.pk)
    return not others.exclude(status=Match.Status.COMPLETED).exists()


def play_on(match: Match) -> None:
    """Seats the two where they play on. Rounds of tables that are drawn follow by reaction."""
    loser = match.entrant_b if match.winner_id == match.entrant_a_id else match.entrant_a
    assert loser is not None
    assert match.winner is not None
    for entrant, match_id, slot in (
        (match.winner, match.winner_to_id, match.winner_slot),
        (loser, match.loser_to_id, match.loser_slot),
    ):
        if match_id is not None and slot is not None:
            seat(_next(match, match_id), slot, entrant)
    if _calls_for_reset(match):
        _draw_reset(match)
    _open_next_round(match)


def take_back(match: Match) -> None:
    """Undoes `play_on`, where nothing that followed from it has begun."""
    for match_id, slot in (
        (match.winner_to_id, match.winner_slot),
        (match.loser_to_id, match.loser_slot),
    ):
        if match_id is not None and slot is not None:
            unseat(_next(match, match_id), slot)
    if match.stage == Stage.FINAL:
        _reset_of(match).delete()


def has_consequences(match: Match) -> bool:
    """Whether something that follows from its result has begun, or is drawn for good."""
    onward = [pk for pk in (match.winner_to_id, match.loser_to_id) if pk is not None]
    following = _reset_of(match) if match.stage == Stage.FINAL else _of(match).filter(pk__in=onward)
    if following.exclude(status__in=Match.NOT_BEGUN).exists():
        return True
    return match.stage in (Stage.TABLE, Stage.GROUP) and _table_went_on(match)


def _table_went_on(match: Match) -> bool:
    later = _of(match).filter(stage=match.stage, group=match.group, round__gt=match.round)
    if match.tournament.format != "swiss":
        later = later.exclude(status__in=Match.NOT_BEGUN)
    return later.exists() or _of(match).filter(stage=Stage.PLAYOFF).exists()


def _of(match: Match) -> QuerySet[Match]:
    return Match.objects.filter(tournament_id=match.tournament_id)


def _next(match: Match, match_id: int) -> Match:
    found = with_entrants().select_for_update(of=("self",)).get(pk=match_id)
    found.tournament = match.tournament
    return found


def _calls_for_reset(match: Match) -> bool:
    """The winners' champion, on side a, has now lost as often as the other."""
    first = match.stage == Stage.FINAL and match.round == 1
    return first and match.winner_id == match.entrant_b_id


def _reset_of(match: Match) -> QuerySet[Match]:
    return _of(match).filter(stage=Stage.FINAL, round__gt=match.round)


def _draw_reset(match: Match) -> None:
    assert match.entrant_a is not None
    assert match.entrant_b is not None
    entrants = match.tournament.registrations.filter(seed__isnull=False).count()
    place = replace(reset(entrants), a=Seed(0), b=Seed(1))
    drawn = matches_create(match.tournament, [place], [match.entrant_a, match.entrant_b])
    event_factory.drawn(drawn)
    event_factory.ready(drawn)


def _open_next_round(match: Match) -> None:
    """Of a round robin or a group, once this round is over."""
    if match.stage not in (Stage.TABLE, Stage.GROUP):
        return
    table = _of(match).filter(stage=match.stage, group=match.group)
    if table.filter(round=match.round).exclude(status=Match.Status.COMPLETED).exists():
        return
    waiting = table.filter(round=match.round + 1, status=Match.Status.PENDING)
    if following := list(with_entrants().filter(pk__in=waiting)):
        make_ready(following)
