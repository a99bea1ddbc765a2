from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from apps.accounts.auth import user
from apps.core import events
from apps.core.api import ErrorOut, Id, Input, Page, PageParams, PersonOut, Seq, Text, page
from apps.core.models import EventRecord
from apps.matches.api import MatchOut
from apps.matches.selectors import match_list
from apps.tournaments import selectors, services
from apps.tournaments.games import CURRENCIES, MAX_ENTRANTS, TITLES
from apps.tournaments.models import Registration, Tournament

router = Router(tags=["tournaments"])

TournamentId = Path[Id]
Coins = Annotated[int, Field(ge=0, le=10**12)]


class TournamentIn(Input):
    name: Annotated[Text, Field(min_length=1, max_length=100)]
    game_title: Literal[TITLES]  # type: ignore[valid-type]
    format: Literal["single_elimination"] = "single_elimination"
    capacity: Annotated[int, Field(ge=2, le=MAX_ENTRANTS)]
    entry_fee: Coins = 0
    currency: Literal[CURRENCIES] = "EUR"  # type: ignore[valid-type]
    prize_coins: Coins = 0


class TournamentOut(Schema):
    id: int
    name: str
    game_title: str
    format: str
    capacity: int
    entry_fee: int
    currency: str
    prize_coins: int
    status: str
    organizer: PersonOut
    entrants: int
    champion: PersonOut | None
    created_at: datetime


class RegistrationOut(Schema):
    id: int
    tournament_id: int
    player: PersonOut
    status: str
    amount_due: int
    currency: str

    @staticmethod
    def resolve_amount_due(registration: Registration) -> int:
        paid = registration.status == Registration.Status.CONFIRMED
        return 0 if paid else registration.tournament.entry_fee

    @staticmethod
    def resolve_currency(registration: Registration) -> str:
        return registration.tournament.currency


class EventOut(Schema):
    seq: int
    name: str
    data: dict[str, Any]
    at: datetime


class EventsQuery(Input):
    model_config = ConfigDict(strict=False)

    since: Seq = 0
    cursor: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


READ = {404: ErrorOut, 422: ErrorOut}
WRITE = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut}


@router.get(
    "/", auth=None, response={200: Page[TournamentOut], 422: ErrorOut}, url_name="tournaments"
)
def tournament_list(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    return page(selectors.tournament_list(), query, lambda row: row)


@router.post(
    "/", response={201: TournamentOut, 401: ErrorOut, 422: ErrorOut}, url_name="tournaments"
)
def tournament_create(request: HttpRequest, data: TournamentIn) -> tuple[int, Tournament]:
    created = services.tournament_create(organizer=user(request), **data.dict())
    return 201, selectors.tournament_get(tournament_id=created.pk)


@router.get(
    "/{tournament_id}", auth=None, response={200: TournamentOut, **READ}, url_name="tournament"
)
def tournament_get(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post(
    "/{tournament_id}/open", response={200: TournamentOut, **WRITE}, url_name="tournament_open"
)
def tournament_open(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    services.tournament_open(tournament_id=tournament_id, organizer=user(request))
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post(
    "/{tournament_id}/start", response={200: TournamentOut, **WRITE}, url_name="tournament_start"
)
def tournament_start(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    services.tournament_start(tournament_id=tournament_id, organizer=user(request))
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post(
    "/{tournament_id}/cancel", response={200: TournamentOut, **WRITE}, url_name="tournament_cancel"
)
def tournament_cancel(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    services.tournament_cancel(tournament_id=tournament_id, organizer=user(request))
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post(
    "/{tournament_id}/registrations",
    response={201: RegistrationOut, **WRITE},
    url_name="registrations",
)
def registration_create(
    request: HttpRequest, tournament_id: TournamentId
) -> tuple[int, Registration]:
    return 201, services.registration_create(tournament_id=tournament_id, player=user(request))


@router.get(
    "/{tournament_id}/matches",
    auth=None,
    response={200: Page[MatchOut], **READ},
    url_name="tournament_matches",
)
def tournament_matches(request: HttpRequest, tournament_id: TournamentId) -> dict[str, Any]:
    """The whole bracket, round by round: one page, as it is drawn as one."""
    selectors.tournament_get(tournament_id=tournament_id)
    return {"items": list(match_list(tournament_id=tournament_id)), "next": None}


@router.get(
    "/{tournament_id}/events",
    auth=None,
    response={200: Page[EventOut], **READ},
    url_name="tournament_events",
)
def tournament_events(
    request: HttpRequest, tournament_id: TournamentId, query: Query[EventsQuery]
) -> dict[str, Any]:
    """Everything after `since`, oldest first; `next` is the `cursor` of the next page."""
    selectors.tournament_get(tournament_id=tournament_id)
    after = query.since if query.cursor is None else query.cursor
    found = events.since(f"tournament:{tournament_id}", after, limit=query.limit + 1)
    shown: list[EventRecord] = found[: query.limit]
    return {"items": shown, "next": str(shown[-1].seq) if len(found) > query.limit else None}
