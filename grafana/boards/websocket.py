"""WebSockets: connections, messages, the channel layer and the live feed."""

from grafana.boards.variables import TOURNAMENT
from grafana.dashboard import dashboard, processes
from grafana.panels import heatmap, stat, timeseries
from grafana.queries import PROCESS, buckets, percentiles, quantile, rate, ratio, top_values, within
from grafana.shapes import Link, Query, Row
from grafana.thresholds import RED_FROM_1

SELECTED = f'tournament_id=~"$tournament",{PROCESS}'
CONNECTIONS = f"ws_connections_active{{{SELECTED}}}"
PENDING = f"channel_layer_pending_messages{{{PROCESS}}}"
CAPACITY = f"channel_layer_capacity{{{PROCESS}}}"
FAILURES = "ws_connection_failures_total"
DELIVERY = "live_delivery_seconds"

TILES = [
    stat("Active connections", "Open WebSocket connections.", f"sum({CONNECTIONS})"),
    stat(
        "Failed handshakes",
        "Handshakes rejected or failed within one minute.",
        within("1m", FAILURES, PROCESS),
        alert="WebSocketConnectionFailures",
    ),
    stat(
        "Event delivery, p95",
        "Time from the commit of an event to its delivery to the sockets. More than one second "
        "violates the objective.",
        quantile(0.95, DELIVERY, PROCESS),
        unit="s",
        steps=RED_FROM_1,
        empty="No events",
        see="slo",
    ),
    stat(
        "Highest queue usage",
        "Messages waiting for a process in Redis, as a share of its queue capacity.",
        f"max({ratio(PENDING, CAPACITY)})",
        unit="percentunit",
        alert="WebSocketQueueBacklog",
        see="redis-postgres",
    ),
]
SOCKETS = [
    timeseries(
        "Active connections by tournament",
        "Open connections of the ten tournaments with the most. "
        '"other" are tournaments without their own series.',
        Query(top_values("sum by (tournament_id)", CONNECTIONS), "tournament {{tournament_id}}"),
        stacked=True,
        empty="No connections",
        see=Link("tournaments", {"tournament": "tournament_id"}),
    ),
    timeseries(
        "Connections opened and closed",
        "Accepted connections, and closed ones by close code. 1006: connection lost, 1011: server "
        "error, 1013: overload.",
        Query(rate("ws_connections_total", PROCESS), "opened"),
        Query(rate("ws_disconnections_total", PROCESS, by="code"), "closed {{code}}"),
        unit="cps",
        colors={"opened": "green", "closed 1011": "red", "closed 1013": "orange"},
    ),
    timeseries(
        "Failed handshakes by reason",
        "Handshakes rejected or failed.",
        Query(rate(FAILURES, PROCESS, by="reason"), "{{reason}}"),
        unit="cps",
        bars=True,
        empty="No failed handshakes",
    ),
]
LIVE_FEED = [
    timeseries(
        "Dropped, resynced and replayed events",
        "Within 5 minutes: messages dropped by the channel layer, and events read from the "
        "database, as a resync after a missing message or as a replay for a client.",
        Query(
            within("5m", "channel_layer_dropped_messages_total", PROCESS, by="where"),
            "dropped: {{where}}",
        ),
        Query(within("5m", "live_events_resynced_total", PROCESS), "resynced"),
        Query(within("5m", "live_events_replayed_total", PROCESS), "replayed"),
        alert="ChannelLayerLosesMessages",
    ),
    timeseries(
        "Channel layer queue",
        "Messages waiting for a process in Redis. Beyond the capacity they are dropped.",
        Query(PENDING, "waiting, {{instance}}"),
        limit=Query(f"max({CAPACITY})", "capacity"),
    ),
    timeseries(
        "Event delivery",
        "Time from the commit of an event to its delivery to the sockets of a process.",
        *percentiles(DELIVERY, PROCESS),
        unit="s",
        steps=RED_FROM_1,
        empty="No events",
    ),
    timeseries(
        "Paused reads",
        "Times within 5 minutes that reading from a socket was paused, because its client sent "
        "faster than messages were handled.",
        within("5m", "ws_input_paused_total", PROCESS),
    ),
]
MESSAGES = [
    timeseries(
        "Messages received",
        'Messages from clients. "other" is an unknown type, "invalid" is not JSON.',
        Query(rate("ws_messages_received_total", SELECTED, by="message_type"), "{{message_type}}"),
        unit="msg/s",
    ),
    timeseries(
        "Messages sent",
        "Messages to clients. An event counts once per socket.",
        Query(rate("ws_messages_sent_total", PROCESS, by="message_type"), "{{message_type}}"),
        unit="msg/s",
        empty="No messages",
    ),
    timeseries(
        "Message handling time",
        "Time to handle a message from a client.",
        *percentiles("ws_message_latency_seconds", PROCESS, exemplars=True),
        unit="s",
        empty="No messages",
    ),
    heatmap(
        "Event delivery heatmap",
        "Number of events by delivery time.",
        Query(buckets(DELIVERY, PROCESS), "{{le}}"),
        unit="s",
    ),
    timeseries(
        "Tournaments with own series",
        'Tournaments that a process tracks separately. The rest is "other".',
        Query(f"tournaments_active{{{PROCESS}}}", "{{instance}}"),
    ),
]
BOARD = dashboard(
    "websocket",
    "WebSocket",
    "WebSocket connections, messages, the channel layer and the live feed.",
    [*TILES, *SOCKETS],
    rows=[Row("Channel layer and live feed", LIVE_FEED), Row("Messages", MESSAGES, collapsed=True)],
    variables=[*processes("web"), TOURNAMENT],
)
