"""Every write to matches: created in `draw`, reported in `reports`, decided, forfeited
and corrected in `decisions`, ended in `completion`, ended or announced by the clock in `timers`.

Rows are locked in this order: tournament, match, the matches that follow. The lock on the
tournament serializes all writes in it.
"""

from apps.matches.services.decisions import match_correct, match_decide, match_forfeit
from apps.matches.services.draw import draw_create, draw_due, draws_sweep, round_draw
from apps.matches.services.reports import match_confirm, match_dispute, match_report
from apps.matches.services.timers import no_shows_sweep, reminders_sweep
