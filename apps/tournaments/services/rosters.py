"""Team rosters in a tournament. Call with the tournament locked, except `captain_change_check`."""

from apps.accounts.models import User
from apps.teams.models import Team
from apps.tournaments import exceptions
from apps.tournaments.models import Registration, RosterPlace, Tournament


def roster_check(tournament: Tournament, team: Team) -> None:
    """Raises TeamOfAnotherGame, RosterTooSmall, PlayerInTwoTeams if the team cannot register."""
    if team.game_id != tournament.game_id:
        raise exceptions.TeamOfAnotherGame
    members = _members(team)[: team.game.roster_max]
    if len(members) < team.game.roster_min:
        raise exceptions.RosterTooSmall
    active = tournament.registrations.filter(status__in=Registration.ACTIVE)
    taken = set(active.exclude(team=team).values_list("team__members", flat=True))
    if any(member.pk in taken for member in members):
        raise exceptions.PlayerInTwoTeams


def roster_lock(registration: Registration) -> None:
    """Stores the roster: the captain, then the longest-serving members up to the game's limit.
    Captains and players of other teams in the tournament are left out. Raises RosterTooSmall."""
    team = registration.team
    if team is None or registration.roster.exists():
        return
    captain, taken = registration.player, _taken(registration)
    others = [user for user in _members(team) if user != captain and user.pk not in taken]
    roster = [captain, *others][: team.game.roster_max]
    if len(roster) < team.game.roster_min:
        raise exceptions.RosterTooSmall
    RosterPlace.objects.bulk_create(
        RosterPlace(registration=registration, user=user) for user in roster
    )


def captain_change_check(*, team_id: int) -> None:
    """Call with the team locked. Raises TeamEntered if the team is registered in a tournament where
    its roster is not locked yet."""
    waiting = Registration.objects.filter(
        team=team_id,
        status__in=Registration.ACTIVE,
        tournament__status__in=Tournament.BEFORE_START,
        roster=None,
    )
    if waiting.exists():
        raise exceptions.TeamEntered


def _taken(registration: Registration) -> set[int]:
    """Captains and players of other teams in the tournament."""
    active = Registration.objects.filter(
        tournament=registration.tournament_id, status__in=Registration.ACTIVE
    )
    others = active.exclude(pk=registration.pk)
    places = RosterPlace.objects.filter(registration__in=others)
    return {*others.values_list("player", flat=True), *places.values_list("user", flat=True)}


def _members(team: Team) -> list[User]:
    """Longest-serving members first."""
    return list(team.members.order_by("memberships__joined_at", "pk"))
