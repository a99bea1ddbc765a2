"""
DomainError
├── Conflict: AlreadyMember, CaptainStays, InvitationClosed, TeamFull, TeamNameTaken, TooManyTeams
├── Forbidden: NotTheCaptain
├── Invalid: BadTeamName
└── NotFound: InvitationNotFound, MemberNotFound, TeamNotFound
"""

from apps.core.exceptions import Conflict, Forbidden, Invalid, NotFound


class AlreadyMember(Conflict):
    code = "already_member"
    message = "Already on the team or invited."


class CaptainStays(Conflict):
    code = "captain_stays"
    message = "Make someone else captain before you leave."


class InvitationClosed(Conflict):
    code = "invitation_closed"
    message = "This invitation is no longer valid."


class TeamFull(Conflict):
    code = "team_full"
    message = "The team is full."


class TeamNameTaken(Conflict):
    code = "team_name_taken"
    message = "That team name is taken."


class TooManyTeams(Conflict):
    code = "too_many_teams"
    message = "You've reached the team limit."


class NotTheCaptain(Forbidden):
    code = "not_the_captain"
    message = "Only the team captain can do that."


class BadTeamName(Invalid):
    message = "That team name isn't allowed."


class InvitationNotFound(NotFound):
    code = "invitation_not_found"
    message = "Invitation not found."


class MemberNotFound(NotFound):
    code = "member_not_found"
    message = "Player not found."


class TeamNotFound(NotFound):
    code = "team_not_found"
    message = "Team not found."
