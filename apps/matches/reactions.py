"""What follows from a match that is over, in the same transaction."""

from apps.events.recording import after_commit, reacts_to
from apps.matches import services
from apps.matches.events import MatchCompleted
from apps.matches.tasks import round_draw

DRAWN_AT_ONCE = 64  # entrants: more take a while


@reacts_to(MatchCompleted)
def draw_next_round(event: MatchCompleted) -> None:
    """A large draw is made by a task. Where sending it fails, `draws_sweep` finds it."""
    if event.stage not in ("table", "group") or event.final:
        return
    entrants = services.draw_due(tournament_id=event.tournament_id)
    if entrants > DRAWN_AT_ONCE:
        after_commit(round_draw.delay, event.tournament_id)
    elif entrants:
        services.round_draw(tournament_id=event.tournament_id)
