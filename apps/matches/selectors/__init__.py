from apps.matches.selectors.matches import (
    dispute_get,
    disputes_open,
    disputes_waiting,
    match_get,
    match_list,
    matches_won,
    may_decide,
    with_entrants,
)
from apps.matches.selectors.placements import placements
from apps.matches.selectors.tables import Standing, Table, standings

__all__ = [
    "Standing",
    "Table",
    "dispute_get",
    "disputes_open",
    "disputes_waiting",
    "match_get",
    "match_list",
    "matches_won",
    "may_decide",
    "placements",
    "standings",
    "with_entrants",
]
