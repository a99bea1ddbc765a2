"""WebSockets: connections, messages, the channel layer and the live feed."""

from grafana.boards.variables import TOURNAMENT
from grafana.dashboard import dashboard, instances, row
from grafana.panels import heatmap, stat, timeseries
from grafana.queries import RATE, buckets, percentiles, quantile
from grafana.shapes import Json, Query
from grafana.thresholds import RED_FROM_1

WEB = 'job="web",instance=~"$instance"'
SELECTED = f'tournament_id=~"$tournament",{WEB}'
DROPPED = "channel_layer_dropped_messages_total"
DELIVERY = "live_delivery_seconds"


def board() -> Json:
    return dashboard(
        "websocket",
        "WebSocket",
        "WebSocket connections, messages, the channel layer and the live feed.",
        [
            *tiles(),
            *sockets(),
            row("Channel layer and live feed"),
            *live_feed(),
            row("Messages"),
            *messages(),
        ],
        [instances("web"), TOURNAMENT],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Active connections",
            "Open WebSocket connections.",
            Query(f"sum(ws_connections_active{{{SELECTED}}})", "open"),
            width=6,
        ),
        stat(
            "Failed handshakes",
            "Handshakes rejected or failed within one minute.",
            Query(f"round(sum(increase(ws_connection_failures_total{{{WEB}}}[1m])))", "failed"),
            width=6,
            alert="WebSocketConnectionFailures",
        ),
        stat(
            "Event delivery, p95",
            "Time from the commit of an event to its delivery to the sockets. More than one "
            "second violates the objective.",
            Query(quantile(0.95, DELIVERY, WEB), "p95"),
            unit="s",
            width=6,
            steps=RED_FROM_1,
            empty="no events",
            see="slo",
        ),
        stat(
            "Highest queue usage",
            "Messages waiting for a process in Redis, as a share of its queue capacity.",
            Query(
                f"max(channel_layer_pending_messages{{{WEB}}}"
                f" / (channel_layer_capacity{{{WEB}}} > 0))",
                "waiting",
            ),
            unit="percentunit",
            width=6,
            alert="WebSocketQueueBacklog",
        ),
    ]


def sockets() -> list[Json]:
    return [
        timeseries(
            "Active connections by tournament",
            'Open connections. "other" are tournaments without their own series.',
            Query(
                f"sum by (tournament_id) (ws_connections_active{{{SELECTED}}})",
                "tournament {{tournament_id}}",
            ),
            stacked=True,
        ),
        timeseries(
            "Connections opened and closed",
            "Accepted connections, and closed ones by close code. 1006: connection lost, 1011: "
            "server error, 1013: overload.",
            Query(f"sum(rate(ws_connections_total{{{WEB}}}{RATE}))", "opened"),
            Query(
                f"sum by (code) (rate(ws_disconnections_total{{{WEB}}}{RATE}))", "closed {{code}}"
            ),
            unit="cps",
            colors={"opened": "green", "ended 1011": "red", "ended 1013": "orange"},
        ),
        timeseries(
            "Failed handshakes by reason",
            "Handshakes rejected or failed.",
            Query(
                f"sum by (reason) (rate(ws_connection_failures_total{{{WEB}}}{RATE}))", "{{reason}}"
            ),
            unit="cps",
            bars=True,
            stacked=True,
        ),
    ]


def messages() -> list[Json]:
    return [
        timeseries(
            "Messages received",
            'Messages from clients. "other" is an unknown type, "invalid" is not JSON.',
            Query(
                f"sum by (message_type) (rate(ws_messages_received_total{{{SELECTED}}}{RATE}))",
                "{{message_type}}",
            ),
            unit="msg/s",
        ),
        timeseries(
            "Messages sent",
            "Messages to clients. An event counts once per socket.",
            Query(
                f"sum by (message_type) (rate(ws_messages_sent_total{{{WEB}}}{RATE}))",
                "{{message_type}}",
            ),
            unit="msg/s",
        ),
        timeseries(
            "Message handling time",
            "Time to handle a message from a client.",
            *percentiles("ws_message_latency_seconds", WEB, exemplars=True),
            unit="s",
        ),
        heatmap(
            "Event delivery heatmap",
            "Number of events by delivery time.",
            Query(buckets(DELIVERY, WEB), "{{le}}"),
            unit="s",
            width=12,
        ),
        timeseries(
            "Tournaments with own series",
            'Tournaments that a process tracks separately. The rest is "other".',
            Query(f"tournaments_active{{{WEB}}}", "{{instance}}"),
            width=12,
        ),
    ]


def live_feed() -> list[Json]:
    return [
        timeseries(
            "Paused reads",
            "Times within 5 minutes that reading from a socket was paused, because its client "
            "sent faster than messages were handled.",
            Query(f"round(sum(increase(ws_input_paused_total{{{WEB}}}[5m])))", "paused"),
            width=6,
        ),
        timeseries(
            "Channel layer queue",
            "Messages waiting for a process in Redis. Beyond the capacity they are dropped.",
            Query(f"channel_layer_pending_messages{{{WEB}}}", "waiting, {{instance}}"),
            limit=Query(f"max(channel_layer_capacity{{{WEB}}})", "capacity"),
            width=6,
        ),
        timeseries(
            "Dropped, resynced and replayed events",
            "Within 5 minutes: messages dropped by the channel layer, and events read from the "
            "database, as a resync after a missing message or as a replay for a client.",
            Query(
                f"round(sum by (where) (increase({DROPPED}{{{WEB}}}[5m])))", "dropped: {{where}}"
            ),
            Query(f"round(sum(increase(live_events_resynced_total{{{WEB}}}[5m])))", "resynced"),
            Query(f"round(sum(increase(live_events_replayed_total{{{WEB}}}[5m])))", "replayed"),
            width=6,
            alert="ChannelLayerLosesMessages",
        ),
        timeseries(
            "Event delivery",
            "Time from the commit of an event to its delivery to the sockets of a process.",
            *percentiles(DELIVERY, WEB),
            unit="s",
            width=6,
            steps=RED_FROM_1,
        ),
    ]
