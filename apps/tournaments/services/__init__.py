from apps.tournaments.services.life_cycle import (
    tournament_cancel,
    tournament_check_in_open,
    tournament_complete,
    tournament_no_shows_drop,
    tournament_open,
    tournament_start,
)
from apps.tournaments.services.plans import tournament_create, tournament_edit
from apps.tournaments.services.prizes import prize_pay, prizes_sweep
from apps.tournaments.services.registrations import (
    registration_check_in,
    registration_confirm,
    registration_create,
    registration_refunded,
    registration_withdraw,
)
from apps.tournaments.services.rosters import captain_change_check
from apps.tournaments.services.schedule import tournaments_tick
from apps.tournaments.services.seeding import seeds_set
