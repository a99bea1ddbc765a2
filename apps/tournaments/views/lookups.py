from functools import partial
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.accounts.auth import optional_user
from apps.tournaments import selectors
from apps.tournaments.models import Tournament
from apps.web.forms import parse_id

Row = TypeVar("Row", bound=Model)


def visible_tournament(request: HttpRequest, tournament_id: int) -> Tournament:
    viewer = partial(optional_user, request)
    return selectors.tournament_seen_by(viewer, tournament_id=tournament_id)


def page_of(rows: QuerySet[Row], request: HttpRequest, size: int) -> tuple[list[Row], int | None]:
    """The newest rows below the id `before` of the URL, and `before` of the next page."""
    if before := parse_id(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: size + 1])
    shown = found[:size]
    return shown, shown[-1].pk if len(found) > size else None
