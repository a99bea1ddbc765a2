from django import forms

from apps.api.schemas import MAX_ID
from apps.games.selectors import game_list
from apps.web.forms import ServiceForm


def game_choices() -> list[tuple[str, str]]:
    return [(game.title, game.title) for game in game_list()]


class TeamForm(ServiceForm):
    name = forms.CharField(label="Team name", min_length=2, max_length=40)
    game_title = forms.ChoiceField(label="Game", choices=game_choices)


class InvitationForm(ServiceForm):
    invitation_id = forms.IntegerField(min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)


class InviteForm(ServiceForm):
    username = forms.CharField(label="Invite a player (username)", max_length=150)


class MemberForm(ServiceForm):
    user_id = forms.IntegerField(min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
