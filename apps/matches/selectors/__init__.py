from apps.matches.selectors.matches import (
    dispute_backlog,
    dispute_get,
    disputes_open,
    match_get,
    match_list,
    matches_won,
    may_decide,
    with_entrants,
)
from apps.matches.selectors.tables import Standing, Table, placements, standings

__all__ = [
    "Standing",
    "Table",
    "dispute_backlog",
    "dispute_get",
    "disputes_open",
    "match_get",
    "match_list",
    "matches_won",
    "may_decide",
    "placements",
    "standings",
    "with_entrants",
]
