"""The tournaments: how seats change hands, and what is played."""

from grafana.boards.choices import GAME, TOURNAMENT
from grafana.dashboard import dashboard, row
from grafana.panels import stat, timeseries
from grafana.queries import each, within
from grafana.shapes import Json, Query

CHOSEN = 'tournament_id=~"$tournament"'


def board() -> Json:
    return dashboard(
        "tournaments",
        "Tournaments",
        "Seats from the waiting list to the start, and matches, as they were committed.",
        [
            *tiles(),
            row("Registrations"),
            *registrations(),
            row("Matches"),
            *matches(),
        ],
        [TOURNAMENT, GAME],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Tournaments",
            "Open for registration, in check-in or live, as the processes see them.",
            Query("max(tournaments_active)", "tournaments"),
            unit="short",
        ),
        stat(
            "Matches completed",
            "Within the time shown.",
            Query(within("matches_completed_total", f'game_title=~"$game",{CHOSEN}'), "completed"),
            unit="short",
        ),
        stat(
            "Waiting",
            "Put on a waiting list within the time shown.",
            Query(within("tournament_registrations_moved_total", 'status="waitlisted"'), "waiting"),
            unit="short",
        ),
        stat(
            "No shows",
            "Confirmed, and not there at check-in, within the time shown.",
            Query(within("tournament_registrations_moved_total", 'status="no_show"'), "no shows"),
            unit="short",
        ),
        stat(
            "Oldest dispute",
            "How long the one has waited that waits for longest. The draw stands still there.",
            Query("max(match_dispute_oldest_seconds)", "waits"),
            unit="s",
            alert="DisputesWait",
        ),
    ]


def registrations() -> list[Json]:
    return [
        timeseries(
            "Waiting list, check-in and leaving",
            "Registrations that moved, within each five minutes: many that expire or do not show "
            "up are seats that nobody plays on.",
            Query(each("tournament_registrations_moved_total", by="status"), "{{status}}"),
            unit="short",
            width=12,
        ),
        timeseries(
            "Registrations by tournament",
            "Sign-ups that succeeded, within each five minutes.",
            Query(
                each(
                    "tournament_registrations_total",
                    f'status="SUCCESS",{CHOSEN}',
                    by="tournament_id",
                ),
                "tournament {{tournament_id}}",
            ),
            unit="short",
            width=12,
            stacked=True,
        ),
    ]


def matches() -> list[Json]:
    return [
        timeseries(
            "Matches by game",
            "Matches that ended with a result, within each five minutes.",
            Query(
                each("matches_completed_total", f'game_title=~"$game",{CHOSEN}', by="game_title"),
                "{{game_title}}",
            ),
            unit="short",
            stacked=True,
        ),
        timeseries(
            "How matches end",
            "Played, forfeited, not answered in time, or decided by the organizer, within each "
            "five minutes. Many that nobody answers are players who have left.",
            Query(each("match_outcomes_total", by="outcome"), "{{outcome}}"),
            unit="short",
            stacked=True,
        ),
        timeseries(
            "Disputes",
            "Matches over whose result the two sides do not agree: begun within each five minutes, "
            "and those that wait for the organizer.",
            Query(each("match_disputes_total"), "begun"),
            Query("max(match_disputes_open)", "open"),
            unit="short",
        ),
    ]
