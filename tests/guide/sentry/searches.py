"""What Sentry finds with the queries in `sentry/queries.json`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

Event = dict[str, Any]


def is_error(event: Event) -> bool:
    """A message without an exception has the type `default`."""
    return "exception" in event


def is_slow(event: Event) -> bool:
    return event.get("type") == "transaction" and milliseconds(event) > 2000


def is_error_of_a_socket(event: Event) -> bool:
    return is_error(event) and event["tags"].get("websocket") == "true"


MATCHES: dict[str, Callable[[Event], bool]] = {
    "event.type:error": is_error,
    "event.type:transaction AND transaction.duration:>2000": is_slow,
    "event.type:error AND tags[websocket]:true": is_error_of_a_socket,
}


def milliseconds(transaction: Event) -> float:
    return (_seconds(transaction["timestamp"]) - _seconds(transaction["start_timestamp"])) * 1000


def fires(rule: dict[str, Any], events: list[Event]) -> bool:
    """Whether the events exceed a metric alert's critical threshold.

    The time window ends with the latest event.
    """
    assert (rule["aggregate"], rule["thresholdType"]) == ("count()", 0)
    [critical] = [row for row in rule["triggers"] if row["label"] == "critical"]
    latest = max(_seconds(event["timestamp"]) for event in events)
    counted = [
        event
        for event in events
        if MATCHES[rule["query"]](event)
        and event["environment"] == rule["environment"]
        and _seconds(event["timestamp"]) > latest - 60 * rule["timeWindow"]
    ]
    threshold: int = critical["alertThreshold"]
    return len(counted) > threshold


def _seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()
