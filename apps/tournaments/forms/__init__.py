"""Forms of organizers and entrants. The services validate; forms only parse."""

from apps.tournaments.forms.entrants import EnterForm, RegistrationForm, SeedsForm
from apps.tournaments.forms.plans import DraftForm, NewTournamentForm, PlanForm, initial_values

__all__ = [
    "DraftForm",
    "EnterForm",
    "NewTournamentForm",
    "PlanForm",
    "RegistrationForm",
    "SeedsForm",
    "initial_values",
]
