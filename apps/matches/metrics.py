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
    "Total number of completed matches.",
    ["tournament_id", "game_title"],
)
match_outcomes = Counter(
    "match_outcomes_total",
    'Total number of completed matches by outcome; "decided" is by the organizer.',
    ["outcome"],
)
match_disputes = Counter("match_disputes_total", "Total number of disputed matches.")
match_disputes_open = Gauge(
    "match_disputes_open",
    "Open disputes in live tournaments, at the last count.",
    multiprocess_mode="mostrecent",
)
match_dispute_oldest = Gauge(
    "match_dispute_oldest_seconds",
    "Age of the oldest open dispute at the last count; 0 if none is open.",
    multiprocess_mode="mostrecent",
)
tournaments_active = Gauge(
    "tournaments_active",
    "Tournaments with their own series in this process.",
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
