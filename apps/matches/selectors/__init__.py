from apps.matches.selectors.draws import DrawState, Standing, Table, placements, standings
from apps.matches.selectors.matches import (
    dispute_backlog,
    dispute_get,
    dispute_of,
    disputes_open,
    match_get,
    match_list,
    matches_won,
    may_decide,
    with_entrants,
)
