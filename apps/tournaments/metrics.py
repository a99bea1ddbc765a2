from prometheus_client import Counter

from apps.core.metrics import ws_messages_received
from apps.core.websocket.connections import open_connections
from apps.matches.metrics import active_tournaments

REGISTRATION_MOVES = (
    "waitlisted", "promoted", "checked_in", "withdrawn", "refunded", "expired", "no_show",
)  # fmt: skip

tournament_registrations = Counter(
    "tournament_registrations_total",
    "Sign-ups for a tournament: SUCCESS, or FAILED where one was refused.",
    ["tournament_id", "status"],
)
registrations_confirmed = Counter(
    "tournament_registrations_confirmed_total",
    "Seats confirmed: paid for, or free of charge.",
)
registrations_moved = Counter(
    "tournament_registrations_moved_total",
    "Registrations that were put on the waiting list, promoted from it, checked in, or left: "
    "withdrawn, refunded by the provider, expired without payment, no show.",
    ["status"],
)
coins_awarded = Counter("coins_awarded_total", "DeltaCoins awarded as prizes, in whole coins.")

active_tournaments.follow(tournament_registrations, {"status": "SUCCESS"}, {"status": "FAILED"})
active_tournaments.follow(ws_messages_received, {"message_type": "ping"}, {"message_type": "sync"})
open_connections.bound = active_tournaments
for _move in REGISTRATION_MOVES:
    registrations_moved.labels(_move)
