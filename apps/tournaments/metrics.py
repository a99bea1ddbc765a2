from prometheus_client import Counter

from apps.core.metrics import ws_messages_received
from apps.core.websocket.connections import open_connections
from apps.matches.metrics import active_tournaments

REGISTRATION_TRANSITIONS = (
    "waitlisted", "promoted", "checked_in", "withdrawn", "refunded", "expired", "no_show",
)  # fmt: skip

tournament_registrations = Counter(
    "tournament_registrations_total",
    "Registrations: SUCCESS, or FAILED if one was refused.",
    ["tournament_id", "status"],
)
registrations_confirmed = Counter(
    "tournament_registrations_confirmed_total",
    "Registrations confirmed, by payment or free of charge.",
)
registration_transitions = Counter(
    "tournament_registrations_moved_total",
    "Registration status changes: waiting list, promotion, check-in, withdrawal, refund, expiry, "
    "no-show.",
    ["status"],
)
coins_awarded = Counter("coins_awarded_total", "DeltaCoins awarded as prizes.")

active_tournaments.follow(tournament_registrations, {"status": "SUCCESS"}, {"status": "FAILED"})
active_tournaments.follow(ws_messages_received, {"message_type": "ping"}, {"message_type": "sync"})
open_connections.bound = active_tournaments
for _status in REGISTRATION_TRANSITIONS:
    registration_transitions.labels(_status)
