"""All writes of teams. Each locks the team's row first."""

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.events.recording import record
from apps.games.selectors import game_get
from apps.teams import events, exceptions
from apps.teams.models import Invitation, Membership, Team
from apps.teams.selectors import invitations_by
from apps.web.validators import name_error

MAX_TEAMS_LED = 20
Status = Invitation.Status


def team_create(*, captain: User, name: str, game_title: str) -> Team:
    """Team names are unique regardless of case. Raises BadTeamName, UnknownGame, TooManyTeams and
    TeamNameTaken."""
    if error := name_error(name):
        raise exceptions.BadTeamName(name=error)
    game = game_get(title=game_title)
    try:
        with transaction.atomic():
            # Locked, as concurrent requests of one captain could exceed the limit.
            User.objects.select_for_update(no_key=True).get(pk=captain.pk)
            if captain.teams_led.count() >= MAX_TEAMS_LED:
                raise exceptions.TooManyTeams
            team = Team.objects.create(name=name, game=game, captain=captain)
            Membership.objects.create(team=team, user=captain)
            person = captain.as_person()
            record(events.TeamCreated(team_id=team.pk, captain=person, game_title=game.title))
    except IntegrityError:
        raise exceptions.TeamNameTaken from None
    return team


@transaction.atomic
def member_remove(*, team_id: int, user_id: int, by: User) -> Team:
    """A member leaves, or the captain removes a member. Locked rosters of tournaments stay as they
    are. Raises TeamNotFound, NotTheCaptain, MemberNotFound and CaptainStays."""
    team = team_locked(team_id)
    if by.pk not in (user_id, team.captain_id):
        raise exceptions.NotTheCaptain
    member = _member(team, user_id)
    if team.captain_id == user_id:
        raise exceptions.CaptainStays
    member.delete()
    record(events.MemberLeft(team_id=team.pk, player=member.user.as_person()))
    return team


@transaction.atomic
def captain_change(*, team_id: int, captain: User, user_id: int) -> Team:
    """In a tournament with a locked roster, the captain at that time keeps acting for the team.
    Raises TeamNotFound, NotTheCaptain, MemberNotFound, and TeamEntered if the team is registered
    and the roster is not locked yet."""
    team = team_of_captain(team_id, captain)
    member = _member(team, user_id)
    team.captain = member.user
    team.save(update_fields=["captain"])
    record(events.CaptainChanged(team_id=team.pk, player=member.user.as_person()))
    return team


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


def team_locked(team_id: int) -> Team:
    """Requires a transaction. Raises TeamNotFound.

    Does not join the captain: after waiting for the lock, Postgres reads the team again but not the
    joined row, and finds no team if the captain has changed meanwhile.
    """
    teams = Team.objects.select_for_update(of=("self",), no_key=True)
    team = teams.select_related("game").filter(pk=team_id).first()
    if team is None:
        raise exceptions.TeamNotFound
    return team


def team_of_captain(team_id: int, captain: User) -> Team:
    """The team, locked. Raises TeamNotFound, NotTheCaptain."""
    team = team_locked(team_id)
    if team.captain_id != captain.pk:
        raise exceptions.NotTheCaptain
    return team


def _member(team: Team, user_id: int) -> Membership:
    member = Membership.objects.select_related("user").filter(team=team, user=user_id).first()
    if member is None:
        raise exceptions.MemberNotFound
    return member


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
