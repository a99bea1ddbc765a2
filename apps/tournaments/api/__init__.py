from apps.tournaments.api.registrations import registrations
from apps.tournaments.api.tournaments import router

__all__ = ["registrations", "router"]
