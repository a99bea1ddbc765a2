"""What happens to matches: drawn in `draw`, reported by both sides in `reports`, decided, forfeited
and corrected in `decisions`, ended in `endings`, and what time does to them in `timers`.

Rows are locked in this order: tournament, match, and what follows from them; the tournament's row
makes everything that happens in one tournament happen one after the other.
"""

from apps.matches.services.decisions import match_correct, match_decide, match_forfeit
from apps.matches.services.draw import draw_create, rounds_known
from apps.matches.services.reports import match_confirm, match_dispute, match_report
from apps.matches.services.rounds import draw_due, draws_sweep, round_draw
from apps.matches.services.timers import no_shows_sweep, reminders_sweep

__all__ = [
    "draw_create",
    "draw_due",
    "draws_sweep",
    "match_confirm",
    "match_correct",
    "match_decide",
    "match_dispute",
    "match_forfeit",
    "match_report",
    "no_shows_sweep",
    "reminders_sweep",
    "round_draw",
    "rounds_known",
]
