"""Tournaments: registrations, matches and disputes."""

from grafana.boards.variables import GAME, TOURNAMENT
from grafana.dashboard import dashboard, row
from grafana.panels import stat, timeseries
from grafana.queries import increase, per_5_minutes
from grafana.shapes import Json, Query

SELECTED = 'tournament_id=~"$tournament"'


def board() -> Json:
    return dashboard(
        "tournaments",
        "Tournaments",
        "Registrations from the waiting list to the start, and matches.",
        [*tiles(), row("Registrations"), *registrations(), row("Matches"), *matches()],
        [TOURNAMENT, GAME],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Active tournaments",
            "Tournaments that are open for registration, in check-in or live.",
            Query("max(tournaments_active)", "tournaments"),
        ),
        stat(
            "Matches completed",
            "Matches completed in the selected time range.",
            Query(
                increase("matches_completed_total", f'game_title=~"$game",{SELECTED}'), "completed"
            ),
        ),
        stat(
            "Waitlisted",
            "Registrations added to a waiting list in the selected time range.",
            Query(
                increase("tournament_registrations_moved_total", 'status="waitlisted"'),
                "waitlisted",
            ),
        ),
        stat(
            "No-shows",
            "Confirmed registrations without check-in, in the selected time range.",
            Query(increase("tournament_registrations_moved_total", 'status="no_show"'), "no-shows"),
        ),
        stat(
            "Oldest dispute",
            "Age of the oldest open dispute, which blocks its bracket.",
            Query("max(match_dispute_oldest_seconds)", "age"),
            unit="s",
            alert="DisputesWait",
        ),
    ]


def registrations() -> list[Json]:
    return [
        timeseries(
            "Registration status changes",
            "Registrations per 5 minutes that changed to this status. Many expired and no-show "
            "registrations leave spots unused.",
            Query(per_5_minutes("tournament_registrations_moved_total", by="status"), "{{status}}"),
            width=12,
        ),
        timeseries(
            "Registrations by tournament",
            "Successful registrations per 5 minutes.",
            Query(
                per_5_minutes(
                    "tournament_registrations_total",
                    f'status="SUCCESS",{SELECTED}',
                    by="tournament_id",
                ),
                "tournament {{tournament_id}}",
            ),
            width=12,
            stacked=True,
        ),
    ]


def matches() -> list[Json]:
    return [
        timeseries(
            "Matches by game",
            "Completed matches per 5 minutes.",
            Query(
                per_5_minutes(
                    "matches_completed_total", f'game_title=~"$game",{SELECTED}', by="game_title"
                ),
                "{{game_title}}",
            ),
            stacked=True,
        ),
        timeseries(
            "Match outcomes",
            "Matches per 5 minutes by outcome: played, forfeited, unanswered, or decided by the "
            "organizer.",
            Query(per_5_minutes("match_outcomes_total", by="outcome"), "{{outcome}}"),
            stacked=True,
        ),
        timeseries(
            "Disputes",
            "Disputes opened per 5 minutes, and open disputes.",
            Query(per_5_minutes("match_disputes_total"), "opened"),
            Query("max(match_disputes_open)", "open"),
        ),
    ]
