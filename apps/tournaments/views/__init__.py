from apps.tournaments.views.desk import desk, tournament_new
from apps.tournaments.views.home import home, tournament_index
from apps.tournaments.views.me import me, my_list
from apps.tournaments.views.tournament import tournament_page, tournament_parts

__all__ = [
    "desk",
    "home",
    "me",
    "my_list",
    "tournament_index",
    "tournament_new",
    "tournament_page",
    "tournament_parts",
]
