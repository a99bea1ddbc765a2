from django.conf import settings
from prometheus_client import Counter, Gauge

from apps.core.prometheus.bounded_labels import BoundedLabel

MATCH_OUTCOMES = ("played", "forfeit", "no_show", "decided")
LABEL_BOUNDS = {
    "tournament_id": "active tournaments, at most METRICS_MAX_TOURNAMENTS; other",
    "game_title": "titles of games that a tournament can be created with",
}

matches_completed = Counter(
    "matches_completed_total",
    "Matches that ended with a result.",
    ["tournament_id", "game_title"],
)
match_outcomes = Counter(
    "match_outcomes_total",
    "Matches that ended: played, forfeited, not answered in time, or decided by the organizer.",
    ["outcome"],
)
match_disputes = Counter(
    "match_disputes_total", "Matches over whose result the two sides did not agree."
)
match_disputes_open = Gauge(
    "match_disputes_open",
    "Disputes that wait for the organizer, when they were last counted.",
    multiprocess_mode="mostrecent",
)
match_dispute_oldest = Gauge(
    "match_dispute_oldest_seconds",
    "How long the oldest open dispute had waited when they were last counted: 0 without any.",
    multiprocess_mode="mostrecent",
)
tournaments_active = Gauge(
    "tournaments_active",
    "Tournaments that have series of their own in this process.",
    multiprocess_mode="livesum",
)

active_tournaments = BoundedLabel(
    "tournament_id",
    limit=lambda: settings.METRICS_MAX_TOURNAMENTS,
    retire_seconds=lambda: settings.METRICS_RETIRE_SECONDS,
)
active_tournaments.follow(matches_completed)
tournaments_active.set_function(lambda: len(active_tournaments.known()))
for _outcome in MATCH_OUTCOMES:
    match_outcomes.labels(_outcome)
