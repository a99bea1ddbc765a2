from typing import Any

from django import forms

from apps.api.schemas import MAX_ID
from apps.matches.models import MAX_EVIDENCE, Match
from apps.web.forms import ServiceForm

MOST_POINTS = 999


def evidence(label: str, *, required: bool) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=MAX_EVIDENCE, required=required, widget=widget)


class ScoreForm(ServiceForm):
    """A score, in the order of the match's entrants, under their names."""

    score_a = forms.IntegerField(min_value=0, max_value=MOST_POINTS)
    score_b = forms.IntegerField(min_value=0, max_value=MOST_POINTS)

    def __init__(self, *args: Any, match: Match, **more: Any) -> None:
        super().__init__(*args, **more)
        sides = (("score_a", match.entrant_a), ("score_b", match.entrant_b))
        for name, entrant in sides:
            self.fields[name].label = entrant.name if entrant else "?"

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return {"score": (given.pop("score_a"), given.pop("score_b")), **given}


class CounterForm(ScoreForm):
    """Another score than the one reported: it opens a dispute."""

    evidence = evidence("What the organizer should know", required=False)


class DecisionForm(ScoreForm):
    note = evidence("Why, for both sides to read", required=False)


class EvidenceForm(ServiceForm):
    evidence = evidence("What was different", required=True)


class ForfeitForm(ServiceForm):
    """Of one's own match, or of the side that the organizer names."""

    entrant_id = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput
    )
