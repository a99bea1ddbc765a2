from django.db import transaction

from apps.accounts.models import User
from apps.events.recording import record
from apps.teams import events, exceptions
from apps.teams.models import Invitation, Membership
from apps.teams.selectors import invitations_by
from apps.teams.services.teams import team_locked, team_of_captain

Status = Invitation.Status


@transaction.atomic
def invitation_create(*, team_id: int, captain: User, username: str) -> Invitation:
    """Open invitations count as members. Raises TeamNotFound, NotTheCaptain, MemberNotFound,
    AlreadyMember and TeamFull."""
    team = team_of_captain(team_id, captain)
    player = User.objects.filter(username__iexact=username, is_active=True).first()
    if player is None:
        raise exceptions.MemberNotFound(username="no player has that username")
    members, invited = team.memberships, invitations_by(team=team)
    if members.filter(user=player).exists() or invited.filter(user=player).exists():
        raise exceptions.AlreadyMember
    if members.count() + invited.count() >= team.game.roster_max:
        raise exceptions.TeamFull
    invitation = Invitation.objects.create(team=team, user=player)
    record(_event(events.PlayerInvited, invitation))
    return invitation


@transaction.atomic
def invitation_accept(*, invitation_id: int, player: User) -> Invitation:
    """Raises InvitationNotFound, InvitationClosed, TeamFull."""
    invitation = _of_player(invitation_id, player)
    if invitation.team.memberships.count() >= invitation.team.game.roster_max:
        raise exceptions.TeamFull
    _close(invitation, Status.ACCEPTED)
    Membership.objects.create(team=invitation.team, user=player)
    record(events.MemberJoined(team_id=invitation.team_id, player=player.as_person()))
    return invitation


@transaction.atomic
def invitation_decline(*, invitation_id: int, player: User) -> Invitation:
    """Raises InvitationNotFound, InvitationClosed."""
    invitation = _of_player(invitation_id, player)
    _close(invitation, Status.DECLINED)
    record(_event(events.InvitationDeclined, invitation))
    return invitation


@transaction.atomic
def invitation_withdraw(*, invitation_id: int, captain: User) -> Invitation:
    """Raises InvitationNotFound, InvitationClosed."""
    invitation = _locked(invitation_id)
    if invitation.team.captain_id != captain.pk:
        raise exceptions.InvitationNotFound
    _close(invitation, Status.WITHDRAWN)
    record(_event(events.InvitationWithdrawn, invitation))
    return invitation


def _locked(invitation_id: int) -> Invitation:
    """The invitation and its team. Locks the team first."""
    team_id = Invitation.objects.filter(pk=invitation_id).values_list("team_id", flat=True).first()
    if team_id is None:
        raise exceptions.InvitationNotFound
    team = team_locked(team_id)
    invitation = Invitation.objects.select_related("user").get(pk=invitation_id)
    invitation.team = team
    return invitation


def _of_player(invitation_id: int, player: User) -> Invitation:
    invitation = _locked(invitation_id)
    if invitation.user_id != player.pk:
        raise exceptions.InvitationNotFound
    return invitation


def _close(invitation: Invitation, status: Invitation.Status) -> None:
    if invitation.status != Status.OPEN:
        raise exceptions.InvitationClosed
    invitation.status = status
    invitation.save(update_fields=["status"])


def _event(event: type[events.InvitationEvent], invitation: Invitation) -> events.InvitationEvent:
    return event(
        team_id=invitation.team_id, invitation_id=invitation.pk, player=invitation.user.as_person()
    )
