"""Steps that tests of tournaments share: each calls one service."""

from collections.abc import Callable
from typing import Any

from apps.accounts.models import User
from apps.events.recording import since
from apps.teams.models import Team
from apps.teams.services import captain_change, member_remove
from apps.tournaments import services
from apps.tournaments.models import Registration, Tournament
from tests import factories

GAME = "Rocket League"  # three players, with substitutes five


def by_organizer(
    service: Callable[..., Tournament], tournament: Tournament, **arguments: Any
) -> Tournament:
    return service(tournament_id=tournament.pk, organizer=tournament.organizer, **arguments)


def check_in(registration: Registration) -> Registration:
    return services.registration_check_in(
        registration_id=registration.pk, player=registration.player
    )


def withdraw(registration: Registration) -> Registration:
    return services.registration_withdraw(
        registration_id=registration.pk, player=registration.player
    )


def status(registration: Registration) -> str:
    registration.refresh_from_db()
    return registration.status


def statuses(tournament: Tournament) -> list[str]:
    """In registration order."""
    return list(tournament.registrations.order_by("pk").values_list("status", flat=True))


def event_names(tournament: Tournament) -> list[str]:
    return [event.name for event in since(f"tournament:{tournament.pk}", 0)]


def team_tournament(**fields: Any) -> Tournament:
    return factories.make_tournament(game_title=GAME, team_based=True, **fields)


def enter(tournament: Tournament, team: Team, by: User | None = None) -> Registration:
    return services.registration_create(
        tournament_id=tournament.pk, player=by or team.captain, team_id=team.pk
    )


def with_teams(count: int, *, members: int = 3, **fields: Any) -> tuple[Tournament, list[Team]]:
    """A tournament and the teams that entered it."""
    tournament = team_tournament(**fields)
    teams = [factories.make_team(GAME, members) for _ in range(count)]
    for team in teams:
        enter(tournament, team)
    return tournament, teams


def other_member(team: Team) -> User:
    member = team.members.exclude(pk=team.captain_id).first()
    assert member is not None
    return member


def leave(team: Team, member: User) -> None:
    member_remove(team_id=team.pk, user_id=member.pk, by=member)


def change_captain(team: Team) -> User:
    """Returns the new captain."""
    member = other_member(team)
    captain_change(team_id=team.pk, captain=team.captain, user_id=member.pk)
    return member
