"""Matches that follow from results: Swiss rounds, playoffs, and the reset of a grand final."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.core.celery.batches import run_row_batch
from apps.matches.draw_state import DrawState
from apps.matches.formats.slots import TABLES
from apps.matches.models import Match
from apps.matches.services import event_factory
from apps.matches.services.draw import matches_create
from apps.matches.services.locking import LIVE, tournament_locked
from apps.matches.types import Tournament

BATCH_SIZE = 100


def draw_due(*, tournament: Tournament) -> int:
    """Number of entrants for whom matches are due: 0 if none are, or a match is not completed."""
    unplayed = tournament.matches.exclude(status=Match.Status.COMPLETED)
    return 0 if unplayed.exists() else DrawState(tournament).due()


@transaction.atomic
def round_draw(*, tournament_id: int) -> int:
    """Creates the matches that are due, once. Returns their number."""
    tournament = tournament_locked(Match.objects.filter(tournament=tournament_id))
    if tournament is None or tournament.status != LIVE or not draw_due(tournament=tournament):
        return 0
    state = DrawState(tournament)
    matches = matches_create(tournament, state.next_slots(), state.entrants)
    event_factory.drawn(matches)
    ready = [match for match in matches if match.status == Match.Status.READY]
    if len(ready) <= event_factory.MAX_SINGLE_EVENTS:
        event_factory.ready(ready)
    return len(matches)


def draws_sweep() -> int:
    """Draws rounds whose task was lost. Returns their number. Raises BatchIncomplete."""
    return run_row_batch(_first_of_played(), _draw_after, name="draws", batch_size=BATCH_SIZE)


def _draw_after(match_id: int) -> bool:
    match = Match.objects.get(pk=match_id)
    return round_draw(tournament_id=match.tournament_id) > 0


def _first_of_played() -> QuerySet[Match]:
    """The first match of each live tournament whose matches are all completed."""
    unplayed = Match.objects.filter(tournament=OuterRef("tournament")).exclude(
        status=Match.Status.COMPLETED
    )
    first = Match.objects.filter(stage__in=TABLES, group__lte=1, round=1, position=0)
    return first.filter(~Exists(unplayed), tournament__status=LIVE)
