"""
DomainError
├── Conflict: WrongState, RegistrationClosed, RegistrationOver, TournamentFull, AlreadyRegistered,
│   NotPaidYet, PlanHasChanged, PlayerInTwoTeams, RosterTooSmall, TeamEntered, TooFewEntrants
├── Forbidden: NotTheTeamsCaptain, NotYourTournament
├── Invalid: BadPlan, BadSeeds, NoTeamNeeded, TeamNeeded, TeamOfAnotherGame
└── NotFound: RegistrationNotFound, TournamentNotFound
"""

from apps.core.exceptions import Conflict, Forbidden, Invalid, NotFound


class WrongState(Conflict):
    code = "wrong_state"
    message = "That isn't possible at this stage."


class RegistrationClosed(Conflict):
    code = "registration_closed"
    message = "Registration is closed."


class RegistrationOver(Conflict):
    code = "registration_over"
    message = "You're no longer registered."


class TournamentFull(Conflict):
    code = "tournament_full"
    message = "This tournament and its waiting list are full."


class AlreadyRegistered(Conflict):
    code = "already_registered"
    message = "You're already registered for this tournament."


class NotPaidYet(Conflict):
    code = "not_paid_yet"
    message = "Pay the entry fee first."


class PlanHasChanged(Conflict):
    code = "plan_has_changed"
    message = (
        "This tournament was changed while you were editing. Your changes weren't saved. "
        "Reload and try again."
    )


class PlayerInTwoTeams(Conflict):
    code = "player_in_two_teams"
    message = "One of the team's players is registered with another team."


class RosterTooSmall(Conflict):
    code = "roster_too_small"
    message = "Your team needs more players for this game."


class TeamEntered(Conflict):
    code = "team_entered"
    message = (
        "The captain can't change while the team is registered in an upcoming tournament. "
        "Withdraw first."
    )


class TooFewEntrants(Conflict):
    code = "too_few_entrants"
    message = "You need at least two confirmed (and checked-in) entrants to start."


class NotTheTeamsCaptain(Forbidden):
    code = "not_the_captain"
    message = "Only the captain can register a team."


class NotYourTournament(Forbidden):
    code = "not_your_tournament"
    message = "Only the organizer can do that."


class BadPlan(Invalid):
    message = "These settings don't work together."


class BadSeeds(Invalid):
    code = "bad_seeds"
    message = "Invalid seeding."


class NoTeamNeeded(Invalid):
    code = "no_team_needed"
    message = "This is an individual tournament."


class TeamNeeded(Invalid):
    code = "team_needed"
    message = "This tournament is for teams."


class TeamOfAnotherGame(Invalid):
    code = "team_of_another_game"
    message = "That team plays a different game."


class RegistrationNotFound(NotFound):
    code = "registration_not_found"
    message = "Registration not found."


class TournamentNotFound(NotFound):
    code = "tournament_not_found"
    message = "Tournament not found."
