from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema
from pydantic import Field

from apps.accounts.auth import user
from apps.accounts.schemas import PersonOut
from apps.api.pagination import Page, PageParams, page
from apps.api.schemas import Id, Input, Text
from apps.teams import selectors, services
from apps.teams.models import Invitation, Team

router = Router(tags=["teams"])
invitations = Router(tags=["teams"])


class TeamIn(Input):
    name: Annotated[Text, Field(min_length=2, max_length=40)]
    game_title: Annotated[Text, Field(min_length=1, max_length=40)]


class InvitationIn(Input):
    username: Annotated[Text, Field(min_length=1, max_length=150)]


class CaptainIn(Input):
    user_id: Id


class TeamOut(Schema):
    id: int
    name: str
    game_title: str = Field(validation_alias="game_id")
    captain: PersonOut
    members: list[PersonOut]


class InvitationOut(Schema):
    id: int
    team_id: int
    player: PersonOut = Field(validation_alias="user")
    status: str


@router.get("/", auth=None, response=Page[TeamOut], url_name="teams", summary="List teams")
def team_list(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    return page(selectors.team_list(), query)


@router.post("/", response={201: TeamOut}, url_name="teams", summary="Create team")
def team_create(request: HttpRequest, data: TeamIn) -> tuple[int, Team]:
    team = services.team_create(captain=user(request), **data.dict())
    return 201, selectors.team_get(team_id=team.pk)


@router.get("/{team_id}", auth=None, response=TeamOut, url_name="team", summary="Get team")
def team_get(request: HttpRequest, team_id: Path[Id]) -> Team:
    return selectors.team_get(team_id=team_id)


@router.post(
    "/{team_id}/invitations",
    response={201: InvitationOut},
    url_name="team_invitations",
    summary="Invite player",
)
def invitation_create(
    request: HttpRequest, team_id: Path[Id], data: InvitationIn
) -> tuple[int, Invitation]:
    return 201, services.invitation_create(
        team_id=team_id, captain=user(request), username=data.username
    )


@router.post(
    "/{team_id}/captain", response=TeamOut, url_name="team_captain", summary="Change captain"
)
def captain_change(request: HttpRequest, team_id: Path[Id], data: CaptainIn) -> Team:
    services.captain_change(team_id=team_id, captain=user(request), user_id=data.user_id)
    return selectors.team_get(team_id=team_id)


@router.delete(
    "/{team_id}/members/{user_id}",
    response=TeamOut,
    url_name="team_member",
    summary="Remove member",
)
def member_remove(request: HttpRequest, team_id: Path[Id], user_id: Path[Id]) -> Team:
    services.member_remove(team_id=team_id, user_id=user_id, by=user(request))
    return selectors.team_get(team_id=team_id)


@invitations.get(
    "/", response=Page[InvitationOut], url_name="invitations", summary="List invitations"
)
def invitation_list(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    """Your open invitations."""
    return page(selectors.invitations_of(user=user(request)), query)


@invitations.post("/{invitation_id}/accept", response=InvitationOut, summary="Accept invitation")
def invitation_accept(request: HttpRequest, invitation_id: Path[Id]) -> Invitation:
    return services.invitation_accept(invitation_id=invitation_id, player=user(request))


@invitations.post("/{invitation_id}/decline", response=InvitationOut, summary="Decline invitation")
def invitation_decline(request: HttpRequest, invitation_id: Path[Id]) -> Invitation:
    return services.invitation_decline(invitation_id=invitation_id, player=user(request))


@invitations.post("/{invitation_id}/withdraw", response=InvitationOut, summary="Cancel invitation")
def invitation_withdraw(request: HttpRequest, invitation_id: Path[Id]) -> Invitation:
    return services.invitation_withdraw(invitation_id=invitation_id, captain=user(request))
