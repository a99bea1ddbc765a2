"""The part of Sentry's search that the guide's queries use."""

import re
from datetime import datetime
from typing import Any

TERM = re.compile(r"(?P<field>[\w.]+|tags\[\w+\]):(?P<operator>>?)(?P<value>\S+)")


def matches(query: str, event: dict[str, Any]) -> bool:
    """Whether the event matches all terms of the query, with or without AND between them."""
    terms = [term for term in query.split() if term != "AND"]
    return all(_matches(term, event) for term in terms)


def _matches(term: str, event: dict[str, Any]) -> bool:
    parts = TERM.fullmatch(term)
    assert parts, f"unknown search term: {term}"
    value = _value(parts["field"], event)
    if parts["operator"]:
        return value is not None and float(value) > float(parts["value"])
    return str(value) == parts["value"]


def _value(field: str, event: dict[str, Any]) -> Any:
    match field:
        case "event.type":
            return _type(event)
        case "transaction.duration":
            return _milliseconds(event)
    name = field.removeprefix("tags[").removesuffix("]")
    return event.get("tags", {}).get(name)


def _type(event: dict[str, Any]) -> str:
    """Sentry's type of an event: a message without an exception is `default`."""
    if event.get("type") == "transaction":
        return "transaction"
    return "error" if event.get("exception") else "default"


def _milliseconds(event: dict[str, Any]) -> float | None:
    if "start_timestamp" not in event:
        return None
    return (_seconds(event["timestamp"]) - _seconds(event["start_timestamp"])) * 1000


def _seconds(timestamp: Any) -> float:
    if isinstance(timestamp, str):
        return datetime.fromisoformat(timestamp).timestamp()
    return timestamp.timestamp() if isinstance(timestamp, datetime) else float(timestamp)


def fires(rule: dict[str, Any], events: list[dict[str, Any]]) -> bool:
    """Whether the events exceed a metric alert's critical threshold.

    The time window ends with the latest event.
    """
    assert (rule["aggregate"], rule["thresholdType"]) == ("count()", 0)
    [critical] = [row for row in rule["triggers"] if row["label"] == "critical"]
    latest = max(_seconds(event["timestamp"]) for event in events)
    counted = [
        event
        for event in events
        if matches(rule["query"], event)
        and event["environment"] == rule["environment"]
        and _seconds(event["timestamp"]) > latest - 60 * rule["timeWindow"]
    ]
    threshold: int = critical["alertThreshold"]
    return len(counted) > threshold
