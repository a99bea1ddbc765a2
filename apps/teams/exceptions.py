"""
DomainError
├── Conflict
│   ├── AlreadyMember
│   ├── CaptainStays
│   ├── InvitationClosed
│   ├── TeamFull
│   ├── TeamNameTaken
│   └── TooManyTeams
├── Forbidden
│   └── NotTheCaptain
├── Invalid
│   └── BadTeamName
└── NotFound
    ├── InvitationNotFound
    ├── MemberNotFound
    └── TeamNotFound
"""

from apps.core.exceptions import Conflict, Forbidden, Invalid, NotFound


class AlreadyMember(Conflict):
    code = "already_member"
    message = "This player is in the team, or asked to join it."


class CaptainStays(Conflict):
    code = "captain_stays"
    message = "The captain hands the team over before leaving it."


class InvitationClosed(Conflict):
    code = "invitation_closed"
    message = "The invitation was answered or withdrawn."


class TeamFull(Conflict):
    code = "team_full"
    message = "The team has as many players as its game allows."


class TeamNameTaken(Conflict):
    code = "team_name_taken"
    message = "A team has this name already."


class TooManyTeams(Conflict):
    code = "too_many_teams"
    message = "You lead as many teams as one may."


class NotTheCaptain(Forbidden):
    code = "not_the_captain"
    message = "Only the team's captain may do that."


class BadTeamName(Invalid):
    message = "A team cannot have that name."


class InvitationNotFound(NotFound):
    code = "invitation_not_found"
    message = "You have no such invitation."


class MemberNotFound(NotFound):
    code = "member_not_found"
    message = "There is no such player."


class TeamNotFound(NotFound):
    code = "team_not_found"
    message = "There is no such team."
