"""Who plays for a team in a tournament, and who acts for it: its captain, who plays for no other
there. Call with the tournament locked, but for `captain_change_check`."""

from apps.accounts.models import User
from apps.teams.models import Team
from apps.tournaments.exceptions import (
    PlayerInTwoTeams,
    RosterTooSmall,
    TeamEntered,
    TeamOfAnotherGame,
)
from apps.tournaments.models import Registration, RosterPlace, Tournament


def roster_check(tournament: Tournament, team: Team) -> None:
    """Whether the team can register. Raises TeamOfAnotherGame, RosterTooSmall, PlayerInTwoTeams."""
    if team.game_id != tournament.game_id:
        raise TeamOfAnotherGame
    members = _members(team)[: team.game.roster_max]
    if len(members) < team.game.roster_min:
        raise RosterTooSmall
    active = tournament.registrations.filter(status__in=Registration.ACTIVE)
    taken = set(active.exclude(team=team).values_list("team__members", flat=True))
    if any(member.pk in taken for member in members):
        raise PlayerInTwoTeams


def roster_lock(registration: Registration) -> None:
    """From here on the team's roster in this tournament stays as it is: its captain, and as many
    as the game allows of who is longest in the team. Who leads another team there, or plays for
    it already, is not in it. Raises RosterTooSmall."""
    team = registration.team
    if team is None or registration.roster.exists():
        return
    captain, taken = registration.player, _taken(registration)
    others = [one for one in _members(team) if one != captain and one.pk not in taken]
    roster = [captain, *others][: team.game.roster_max]
    if len(roster) < team.game.roster_min:
        raise RosterTooSmall
    RosterPlace.objects.bulk_create(
        RosterPlace(registration=registration, user=user) for user in roster
    )


def captain_change_check(*, team_id: int) -> None:
    """Who acts for a team is settled with its roster. Call with the team locked. Raises TeamEntered
    where it is entered and that is still to come."""
    waiting = Registration.objects.filter(
        team=team_id,
        status__in=Registration.ACTIVE,
        tournament__status__in=Tournament.BEFORE_THE_START,
        roster=None,
    )
    if waiting.exists():
        raise TeamEntered


def _taken(registration: Registration) -> set[int]:
    """Who leads or plays for others in the tournament."""
    active = Registration.objects.filter(
        tournament=registration.tournament_id, status__in=Registration.ACTIVE
    )
    others = active.exclude(pk=registration.pk)
    places = RosterPlace.objects.filter(registration__in=others)
    return {*others.values_list("player", flat=True), *places.values_list("user", flat=True)}


def _members(team: Team) -> list[User]:
    """The longest in the team first."""
    return list(team.members.order_by("memberships__joined_at", "pk"))
