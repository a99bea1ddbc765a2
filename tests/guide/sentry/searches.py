"""Sentry's search, as much of it as the guide's three queries use."""

import re
from datetime import datetime
from typing import Any

TERM = re.compile(r"(?P<field>[\w.]+|tags\[\w+\]):(?P<operator>>?)(?P<value>\S+)")


def matches(query: str, event: dict[str, Any]) -> bool:
    """All of a query's terms, with or without the AND between them."""
    terms = [term for term in query.split() if term != "AND"]
    return all(_matches(term, event) for term in terms)


def _matches(term: str, event: dict[str, Any]) -> bool:
    found = TERM.fullmatch(term)
    assert found, f"no term of a search: {term}"
    value = _value(found["field"], event)
    if found["operator"]:
        return value is not None and float(value) > float(found["value"])
    return str(value) == found["value"]


def _value(field: str, event: dict[str, Any]) -> Any:
    match field:
        case "event.type":
            return _type(event)
        case "transaction.duration":
            return _milliseconds(event)
    name = field.removeprefix("tags[").removesuffix("]")
    return event.get("tags", {}).get(name)


def _type(event: dict[str, Any]) -> str:
    """Sentry tells by what is in it: a message alone is of type `default`."""
    if event.get("type") == "transaction":
        return "transaction"
    return "error" if event.get("exception") else "default"


def _milliseconds(event: dict[str, Any]) -> float | None:
    if "start_timestamp" not in event:
        return None
    ends = [_seconds(event[name]) for name in ("start_timestamp", "timestamp")]
    return (ends[1] - ends[0]) * 1000


def _seconds(timestamp: Any) -> float:
    if isinstance(timestamp, str):
        return datetime.fromisoformat(timestamp).timestamp()
    return timestamp.timestamp() if isinstance(timestamp, datetime) else float(timestamp)


def fires(rule: dict[str, Any], events: list[dict[str, Any]]) -> bool:
    """Whether a metric alert's critical threshold is passed in the window that ends with the last
    of the events."""
    assert (rule["aggregate"], rule["thresholdType"]) == ("count()", 0)
    [critical] = [one for one in rule["triggers"] if one["label"] == "critical"]
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
