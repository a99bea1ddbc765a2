"""Reactions to a completed match, in the same transaction."""

from apps.events.recording import after_commit, reacts_to
from apps.matches import selectors, services
from apps.matches.events import MatchCompleted
from apps.matches.tasks import round_draw

MAX_DRAWN_INLINE = 64  # entrants; a larger draw takes too long for a request


@reacts_to(MatchCompleted)
def draw_next_round(event: MatchCompleted) -> None:
    """A large draw is made by a task. `draws_sweep` makes it if the task cannot be sent."""
    if event.final:
        return
    match = selectors.match_get(match_id=event.match_id)
    entrants = services.draw_due(tournament=match.tournament)
    if entrants > MAX_DRAWN_INLINE:
        after_commit(round_draw.delay, event.tournament_id)
    elif entrants:
        services.round_draw(tournament_id=event.tournament_id)
