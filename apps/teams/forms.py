from django import forms

from apps.games.selectors import game_list
from apps.web.forms import ServiceForm, hidden_id


def game_choices() -> list[tuple[str, str]]:
    return [(game.title, game.title) for game in game_list()]


class TeamForm(ServiceForm):
    name = forms.CharField(label="Team name", min_length=2, max_length=40)
    game_title = forms.ChoiceField(label="Game", choices=game_choices)


class InvitationForm(ServiceForm):
    invitation_id = hidden_id()


class InviteForm(ServiceForm):
    username = forms.CharField(label="Invite a player (username)", max_length=150)


class MemberForm(ServiceForm):
    user_id = hidden_id()
