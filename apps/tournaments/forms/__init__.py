"""What an organizer and an entrant fill in. What may be is for the services to say: here is only
how it is written."""

from apps.tournaments.forms.entrants import EnterForm, RegistrationForm, SeedsForm
from apps.tournaments.forms.plans import DraftForm, NewTournamentForm, PlanForm, of_tournament

__all__ = [
    "DraftForm",
    "EnterForm",
    "NewTournamentForm",
    "PlanForm",
    "RegistrationForm",
    "SeedsForm",
    "of_tournament",
]
