from functools import partial

from django.http import Http404, HttpRequest

from apps.accounts.auth import optional_user
from apps.api.schemas import MAX_ID
from apps.tournaments import selectors
from apps.tournaments.exceptions import TournamentNotFound
from apps.tournaments.models import Tournament


def visible_tournament(request: HttpRequest, tournament_id: int) -> Tournament:
    """Raises Http404, also for a draft that the user may not see."""
    if tournament_id > MAX_ID:
        raise Http404
    viewer = partial(optional_user, request)
    try:
        return selectors.tournament_seen_by(viewer, tournament_id=tournament_id)
    except TournamentNotFound:
        raise Http404 from None
