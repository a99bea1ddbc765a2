"""Who plays for a team in a tournament. Call with the tournament locked."""

from apps.accounts.models import User
from apps.games.models import Game
from apps.teams.models import Team
from apps.tournaments.exceptions import PlayerInTwoTeams, RosterTooSmall, TeamOfAnotherGame
from apps.tournaments.models import Registration, RosterPlace, Tournament


def roster_check(tournament: Tournament, team: Team) -> None:
    """Whether the team can register. Raises TeamOfAnotherGame, RosterTooSmall, PlayerInTwoTeams."""
    if team.game_id != tournament.game_id:
        raise TeamOfAnotherGame
    members = _members(team, team.game)
    if len(members) < team.game.roster_min:
        raise RosterTooSmall
    active = tournament.registrations.filter(status__in=Registration.ACTIVE)
    taken = set(active.exclude(team=team).values_list("team__members", flat=True))
    if any(member.pk in taken for member in members):
        raise PlayerInTwoTeams


def roster_lock(registration: Registration) -> None:
    """From here on the team's roster in this tournament stays as it is. Who plays for another team
    already is not in it. Raises RosterTooSmall."""
    team = registration.team
    if team is None or registration.roster.exists():
        return
    places = RosterPlace.objects.filter(
        registration__tournament=registration.tournament_id,
        registration__status__in=Registration.ACTIVE,
    )
    taken = set(places.values_list("user_id", flat=True))
    roster = [one for one in _members(team, team.game) if one.pk not in taken]
    if len(roster) < team.game.roster_min:
        raise RosterTooSmall
    RosterPlace.objects.bulk_create(
        RosterPlace(registration=registration, user=user) for user in roster
    )


def _members(team: Team, game: Game) -> list[User]:
    """As many as the game allows; the longest in the team first."""
    return list(team.members.order_by("memberships__joined_at", "pk")[: game.roster_max])
