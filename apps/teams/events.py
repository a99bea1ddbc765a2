from apps.accounts.types import Person
from apps.events.recording import Audience, Event


class TeamEvent(Event):
    stream = "team:{team_id}"
    audience = Audience.PRIVATE

    team_id: int


class TeamCreated(TeamEvent):
    name = "team.created"

    captain: Person
    game_title: str


class InvitationEvent(TeamEvent):
    invitation_id: int
    player: Person


class PlayerInvited(InvitationEvent):
    name = "team.player_invited"


class InvitationDeclined(InvitationEvent):
    name = "team.invitation_declined"


class InvitationWithdrawn(InvitationEvent):
    name = "team.invitation_withdrawn"


class MemberEvent(TeamEvent):
    player: Person


class MemberJoined(MemberEvent):
    name = "team.member_joined"


class MemberLeft(MemberEvent):
    name = "team.member_left"


class CaptainChanged(MemberEvent):
    name = "team.captain_changed"
