"""WebSockets: who is connected, who was refused, and how soon an event reaches a socket."""

from grafana.boards.choices import TOURNAMENT
from grafana.dashboard import dashboard, instances, row
from grafana.panels import heatmap, stat, timeseries
from grafana.queries import RATE, percentiles, quantile, spread
from grafana.shapes import Json, Query
from grafana.steps import NONE

HERE = 'job="web",instance=~"$instance"'
CHOSEN = f'tournament_id=~"$tournament",{HERE}'
DROPPED = "channel_layer_dropped_messages_total"
DELIVERY = "live_delivery_seconds"


def board() -> Json:
    return dashboard(
        "websocket",
        "WebSocket",
        "Sockets, their messages, and the channel layer that wakes them up.",
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
            "Open sockets",
            "Sockets open now.",
            Query(f"sum(ws_connections_active{{{CHOSEN}}})", "open"),
            unit="short",
            width=6,
        ),
        stat(
            "Refused",
            "Handshakes refused or failed within a minute.",
            Query(f"round(sum(increase(ws_connection_failures_total{{{HERE}}}[1m])))", "refused"),
            unit="short",
            width=6,
            alert="WebSocketConnectionFailures",
        ),
        stat(
            "Delivery, 95th percentile",
            "From an event's commit to its hand-over to the sockets. More than a second counts "
            "against the objective.",
            Query(quantile(0.95, DELIVERY, HERE), "p95"),
            unit="s",
            width=6,
            steps=NONE,
            empty="no events",
            see="slo",
        ),
        stat(
            "Fullest queue",
            "Messages that wait for a process in Redis, of those that may wait.",
            Query(
                f"max(channel_layer_pending_messages{{{HERE}}}"
                f" / (channel_layer_capacity{{{HERE}}} > 0))",
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
            "Open sockets by tournament",
            "Counted where they begin and end. «other» are those without series of their own.",
            Query(
                f"sum by (tournament_id) (ws_connections_active{{{CHOSEN}}})",
                "tournament {{tournament_id}}",
            ),
            unit="short",
            stacked=True,
        ),
        timeseries(
            "Opened and ended",
            "Sockets accepted, and those that ended, by close code, of all tournaments. 1006 is a "
            "connection that broke off, 1011 our fault, 1013 overload.",
            Query(f"sum(rate(ws_connections_total{{{HERE}}}{RATE}))", "opened"),
            Query(
                f"sum by (code) (rate(ws_disconnections_total{{{HERE}}}{RATE}))", "ended {{code}}"
            ),
            unit="cps",
            colors={"opened": "green", "ended 1011": "red", "ended 1013": "orange"},
        ),
        timeseries(
            "Refused, by reason",
            "Handshakes refused or failed.",
            Query(
                f"sum by (reason) (rate(ws_connection_failures_total{{{HERE}}}{RATE}))",
                "{{reason}}",
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
            "Messages from clients. «other» is a type we do not know, «invalid» no JSON.",
            Query(
                f"sum by (message_type) (rate(ws_messages_received_total{{{CHOSEN}}}{RATE}))",
                "{{message_type}}",
            ),
            unit="msg/s",
        ),
        timeseries(
            "Messages sent",
            "Messages to clients; an event counts once for each socket that is given it.",
            Query(
                f"sum by (message_type) (rate(ws_messages_sent_total{{{HERE}}}{RATE}))",
                "{{message_type}}",
            ),
            unit="msg/s",
        ),
        timeseries(
            "Handling of a message",
            "From a client's message to the end of its handling.",
            *percentiles("ws_message_latency_seconds", HERE, exemplars=True),
            unit="s",
        ),
        heatmap(
            "Delivery, all events",
            "How many events took how long.",
            Query(spread(DELIVERY, HERE), "{{le}}"),
            unit="s",
            width=12,
        ),
        timeseries(
            "Tournaments with series of their own",
            "How many tournaments a process tells apart; the rest are «other».",
            Query(f"tournaments_active{{{HERE}}}", "{{instance}}"),
            unit="short",
            width=12,
        ),
    ]


def live_feed() -> list[Json]:
    return [
        timeseries(
            "Not read for a while",
            "Within five minutes: sockets whose client sent more than was handled, so that nothing "
            "was read from it until half was.",
            Query(f"round(sum(increase(ws_input_paused_total{{{HERE}}}[5m])))", "paused"),
            unit="short",
        ),
        timeseries(
            "Waiting in the channel layer",
            "Messages that wait in Redis for a process; past the capacity they are dropped, so "
            "the guide's 10,000 cannot come about.",
            Query(f"channel_layer_pending_messages{{{HERE}}}", "waiting, {{instance}}"),
            limit=Query(f"max(channel_layer_capacity{{{HERE}}})", "capacity"),
            unit="short",
        ),
        timeseries(
            "Dropped and made up for",
            "Within five minutes: messages that the channel layer dropped, and events read from "
            "the database: resynced as no wake-up came, replayed as a client asked.",
            Query(
                f"round(sum by (where) (increase({DROPPED}{{{HERE}}}[5m])))", "dropped: {{where}}"
            ),
            Query(f"round(sum(increase(live_events_resynced_total{{{HERE}}}[5m])))", "resynced"),
            Query(f"round(sum(increase(live_events_replayed_total{{{HERE}}}[5m])))", "replayed"),
            unit="short",
            alert="ChannelLayerLosesMessages",
        ),
        timeseries(
            "Delivery of an event",
            "From its commit to its hand-over to the sockets of a process.",
            *percentiles(DELIVERY, HERE),
            unit="s",
            steps=NONE,
        ),
    ]
