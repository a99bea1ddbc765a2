from functools import partial

from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.auth import optional_user
from apps.api.pagination import Row, newest
from apps.tournaments import selectors
from apps.tournaments.models import Tournament
from apps.web.forms import parse_id


def visible_tournament(request: HttpRequest, tournament_id: int) -> Tournament:
    viewer = partial(optional_user, request)
    return selectors.tournament_seen_by(viewer, tournament_id=tournament_id)


def page_of(rows: QuerySet[Row], request: HttpRequest, size: int) -> tuple[list[Row], int | None]:
    """The newest rows below the id `before` of the URL, and `before` of the next page."""
    return newest(rows, parse_id(request.GET.get("before", "")), size)
