"""What Alertmanager sends to PagerDuty, to Slack and to a dead-man's switch, read strictly.

Each reader raises `Malformed` where the service itself would answer 400, and otherwise says what
the message was about. PagerDuty: Events API v2. Slack: incoming webhooks. The switch:
Alertmanager's own webhook format, version 4.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

T = TypeVar("T")
Json = dict[str, Any]
Channel = Literal["pagerduty", "slack", "watchdog"]
Status = Literal["firing", "resolved"]

ROUTING_KEY = re.compile(r"[0-9a-zA-Z]{32}")
SLACK_TITLE = re.compile(r"\[(FIRING|RESOLVED)\] (\w+): (.+)", re.DOTALL)
PAGERDUTY_SEVERITIES = ("critical", "error", "warning", "info")
PAGERDUTY_STATUS: dict[object, Status] = {"trigger": "firing", "resolve": "resolved"}
SLACK_STATUS: dict[str, Status] = {"FIRING": "firing", "RESOLVED": "resolved"}
WEBHOOK_STATUS: dict[object, Status] = {"firing": "firing", "resolved": "resolved"}


class Malformed(Exception):
    """The service would refuse this, and why."""


@dataclass(frozen=True)
class Notification:
    channel: Channel
    alert: str
    status: Status
    summary: str
    key: str = ""  # by which the service knows that a resolve belongs to a trigger
    links: tuple[str, ...] = ()
    text: str = ""
    body: Json = field(default_factory=dict, repr=False)


def parsed(body: bytes) -> Json:
    """Raises Malformed, and ValueError where it is no JSON."""
    found = json.loads(body)
    _require(isinstance(found, dict), "the body is no object")
    return cast("Json", found)


def pagerduty(body: Json) -> Notification:
    _require(_matches(ROUTING_KEY, body.get("routing_key")), "'routing_key' is not 32 characters")
    action = "'event_action' is neither trigger nor resolve"
    payload = _object(body, "payload")
    _text(payload, "source", at_most=255)
    _require(payload.get("severity") in PAGERDUTY_SEVERITIES, "'severity' is unknown")
    return Notification(
        channel="pagerduty",
        alert=_text(payload, "class", at_most=255),
        status=_given(PAGERDUTY_STATUS.get(body.get("event_action")), action),
        summary=_text(payload, "summary", at_most=1024),
        key=_text(body, "dedup_key", at_most=255),
        links=tuple(_text(link, "href", at_most=3000) for link in _objects(body, "links")),
        text=str(payload.get("custom_details", "")),
        body=body,
    )


def slack(body: Json) -> Notification:
    _require("attachments" in body, "no_text")
    attachments = _objects(body, "attachments")
    _require(len(attachments) == 1, "invalid_attachments")
    attachment = attachments[0]
    title = SLACK_TITLE.match(_text(attachment, "title", at_most=3000))
    status, alert, summary = _given(title, "invalid_attachments").groups()
    _text(attachment, "fallback", at_most=3000)
    buttons = _objects(attachment, "actions")
    _require(len(buttons) <= 5, "invalid_attachments")
    return Notification(
        channel="slack",
        alert=alert,
        status=SLACK_STATUS[status],
        summary=summary,
        links=tuple(_text(button, "url", at_most=3000) for button in buttons),
        text=_text(attachment, "text", at_most=8000),
        body=body,
    )


def watchdog(body: Json) -> Notification:
    _require(body.get("version") == "4", "'version' is not 4")
    return Notification(
        channel="watchdog",
        alert=_text(_object(body, "commonLabels"), "alertname", at_most=255),
        status=_given(WEBHOOK_STATUS.get(body.get("status")), "'status' is unknown"),
        summary=_text(_object(body, "commonAnnotations"), "summary", at_most=1024),
        key=_text(body, "groupKey", at_most=1024),
        body=body,
    )


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise Malformed(reason)


def _given(found: T | None, reason: str) -> T:
    if found is None:
        raise Malformed(reason)
    return found


def _matches(pattern: re.Pattern[str], found: object) -> bool:
    return isinstance(found, str) and pattern.fullmatch(found) is not None


def _object(body: Json, name: str) -> Json:
    found = body.get(name)
    _require(isinstance(found, dict), f"'{name}' is missing")
    return cast("Json", found)


def _objects(body: Json, name: str) -> list[Json]:
    """None, where there is nothing of that name."""
    found = body.get(name, [])
    fits = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    _require(fits, f"'{name}' is no list of objects")
    return cast("list[Json]", found)


def _text(body: Json, name: str, *, at_most: int) -> str:
    found = body.get(name)
    _require(isinstance(found, str) and 0 < len(found) <= at_most, f"'{name}' is missing or long")
    return cast("str", found)
