"""What a tournament is to be."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import pretty_name

from apps.core.exceptions import DomainError
from apps.games.selectors import game_list
from apps.matches.formats.groups import MAX_SIZE
from apps.tournaments.exceptions import PlanHasChanged
from apps.tournaments.models import (
    MAX_COINS,
    MAX_ENTRANTS,
    MAX_MINUTES,
    MAX_ROUNDS,
    Tournament,
)
from apps.tournaments.services.plan_versions import plan_version_now
from apps.web.forms import ServiceForm
from apps.web.templatetags.money import SIGNS


class MomentInput(forms.DateTimeInput):
    """To the minute; to the second where there are some, as the API takes them."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str | None:
        if not isinstance(value, datetime):
            return super().format_value(value)
        return value.isoformat(timespec="seconds" if value.second else "minutes")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        to_the_second = {"step": 1} if isinstance(value, datetime) and value.second else {}
        return super().get_context(name, value, {**(attrs or {}), **to_the_second})


def moment(label: str, words: str = "") -> forms.DateTimeField:
    """Written in UTC, wherever one is; `plan.js` says beside it when that is there."""
    return forms.DateTimeField(
        label=f"{label} (UTC)", required=False, widget=MomentInput, help_text=words
    )


def minutes(label: str, words: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=MAX_MINUTES, initial=0, help_text=words
    )


def games() -> list[tuple[str, str]]:
    return [(game.title, game.title) for game in game_list()]


Formats = Tournament.Format
OF_FORMATS: dict[str, tuple[str, ...]] = {
    "third_place": (Formats.SINGLE_ELIMINATION, Formats.GROUPS),
    "swiss_rounds": (Formats.SWISS,),
    "group_size": (Formats.GROUPS,),
    "group_advance": (Formats.GROUPS,),
}
GROUPS = (
    ("What is played", ("name", "game_title", "format", "team_based", "capacity", "best_of",
                        "seeding", "third_place", "swiss_rounds", "group_size", "group_advance")),
    ("When", ("registration_opens_at", "registration_closes_at", "starts_at", "check_in_minutes",
              "round_minutes", "no_show_minutes")),
    ("Money", ("entry_fee", "currency", "prize_coins", "prize_split")),
    ("Rules", ("rules",)),
)  # fmt: skip


class PlanForm(ServiceForm):
    """What can be changed until the start, where the plan is still the one that was shown."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    rules = forms.CharField(
        label="What players have to know",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    capacity = forms.IntegerField(label="Seats", min_value=2, max_value=MAX_ENTRANTS, initial=16)
    seeding = forms.ChoiceField(label="Seeds", choices=Tournament.Seeding.choices)
    best_of = forms.TypedChoiceField(
        label="Matches", choices=Tournament.BEST_OF, coerce=int, initial=3
    )
    third_place = forms.BooleanField(label="A match for the third place", required=False)
    swiss_rounds = forms.IntegerField(
        label="Rounds of a Swiss",
        min_value=0,
        max_value=MAX_ROUNDS,
        initial=0,
        help_text="0: as it takes.",
    )
    registration_closes_at = moment("Registration closes")
    starts_at = moment("Starts")
    check_in_minutes = minutes("Check-in, minutes before the start", "0: no check-in.")
    round_minutes = minutes("Minutes for a round", "0: no match times.")
    no_show_minutes = minutes("Minutes until a no-show forfeits", "0: never.")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen = self["format"].value() if "format" in self.fields else self.initial["format"]
        self.others = {name for name, formats in OF_FORMATS.items() if chosen not in formats}
        self._fit()

    def _fit(self) -> None:
        """To the format: to any, where it can be chosen."""
        if "format" not in self.fields:
            self.fields = {n: field for n, field in self.fields.items() if n not in self.others}
            return
        for name, formats in OF_FORMATS.items():
            self.fields[name].widget.attrs["data-formats"] = " ".join(formats)
            self.fields[name].required &= name not in self.others

    def groups(self) -> list[dict[str, Any]]:
        """The form in chapters."""
        named = [(title, [self[name] for name in names if name in self.fields])
                 for title, names in GROUPS]  # fmt: skip
        return [{"title": title, "fields": fields} for title, fields in named if fields]

    def refuse(self, refusal: DomainError) -> None:
        """What somebody else has changed is told above the form, as that is about none of its
        values."""
        if not isinstance(refusal, PlanHasChanged):
            super().refuse(refusal)
            return
        self.status = refusal.status
        changes = [f"“{self._label(name)}” {text}." for name, text in refusal.fields.items()]
        self.add_error(None, " ".join([refusal.message, *changes]))

    def _label(self, name: str) -> str:
        return str(self[name].label) if name in self.fields else pretty_name(name)

    def arguments(self) -> dict[str, Any]:
        """Of what there was before, only what is another now."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        return self._of_format(changed) | {"version": self.cleaned_data["version"]}

    def _of_format(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name not in self.others}


class DraftForm(PlanForm):
    """A new tournament, or a draft: all of it."""

    name = forms.CharField(max_length=100)
    format = forms.ChoiceField(choices=Tournament.Format.choices)
    team_based = forms.BooleanField(label="For teams", required=False)
    group_size = forms.IntegerField(
        label="Entrants in a group", min_value=2, max_value=MAX_SIZE, initial=4
    )
    group_advance = forms.IntegerField(
        label="Of each group go on", min_value=1, max_value=MAX_SIZE - 1, initial=2
    )
    entry_fee = forms.DecimalField(
        label="Entry fee", min_value=0, max_value=MAX_COINS // 100, decimal_places=2, initial=0
    )
    currency = forms.ChoiceField(choices=[(one, one) for one in SIGNS], initial="EUR")
    prize_coins = forms.IntegerField(
        label="Prize, in DeltaCoin", min_value=0, max_value=MAX_COINS, initial=0
    )
    prize_split = forms.RegexField(
        r"^\s*\d{1,3}(\s*,\s*\d{1,3})*\s*$",
        label="Prize by place, in percent",
        max_length=100,
        initial="100",
        help_text="Like 50, 30, 20.",
        error_messages={"invalid": "Percents, with commas between them."},
    )
    registration_opens_at = moment("Registration opens by itself", "Empty: when you say so.")

    def clean_prize_split(self) -> list[int]:
        return [int(part) for part in self.cleaned_data["prize_split"].split(",")]

    def clean_entry_fee(self) -> int:
        """In minor units, as everywhere behind this form."""
        return int(self.cleaned_data["entry_fee"] * 100)


class NewTournamentForm(DraftForm):
    version = None  # type: ignore[assignment]  # nothing was there before
    game_title = forms.ChoiceField(label="Game", choices=games)

    def arguments(self) -> dict[str, Any]:
        return self._of_format(self.cleaned_data)


def of_tournament(tournament: Tournament) -> dict[str, Any]:
    """What a form shows of what there is."""
    split = ", ".join(str(part) for part in tournament.prize_split)
    known = {field.name: field.value_from_object(tournament) for field in tournament._meta.fields}
    fee = Decimal(tournament.entry_fee) / 100
    written = {"prize_split": split, "entry_fee": fee, "version": plan_version_now(tournament)}
    return known | written
