"""What an entrant fills in, and the organizer about entrants."""

from collections.abc import Sequence
from typing import Any

from django import forms

from apps.api.schemas import MAX_ID
from apps.teams.models import Team
from apps.web.forms import ServiceForm, id_of


class EnterForm(ServiceForm):
    """With one of the teams that one leads, where the tournament is for teams."""

    def __init__(self, *args: Any, teams: Sequence[Team] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        if teams:
            named = [(team.pk, team.name) for team in teams]
            self.fields["team_id"] = forms.TypedChoiceField(label="Team", choices=named, coerce=int)


class RegistrationForm(ServiceForm):
    registration_id = forms.IntegerField(min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)


class SeedsForm(ServiceForm):
    """`seed` numbers of the registrations that come in `entrant`, in the same order."""

    order = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        posted: Any = self.data
        pairs = zip(posted.getlist("entrant"), posted.getlist("seed"), strict=False)
        wanted = [(id_of(seed), id_of(one)) for one, seed in pairs]
        self.cleaned_data["order"] = [one for seed, one in sorted(wanted) if seed and one]
        return self.cleaned_data
