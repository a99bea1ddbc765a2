from apps.tournaments.services.life_cycle import (
    tournament_cancel,
    tournament_complete,
    tournament_create,
    tournament_open,
    tournament_start,
)
from apps.tournaments.services.prizes import prize_pay, prizes_sweep
from apps.tournaments.services.registrations import registration_confirm, registration_create

__all__ = [
    "prize_pay",
    "prizes_sweep",
    "registration_confirm",
    "registration_create",
    "tournament_cancel",
    "tournament_complete",
    "tournament_create",
    "tournament_open",
    "tournament_start",
]
