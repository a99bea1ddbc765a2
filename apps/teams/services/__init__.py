"""All writes of teams. Each locks the team's row first."""

from apps.teams.services.invitations import (
    invitation_accept,
    invitation_create,
    invitation_decline,
    invitation_withdraw,
)
from apps.teams.services.members import captain_change, member_remove
from apps.teams.services.teams import team_create, team_locked

__all__ = [
    "captain_change",
    "invitation_accept",
    "invitation_create",
    "invitation_decline",
    "invitation_withdraw",
    "member_remove",
    "team_create",
    "team_locked",
]
