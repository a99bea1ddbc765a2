from functools import partial
from typing import Any, cast

from django.http import HttpRequest
from ninja import Body, Path, Query, Router

from apps.accounts.auth import user, viewer
from apps.api.pagination import Page, PageParams, page
from apps.api.schemas import Id
from apps.events import recording
from apps.matches.events import tournament_stream
from apps.matches.schemas import MatchOut, TableOut
from apps.matches.selectors import Table, match_list, standings
from apps.tournaments import selectors, services
from apps.tournaments.api.schemas import (
    EventOut,
    EventsQuery,
    RegistrationIn,
    RegistrationOut,
    SeedsIn,
    TournamentIn,
    TournamentOut,
    TournamentPatch,
)
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.services.plan_versions import Changes

# The URL name of a path is that of its first operation here. It is the label `view` of metrics.
router = Router(tags=["tournaments"])

TournamentId = Path[Id]


@router.get(
    "/", auth=None, response=Page[TournamentOut], url_name="tournaments", summary="List tournaments"
)
def tournament_list(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    """Includes your drafts."""
    return page(selectors.tournaments_seen_by(viewer(request)), query)


@router.post("/", response={201: TournamentOut}, summary="Create tournament")
def tournament_create(request: HttpRequest, data: TournamentIn) -> tuple[int, Tournament]:
    created = services.tournament_create(organizer=user(request), **data.dict())
    return 201, selectors.tournament_get(tournament_id=created.pk)


@router.get(
    "/{tournament_id}",
    auth=None,
    response=TournamentOut,
    url_name="tournament",
    summary="Get tournament",
)
def tournament_get(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    """Only its organizer and staff can read a draft, here and in the endpoints below."""
    return _visible_tournament(request, tournament_id)


@router.patch("/{tournament_id}", response=TournamentOut, summary="Edit tournament")
def tournament_edit(
    request: HttpRequest, tournament_id: TournamentId, data: TournamentPatch
) -> Tournament:
    """Send `version` to detect concurrent changes."""
    changes = cast("Changes", data.dict(exclude_unset=True, exclude={"version"}))
    services.tournament_edit(
        tournament_id=tournament_id, organizer=user(request), version=data.version, **changes
    )
    return selectors.tournament_get(tournament_id=tournament_id)


@router.put(
    "/{tournament_id}/seeds",
    response=TournamentOut,
    url_name="tournament_seeds",
    summary="Set seeds",
)
def seeds_set(request: HttpRequest, tournament_id: TournamentId, data: SeedsIn) -> Tournament:
    services.seeds_set(tournament_id=tournament_id, organizer=user(request), order=data.order)
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post("/{tournament_id}/check-in", response=TournamentOut, summary="Open check-in")
def tournament_check_in(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    services.tournament_check_in_open(tournament_id=tournament_id, organizer=user(request))
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post("/{tournament_id}/no-shows", response=TournamentOut, summary="Drop no-shows")
def tournament_no_shows(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    """Removes entrants who have not checked in; standbys take their seats."""
    services.tournament_no_shows_drop(tournament_id=tournament_id, organizer=user(request))
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post("/{tournament_id}/open", response=TournamentOut, summary="Open registration")
def tournament_open(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    services.tournament_open(tournament_id=tournament_id, organizer=user(request))
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post("/{tournament_id}/start", response=TournamentOut, summary="Start tournament")
def tournament_start(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    services.tournament_start(tournament_id=tournament_id, organizer=user(request))
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post("/{tournament_id}/cancel", response=TournamentOut, summary="Cancel tournament")
def tournament_cancel(request: HttpRequest, tournament_id: TournamentId) -> Tournament:
    services.tournament_cancel(tournament_id=tournament_id, organizer=user(request))
    return selectors.tournament_get(tournament_id=tournament_id)


@router.post(
    "/{tournament_id}/registrations",
    response={201: RegistrationOut},
    url_name="registrations",
    summary="Register",
)
def registration_create(
    request: HttpRequest, tournament_id: TournamentId, data: Body[RegistrationIn | None] = None
) -> tuple[int, Registration]:
    """`team_id` is required for team tournaments."""
    return 201, services.registration_create(
        tournament_id=tournament_id, player=user(request), team_id=data.team_id if data else None
    )


@router.get(
    "/{tournament_id}/registrations",
    auth=None,
    response=Page[RegistrationOut],
    summary="List registrations",
)
def registration_list(
    request: HttpRequest, tournament_id: TournamentId, query: PageParams
) -> dict[str, Any]:
    _visible_tournament(request, tournament_id)
    return page(selectors.registration_list().filter(tournament=tournament_id), query)


@router.get("/{tournament_id}/matches", auth=None, response=Page[MatchOut], summary="List matches")
def tournament_matches(
    request: HttpRequest, tournament_id: TournamentId, query: PageParams
) -> dict[str, Any]:
    """Latest matches first. Each contains its position in the draw."""
    _visible_tournament(request, tournament_id)
    return page(match_list(tournament_id=tournament_id), query)


@router.get(
    "/{tournament_id}/standings", auth=None, response=list[TableOut], summary="Get standings"
)
def tournament_standings(request: HttpRequest, tournament_id: TournamentId) -> list[Table]:
    """Empty for elimination formats, and before the start."""
    return standings(tournament=_visible_tournament(request, tournament_id))


@router.get("/{tournament_id}/events", auth=None, response=Page[EventOut], summary="List events")
def tournament_events(
    request: HttpRequest, tournament_id: TournamentId, query: Query[EventsQuery]
) -> dict[str, Any]:
    """Events after `since`, oldest first. `next` is the `cursor` of the next page."""
    _visible_tournament(request, tournament_id)
    after = query.since if query.cursor is None else query.cursor
    events = recording.since(tournament_stream(tournament_id), after, limit=query.limit + 1)
    shown = events[: query.limit]
    return {"items": shown, "next": str(shown[-1].seq) if len(events) > query.limit else None}


def _visible_tournament(request: HttpRequest, tournament_id: int) -> Tournament:
    return selectors.tournament_seen_by(partial(viewer, request), tournament_id=tournament_id)
