"""
Refusal
├── Conflict
│   ├── WrongState
│   ├── RegistrationClosed
│   ├── TournamentFull
│   ├── AlreadyRegistered
│   └── TooFewEntrants
├── Forbidden
│   └── NotYourTournament
└── NotFound
    └── TournamentNotFound
"""

from apps.core.exceptions import Conflict, Forbidden, NotFound


class WrongState(Conflict):
    code = "wrong_state"
    message = "The tournament is not in a state to do that."


class RegistrationClosed(Conflict):
    code = "registration_closed"
    message = "The tournament does not take registrations now."


class TournamentFull(Conflict):
    code = "tournament_full"
    message = "Every seat is taken."


class AlreadyRegistered(Conflict):
    code = "already_registered"
    message = "You are registered for this tournament."


class TooFewEntrants(Conflict):
    code = "too_few_entrants"
    message = "It takes two confirmed players to start."


class NotYourTournament(Forbidden):
    code = "not_your_tournament"
    message = "Only the tournament's organizer may do that."


class TournamentNotFound(NotFound):
    code = "tournament_not_found"
    message = "There is no such tournament."
