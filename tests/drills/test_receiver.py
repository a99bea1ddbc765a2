"""The receiver accepts and rejects messages like PagerDuty, Slack and a dead man's switch."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import httpx
import pytest

from drills.payloads import Channel
from drills.receiver import PATHS, Receiver

Json = dict[str, Any]
Change = Callable[[Json], object]


ALERT = "[FIRING] TargetDown: A process is not scraped"
VALID: dict[Channel, Json] = {
    "pagerduty": {
        "routing_key": "0123456789abcdef0123456789abcdef",
        "event_action": "trigger",
        "dedup_key": "6d2f",
        "links": [{"href": "http://grafana/d/http", "text": "Dashboard"}],
        "payload": {
            "summary": "HighErrorRate: Requests fail",
            "source": "deltacrown",
            "severity": "critical",
            "class": "HighErrorRate",
        },
    },
    "slack": {
        "attachments": [
            {
                "title": ALERT,
                "fallback": ALERT,
                "text": "• web at a does not respond",
                "actions": [{"type": "button", "url": "http://grafana/d/monitoring"}],
            }
        ]
    },
    "watchdog": {
        "version": "4",
        "status": "firing",
        "groupKey": "{}:{}",
        "commonLabels": {"alertname": "Watchdog"},
        "commonAnnotations": {"summary": "Alerting works"},
    },
}
INVALID: list[tuple[Channel, str, Change]] = [
    ("pagerduty", "malformed routing key", lambda body: body.update(routing_key="secret")),
    ("pagerduty", "no routing key", lambda body: body.pop("routing_key")),
    ("pagerduty", "unknown action", lambda body: body.update(event_action="fire")),
    ("pagerduty", "no dedup key", lambda body: body.pop("dedup_key")),
    ("pagerduty", "dedup key of 256", lambda body: body.update(dedup_key="k" * 256)),
    ("pagerduty", "no payload", lambda body: body.pop("payload")),
    ("pagerduty", "payload is text", lambda body: body.update(payload="Requests fail")),
    ("pagerduty", "unknown severity", lambda body: body["payload"].update(severity="page")),
    ("pagerduty", "no source", lambda body: body["payload"].pop("source")),
    ("pagerduty", "empty summary", lambda body: body["payload"].update(summary="")),
    ("pagerduty", "summary of 1025", lambda body: body["payload"].update(summary="s" * 1025)),
    ("pagerduty", "links are text", lambda body: body.update(links="http://grafana")),
    ("pagerduty", "link without href", lambda body: body.update(links=[{"text": "Dashboard"}])),
    ("slack", "attachments are text", lambda body: body.update(attachments="x")),
    ("slack", "attachment is text", lambda body: body.update(attachments=["x"])),
    ("slack", "empty message", lambda body: body.clear()),
    ("slack", "two attachments", lambda body: body["attachments"].append({})),
    ("slack", "no title", lambda body: body["attachments"][0].pop("title")),
    ("slack", "title of another template", lambda body: body["attachments"][0].update(title="Hi")),
    ("slack", "no fallback", lambda body: body["attachments"][0].pop("fallback")),
    ("slack", "empty text", lambda body: body["attachments"][0].update(text="")),
    (
        "slack",
        "six buttons",
        lambda body: body["attachments"][0].update(actions=[{"url": "u"}] * 6),
    ),
    ("slack", "button without url", lambda body: body["attachments"][0].update(actions=[{}])),
    ("watchdog", "another version", lambda body: body.update(version="3")),
    ("watchdog", "unknown status", lambda body: body.update(status="pending")),
    ("watchdog", "no alert name", lambda body: body["commonLabels"].clear()),
    ("watchdog", "no group key", lambda body: body.pop("groupKey")),
]


@pytest.mark.parametrize("channel", VALID)
def test_a_valid_message_is_kept(channel: Channel) -> None:
    receiver = Receiver()
    status, _ = receiver.handle(PATHS[channel], json.dumps(VALID[channel]).encode())
    assert status == (202 if channel == "pagerduty" else 200)
    [notification] = receiver.notifications
    assert notification.channel == channel
    assert notification.status == "firing"
    assert notification.alert in {"HighErrorRate", "TargetDown", "Watchdog"}
    assert receiver.rejected == []


@pytest.mark.parametrize(
    ("channel", "change"), [pytest.param(*case[::2], id=case[1]) for case in INVALID]
)
def test_an_invalid_message_is_rejected_and_recorded(channel: Channel, change: Change) -> None:
    body = deepcopy(VALID[channel])
    change(body)
    receiver = Receiver()
    status, response = receiver.handle(PATHS[channel], json.dumps(body).encode())
    assert status == 400
    assert response
    assert receiver.notifications == []
    [reason] = receiver.rejected
    assert reason.startswith(f"{PATHS[channel]}: ")


@pytest.mark.parametrize("channel", VALID)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"text"'])
def test_a_body_that_is_not_a_json_object_is_rejected(channel: Channel, body: bytes) -> None:
    receiver = Receiver()
    assert receiver.handle(PATHS[channel], body)[0] == 400
    assert receiver.notifications == []
    assert len(receiver.rejected) == 1


def test_it_responds_over_http_like_the_services() -> None:
    with Receiver() as receiver:
        accepted = httpx.post(receiver.channel_url("pagerduty"), json=VALID["pagerduty"])
        assert (accepted.status_code, accepted.json()["dedup_key"]) == (202, "6d2f")
        rejected = httpx.post(receiver.channel_url("pagerduty"), json={})
        assert (rejected.status_code, rejected.json()["status"]) == (400, "invalid event")
        response = httpx.post(receiver.channel_url("slack"), json=VALID["slack"])
        assert (response.status_code, response.text) == (200, "ok")
        assert httpx.post(receiver.channel_url("slack"), json={}).text == "no_text"
        assert httpx.post(f"{receiver.url}/unknown", json={}).status_code == 400


def test_a_timeout_lists_the_notifications_that_were_received() -> None:
    with Receiver() as receiver:
        httpx.post(receiver.channel_url("slack"), json=VALID["slack"])
        with pytest.raises(TimeoutError, match=r"no firing HighErrorRate.*TargetDown"):
            receiver.wait_for("HighErrorRate", "firing", 0.1)
