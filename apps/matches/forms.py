from typing import Any

from django import forms

from apps.matches.models import MAX_EVIDENCE, MAX_SCORE, Match
from apps.web.forms import ServiceForm, hidden_id


def evidence(label: str, *, required: bool) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=MAX_EVIDENCE, required=required, widget=widget)


class ScoreForm(ServiceForm):
    """A score, labeled with the names of the match's entrants."""

    score_a = forms.IntegerField(min_value=0, max_value=MAX_SCORE)
    score_b = forms.IntegerField(min_value=0, max_value=MAX_SCORE)

    def __init__(self, *args: Any, match: Match, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, entrant in (("score_a", match.entrant_a), ("score_b", match.entrant_b)):
            self.fields[name].label = entrant.name if entrant else "TBD"

    def arguments(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        return {"score": (values.pop("score_a"), values.pop("score_b")), **values}


class CounterForm(ScoreForm):
    """A score that differs from the reported one: it opens a dispute."""

    evidence = evidence("Note for the organizer (optional)", required=False)


class DecisionForm(ScoreForm):
    note = evidence("Reason (shown to both players)", required=False)


class EvidenceForm(ServiceForm):
    evidence = evidence("What happened?", required=True)


class ForfeitForm(ServiceForm):
    """The organizer names the entrant who forfeits."""

    entrant_id = hidden_id(required=False)
