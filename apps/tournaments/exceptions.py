"""
DomainError
├── Conflict
│   ├── WrongState
│   ├── RegistrationClosed
│   ├── RegistrationOver
│   ├── TournamentFull
│   ├── AlreadyRegistered
│   ├── NotPaidYet
│   ├── PlanHasChanged
│   ├── PlayerInTwoTeams
│   ├── RosterTooSmall
│   ├── TeamEntered
│   └── TooFewEntrants
├── Forbidden
│   ├── NotTheTeamsCaptain
│   └── NotYourTournament
├── Invalid
│   ├── BadPlan
│   ├── BadSeeds
│   ├── NoTeamNeeded
│   ├── TeamNeeded
│   └── TeamOfAnotherGame
└── NotFound
    ├── RegistrationNotFound
    └── TournamentNotFound
"""

from apps.core.exceptions import Conflict, Forbidden, Invalid, NotFound


class WrongState(Conflict):
    code = "wrong_state"
    message = "The tournament is not in a state to do that."


class RegistrationClosed(Conflict):
    code = "registration_closed"
    message = "The tournament does not take registrations now."


class RegistrationOver(Conflict):
    code = "registration_over"
    message = "You are not taking part any more."


class TournamentFull(Conflict):
    code = "tournament_full"
    message = "Every seat is taken, and the waiting list is full."


class AlreadyRegistered(Conflict):
    code = "already_registered"
    message = "You are registered for this tournament."


class NotPaidYet(Conflict):
    code = "not_paid_yet"
    message = "The entry fee has to be paid first."


class PlanHasChanged(Conflict):
    code = "plan_has_changed"
    message = (
        "The tournament was changed meanwhile, elsewhere or by the clock; nothing is saved. "
        "Load it again to see it as it is, then make your changes to that."
    )


class PlayerInTwoTeams(Conflict):
    code = "player_in_two_teams"
    message = "One of the team's players is registered with another team."


class RosterTooSmall(Conflict):
    code = "roster_too_small"
    message = "The team has fewer players than the game takes."


class TeamEntered(Conflict):
    code = "team_entered"
    message = (
        "The team is entered in a tournament, and its roster there is not locked yet. Until it is, "
        "the captain stays, or withdraws the team first."
    )


class TooFewEntrants(Conflict):
    code = "too_few_entrants"
    message = "It takes two entrants to start, paid for and, where there is a check-in, checked in."


class NotTheTeamsCaptain(Forbidden):
    code = "not_the_captain"
    message = "A team is registered by its captain."


class NotYourTournament(Forbidden):
    code = "not_your_tournament"
    message = "Only the tournament's organizer may do that."


class BadPlan(Invalid):
    message = "The tournament cannot be played like that."


class BadSeeds(Invalid):
    code = "bad_seeds"
    message = "This is no order of the tournament's entrants."


class NoTeamNeeded(Invalid):
    code = "no_team_needed"
    message = "Players enter this tournament by themselves."


class TeamNeeded(Invalid):
    code = "team_needed"
    message = "This tournament is for teams."


class TeamOfAnotherGame(Invalid):
    code = "team_of_another_game"
    message = "The team plays another game."


class RegistrationNotFound(NotFound):
    code = "registration_not_found"
    message = "You have no such registration."


class TournamentNotFound(NotFound):
    code = "tournament_not_found"
    message = "There is no such tournament."
