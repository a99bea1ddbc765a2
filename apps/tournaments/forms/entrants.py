"""Forms about registrations and seeds."""

from collections.abc import Sequence
from typing import Any

from django import forms

from apps.teams.models import Team
from apps.web.forms import ServiceForm, hidden_id, parse_id


class EnterForm(ServiceForm):
    """Asks for one of the captain's teams in a team tournament."""

    def __init__(self, *args: Any, teams: Sequence[Team] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        if teams:
            choices = [(team.pk, team.name) for team in teams]
            self.fields["team_id"] = forms.TypedChoiceField(
                label="Team", choices=choices, coerce=int
            )


class RegistrationForm(ServiceForm):
    registration_id = hidden_id()


class SeedsForm(ServiceForm):
    """Posted as parallel lists: `entrant` with registration ids, `seed` with their numbers."""

    order = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        posted: Any = self.data
        pairs = zip(posted.getlist("entrant"), posted.getlist("seed"), strict=False)
        seeds = [(parse_id(seed), parse_id(entrant)) for entrant, seed in pairs]
        self.cleaned_data["order"] = [
            entrant for seed, entrant in sorted(seeds) if seed and entrant
        ]
        return self.cleaned_data
