"""The receiver takes what PagerDuty, Slack and the switch take, and refuses what they would."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from drills.receiver import Receiver

Json = dict[str, Any]
Change = Callable[[Json], object]

PAGERDUTY, SLACK, SWITCH = "/v2/enqueue", "/services/T0/B0/slack", "/watchdog"


def page() -> Json:
    return {
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
    }


def message() -> Json:
    return {
        "attachments": [
            {
                "title": "[FIRING] TargetDown: A process is not scraped",
                "fallback": "[FIRING] TargetDown: A process is not scraped",
                "text": "• web at a does not answer",
                "actions": [{"type": "button", "url": "http://grafana/d/monitoring"}],
            }
        ]
    }


def heartbeat() -> Json:
    return {
        "version": "4",
        "status": "firing",
        "groupKey": "{}:{}",
        "commonLabels": {"alertname": "Watchdog"},
        "commonAnnotations": {"summary": "Alerting works"},
    }


GOOD = {PAGERDUTY: page, SLACK: message, SWITCH: heartbeat}
BAD: list[tuple[str, str, Change]] = [
    (PAGERDUTY, "a routing key that is none", lambda body: body.update(routing_key="secret")),
    (PAGERDUTY, "no routing key", lambda body: body.pop("routing_key")),
    (PAGERDUTY, "an action that is none", lambda body: body.update(event_action="fire")),
    (PAGERDUTY, "no dedup key", lambda body: body.pop("dedup_key")),
    (PAGERDUTY, "a dedup key of 256", lambda body: body.update(dedup_key="k" * 256)),
    (PAGERDUTY, "no payload", lambda body: body.pop("payload")),
    (PAGERDUTY, "a payload that is text", lambda body: body.update(payload="Requests fail")),
    (PAGERDUTY, "a severity that is none", lambda body: body["payload"].update(severity="page")),
    (PAGERDUTY, "no source", lambda body: body["payload"].pop("source")),
    (PAGERDUTY, "no summary", lambda body: body["payload"].update(summary="")),
    (PAGERDUTY, "a summary of 1025", lambda body: body["payload"].update(summary="s" * 1025)),
    (PAGERDUTY, "links that are text", lambda body: body.update(links="http://grafana")),
    (PAGERDUTY, "a link to nowhere", lambda body: body.update(links=[{"text": "Dashboard"}])),
    (SLACK, "attachments that are text", lambda body: body.update(attachments="x")),
    (SLACK, "an attachment that is text", lambda body: body.update(attachments=["x"])),
    (SLACK, "nothing to say", lambda body: body.clear()),
    (SLACK, "two attachments", lambda body: body["attachments"].append({})),
    (SLACK, "no title", lambda body: body["attachments"][0].pop("title")),
    (SLACK, "a title that is not ours", lambda body: body["attachments"][0].update(title="Hi")),
    (SLACK, "no fallback", lambda body: body["attachments"][0].pop("fallback")),
    (SLACK, "no text", lambda body: body["attachments"][0].update(text="")),
    (SLACK, "six buttons", lambda body: body["attachments"][0].update(actions=[{"url": "u"}] * 6)),
    (SLACK, "a button to nowhere", lambda body: body["attachments"][0].update(actions=[{}])),
    (SWITCH, "another version", lambda body: body.update(version="3")),
    (SWITCH, "a status that is none", lambda body: body.update(status="pending")),
    (SWITCH, "no name", lambda body: body["commonLabels"].clear()),
    (SWITCH, "no group", lambda body: body.pop("groupKey")),
]


@pytest.mark.parametrize("path", GOOD)
def test_what_the_service_takes_is_kept(path: str) -> None:
    receiver = Receiver()
    status, _ = receiver.take(path, json.dumps(GOOD[path]()).encode())
    assert status == (202 if path == PAGERDUTY else 200)
    [told] = receiver.notifications
    assert told.status == "firing"
    assert told.alert in {"HighErrorRate", "TargetDown", "Watchdog"}
    assert receiver.refused == []


@pytest.mark.parametrize(("path", "what", "change"), BAD, ids=[what for _, what, _ in BAD])
def test_what_the_service_refuses_is_refused_and_remembered(
    path: str, what: str, change: Change
) -> None:
    body = GOOD[path]()
    change(body)
    receiver = Receiver()
    status, answer = receiver.take(path, json.dumps(body).encode())
    assert status == 400
    assert answer
    assert receiver.notifications == []
    [why] = receiver.refused
    assert why.startswith(f"{path}: ")


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"text"'])
def test_what_is_no_object_at_all_is_refused(path: str, body: bytes) -> None:
    receiver = Receiver()
    assert receiver.take(path, body)[0] == 400
    assert receiver.notifications == []
    assert len(receiver.refused) == 1


def test_over_http_it_answers_as_the_services_do() -> None:
    with Receiver() as receiver:
        taken = httpx.post(receiver.pagerduty_url, json=page())
        assert (taken.status_code, taken.json()["dedup_key"]) == (202, "6d2f")
        refused = httpx.post(receiver.pagerduty_url, json={})
        assert (refused.status_code, refused.json()["status"]) == (400, "invalid event")
        said = httpx.post(receiver.slack_url, json=message())
        assert (said.status_code, said.text) == (200, "ok")
        assert httpx.post(receiver.slack_url, json={}).text == "no_text"
        assert httpx.post(f"{receiver.url}/elsewhere", json={}).status_code == 400


def test_it_says_what_did_come_when_what_was_waited_for_does_not() -> None:
    with Receiver() as receiver:
        httpx.post(receiver.slack_url, json=message())
        with pytest.raises(TimeoutError, match=r"no firing HighErrorRate.*TargetDown"):
            receiver.wait_for("HighErrorRate", "firing", 0.1)


def test_a_service_that_is_out_of_order_takes_it_the_next_time() -> None:
    with Receiver() as receiver:
        receiver.fail_next("slack", 500, 429)
        statuses = [httpx.post(receiver.slack_url, json=message()).status_code for _ in range(3)]
        assert statuses == [500, 429, 200]
        assert len(receiver.notifications) == 1
        assert receiver.refused == []
