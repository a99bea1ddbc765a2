"""Feedback of users, which Sentry shows beside the error. The SDK has no function for it."""

from datetime import UTC, datetime
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef

from apps.core import context

MAX_MESSAGE = 4096  # Sentry's limit


def send_feedback(
    message: str, *, request_id: str = "", event_id: str = "", email: str = "", url: str = ""
) -> str | None:
    """Returns the id of the feedback, or None where Sentry is off.

    `request_id` is the id on the error page, and a tag of the error's events. `event_id` is the
    error's event. `email` is for an answer.
    """
    client = sentry_sdk.get_client()
    if not client.is_active():
        return None
    fields = {"message": message[:MAX_MESSAGE], "contact_email": email,
              "associated_event_id": event_id, "url": url}  # fmt: skip
    feedback = {name: value for name, value in fields.items() if value}
    event = _event(feedback, request_id or context.request_id(), client.options)
    envelope = Envelope(headers={"event_id": event["event_id"], "sent_at": event["timestamp"]})
    envelope.add_item(Item(type="feedback", payload=PayloadRef(json=event)))
    for receiver in (client.transport, client.spotlight):
        if receiver is not None:
            receiver.capture_envelope(envelope)
    return str(event["event_id"])


def _event(feedback: dict[str, str], request_id: str, options: dict[str, Any]) -> dict[str, Any]:
    fields = context.current()
    return {
        "event_id": context.new_id(),
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "type": "feedback",
        "platform": "python",
        "level": "info",
        "environment": options["environment"],
        "release": options["release"],
        "tags": {"request_id": request_id},
        "user": {"id": str(fields["user_id"])} if "user_id" in fields else {},
        "contexts": {"feedback": feedback},
    }
