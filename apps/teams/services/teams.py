from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.events.recording import record
from apps.games.selectors import game_get
from apps.teams import exceptions
from apps.teams.events import TeamCreated
from apps.teams.models import Membership, Team
from apps.web.validators import name_error

MAX_TEAMS_LED = 20


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
            record(TeamCreated(team_id=team.pk, captain=captain.as_person(), game_title=game.title))
    except IntegrityError:
        raise exceptions.TeamNameTaken from None
    return team


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
