"""Feedback of users, which Sentry shows beside the error. The SDK has no function for it."""

from datetime import UTC, datetime
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef

from apps.core import context

MAX_MESSAGE = 4096  # Sentry's limit


def send_feedback(
    message: str, *, request_id: str = "", event_id: str = "", email: str = ""
) -> str | None:
    """Returns the id of the feedback, or None where Sentry is off.

    `request_id` is the id on the error page, and a tag of the error's events. `event_id` is the
    error's event. `email` is for an answer.
    """
    client, fields = sentry_sdk.get_client(), context.current()
    if not client.is_active():
        return None
    feedback = {"message": message[:MAX_MESSAGE]}
    feedback |= {"contact_email": email} if email else {}
    feedback |= {"associated_event_id": event_id} if event_id else {}
    event = {
        "event_id": context.new_id(),
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "type": "feedback",
        "platform": "python",
        "level": "info",
        "environment": client.options["environment"],
        "release": client.options["release"],
        "tags": {"request_id": request_id},
        "user": {"id": str(fields["user_id"])} if "user_id" in fields else {},
        "contexts": {"feedback": feedback},
    }
    _send(event)
    return str(event["event_id"])


def _send(event: dict[str, Any]) -> None:
    client = sentry_sdk.get_client()
    envelope = Envelope(headers={"event_id": event["event_id"], "sent_at": event["timestamp"]})
    envelope.add_item(Item(type="feedback", payload=PayloadRef(json=event)))
    for receiver in (client.transport, client.spotlight):
        if receiver is not None:
            receiver.capture_envelope(envelope)
