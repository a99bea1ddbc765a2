"""Tournaments: registrations, matches and disputes."""

from grafana.boards.variables import GAME, TOURNAMENT
from grafana.dashboard import dashboard
from grafana.panels import stat, timeseries
from grafana.queries import increase, per_5_minutes
from grafana.shapes import Link, Query, Row

SELECTED = 'tournament_id=~"$tournament"'
MATCHES = "matches_completed_total"
SELECTED_MATCHES = f'game_title=~"$game",{SELECTED}'
MOVED = "tournament_registrations_moved_total"
REGISTERED = ("tournament_registrations_total", f'status="SUCCESS",{SELECTED}')

TILES = [
    stat(
        "Active tournaments",
        "Tournaments that are open for registration, in check-in or live.",
        "max(tournaments_active)",
    ),
    stat(
        "Matches completed",
        "Matches completed in the selected time range.",
        increase(MATCHES, SELECTED_MATCHES),
        empty="None",
    ),
    stat(
        "Waitlisted",
        "Registrations added to a waiting list in the selected time range.",
        increase(MOVED, 'status="waitlisted"'),
        empty="None",
    ),
    stat(
        "No-shows",
        "Confirmed registrations without check-in, in the selected time range.",
        increase(MOVED, 'status="no_show"'),
        empty="None",
    ),
    stat(
        "Oldest dispute",
        "Age of the oldest open dispute, which blocks its bracket.",
        "max(match_dispute_oldest_seconds)",
        unit="s",
        alert="DisputesWait",
    ),
]
REGISTRATIONS = [
    timeseries(
        "Registration status changes",
        "Registrations per 5 minutes that changed to this status. Many expired and no-show "
        "registrations leave spots unused.",
        Query(per_5_minutes(MOVED, by="status"), "{{status}}"),
        empty="No registrations",
    ),
    timeseries(
        "Registrations by tournament",
        "Successful registrations per 5 minutes: the ten tournaments with the most.",
        Query(
            f"{per_5_minutes(*REGISTERED, by='tournament_id')}"
            f" and topk(10, {increase(*REGISTERED, by='tournament_id')})",
            "tournament {{tournament_id}}",
        ),
        stacked=True,
        empty="No registrations",
        see=Link("tournaments", {"tournament": "tournament_id"}),
    ),
]
MATCH = [
    timeseries(
        "Matches by game",
        "Completed matches per 5 minutes.",
        Query(per_5_minutes(MATCHES, SELECTED_MATCHES, by="game_title"), "{{game_title}}"),
        stacked=True,
        empty="No matches",
        see=Link("tournaments", {"game": "game_title"}),
    ),
    timeseries(
        "Match outcomes",
        "Matches per 5 minutes by outcome: played, forfeited, unanswered, or decided by the "
        "organizer.",
        Query(per_5_minutes("match_outcomes_total", by="outcome"), "{{outcome}}"),
        stacked=True,
        empty="No matches",
    ),
    timeseries(
        "Disputes",
        "Disputes opened per 5 minutes, and open disputes.",
        Query(per_5_minutes("match_disputes_total"), "opened"),
        Query("max(match_disputes_open)", "open"),
        empty="No disputes",
    ),
]
BOARD = dashboard(
    "tournaments",
    "Tournaments",
    "Registrations from the waiting list to the start, and matches.",
    TILES,
    rows=[Row("Registrations", REGISTRATIONS), Row("Matches", MATCH)],
    variables=[TOURNAMENT, GAME],
)
