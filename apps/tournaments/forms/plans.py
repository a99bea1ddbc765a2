"""Forms for a tournament's plan. The services validate; forms only parse."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import pretty_name

from apps.core.exceptions import DomainError
from apps.matches.formats import FORMATS, OPTIONS, choices
from apps.matches.formats.base import MAX_ENTRANTS, Option
from apps.teams.forms import game_choices
from apps.tournaments.exceptions import PlanHasChanged
from apps.tournaments.models import MAX_COINS, MAX_MINUTES, Tournament
from apps.tournaments.services.plan_versions import plan_version_now
from apps.web.forms import ServiceForm
from apps.web.templatetags.money import SYMBOLS


class MomentInput(forms.DateTimeInput):
    """Shows minutes, and seconds only if the value has some: the API accepts them."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str | None:
        if not isinstance(value, datetime):
            return super().format_value(value)
        return value.isoformat(timespec="seconds" if value.second else "minutes")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        step = {"step": 1} if isinstance(value, datetime) and value.second else {}
        return super().get_context(name, value, {**(attrs or {}), **step})


def moment(label: str, help_text: str = "") -> forms.DateTimeField:
    """In UTC. `plan.js` shows the local time beside it."""
    return forms.DateTimeField(
        label=f"{label} (UTC)", required=False, widget=MomentInput, help_text=help_text
    )


def minutes(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=MAX_MINUTES, initial=0, help_text=help_text
    )


def option_field(option: Option) -> forms.Field:
    if option.maximum is None:
        return forms.BooleanField(label=option.label, required=False)
    return forms.IntegerField(
        label=option.label,
        min_value=option.minimum,
        max_value=option.maximum,
        initial=option.default,
        help_text=option.help_text,
    )


# The formats that have each option.
OPTION_FORMATS = {
    option: [name for name, format_class in FORMATS.items() if option in format_class.options()]
    for option in OPTIONS
}
GROUPS = {
    "Format": ("name", "game_title", "format", "team_based", "capacity", "best_of", "seeding",
               *OPTIONS),
    "Schedule": ("registration_opens_at", "registration_closes_at", "starts_at", "check_in_minutes",
                 "round_minutes", "no_show_minutes"),
    "Fees and prizes": ("entry_fee", "currency", "prize_coins", "prize_split"),
    "For players": ("rules",),
}  # fmt: skip


class PlanForm(ServiceForm):
    """The fields that can change until the start, for the version that the page shows."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    rules = forms.CharField(
        required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 6})
    )
    capacity = forms.IntegerField(
        label="Max players or teams", min_value=2, max_value=MAX_ENTRANTS, initial=16
    )
    seeding = forms.ChoiceField(choices=Tournament.Seeding.choices)
    best_of = forms.TypedChoiceField(
        label="Match format", choices=Tournament.BEST_OF, coerce=int, initial=3
    )
    registration_closes_at = moment("Registration closes")
    starts_at = moment("Starts")
    check_in_minutes = minutes("Check-in opens (minutes before start)", "0 = no check-in")
    round_minutes = minutes("Round length (minutes)", "0 = unscheduled")
    no_show_minutes = minutes("Auto-forfeit no-shows after (minutes)", "0 = never")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        is_draft = "format" in self.fields
        chosen = self["format"].value() if is_draft else self.initial["format"]
        self.unused = {name for name, formats in OPTION_FORMATS.items() if chosen not in formats}
        for name, option in OPTIONS.items():
            if is_draft or (option.until_start and name not in self.unused):
                self.fields[name] = field = option_field(option)
                field.required &= name not in self.unused
                field.widget.attrs["data-formats"] = " ".join(OPTION_FORMATS[name])

    def groups(self) -> list[dict[str, Any]]:
        """The fields in titled groups."""
        named = [
            {"title": title, "fields": [self[name] for name in names if name in self.fields]}
            for title, names in GROUPS.items()
        ]
        return [group for group in named if group["fields"]]

    def add_domain_error(self, error: DomainError) -> None:
        """Lists concurrent changes above the form: they concern none of its values."""
        if not isinstance(error, PlanHasChanged):
            super().add_domain_error(error)
            return
        self.status = error.status
        changes = [f"“{self._label(name)}” {text}." for name, text in error.fields.items()]
        self.add_error(None, " ".join([error.message, *changes]))

    def _label(self, name: str) -> str:
        return str(self[name].label) if name in self.fields else pretty_name(name)

    def arguments(self) -> dict[str, Any]:
        """Only the changed fields, with the version."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        return self._of_format(changed) | {"version": self.cleaned_data["version"]}

    def _of_format(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name not in self.unused}


class DraftForm(PlanForm):
    """All fields, for a draft."""

    name = forms.CharField(max_length=100)
    format = forms.ChoiceField(choices=choices)
    team_based = forms.BooleanField(label="Team tournament", required=False)
    entry_fee = forms.DecimalField(
        min_value=0, max_value=MAX_COINS // 100, decimal_places=2, initial=0
    )
    currency = forms.ChoiceField(
        choices=[(currency, currency) for currency in SYMBOLS], initial="EUR"
    )
    prize_coins = forms.IntegerField(
        label="Prize pool (DeltaCoin)", min_value=0, max_value=MAX_COINS, initial=0
    )
    prize_split = forms.RegexField(
        r"^\s*\d{1,3}(\s*,\s*\d{1,3})*\s*$",
        label="Prize split (%)",
        max_length=100,
        initial="100",
        help_text="e.g. 50, 30, 20",
        error_messages={"invalid": "Enter percentages separated by commas."},
    )
    registration_opens_at = moment(
        "Open registration automatically", "Leave empty to open manually"
    )

    def clean_prize_split(self) -> list[int]:
        return [int(part) for part in self.cleaned_data["prize_split"].split(",")]

    def clean_entry_fee(self) -> int:
        """In minor units."""
        return int(self.cleaned_data["entry_fee"] * 100)


class NewTournamentForm(DraftForm):
    version = None  # type: ignore[assignment]  # of a stored plan
    game_title = forms.ChoiceField(label="Game", choices=game_choices)

    def arguments(self) -> dict[str, Any]:
        return self._of_format(self.cleaned_data)


def initial_values(tournament: Tournament) -> dict[str, Any]:
    """The values that a form shows for a tournament."""
    split = ", ".join(str(part) for part in tournament.prize_split)
    values = {field.name: field.value_from_object(tournament) for field in tournament._meta.fields}
    fee = Decimal(tournament.entry_fee) / 100
    parsed = {"prize_split": split, "entry_fee": fee, "version": plan_version_now(tournament)}
    return values | parsed
