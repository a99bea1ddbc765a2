"""What people say about an error, next to the error."""

from datetime import UTC, datetime
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef

from apps.core import context

MAX_MESSAGE = 4096  # Sentry's


def feedback(
    message: str,
    *,
    request_id: str = "",
    event_id: str = "",
    email: str = "",
    url: str = "",
) -> str | None:
    """Sends what a person says, and gives its id, or None where Sentry is off.

    `request_id` is the one an error page shows: the error's events carry it as a tag, and so does
    this. With the error's `event_id` Sentry shows them together. `email` only where the person gave
    it for an answer.
    """
    client = sentry_sdk.get_client()
    if not client.is_active():
        return None
    about = {"contact_email": email, "associated_event_id": event_id, "url": url}
    said = {"message": message[:MAX_MESSAGE], **{k: v for k, v in about.items() if v}}
    event = _event(said, request_id or context.request_id(), client.options)
    envelope = Envelope(headers={"event_id": event["event_id"], "sent_at": event["timestamp"]})
    envelope.add_item(Item(type="feedback", payload=PayloadRef(json=event)))
    for way in (client.transport, client.spotlight):
        if way is not None:
            way.capture_envelope(envelope)
    return str(event["event_id"])


def _event(said: dict[str, str], request_id: str, options: dict[str, Any]) -> dict[str, Any]:
    known = context.current()
    return {
        "event_id": context.new_id(),
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "type": "feedback",
        "platform": "python",
        "level": "info",
        "environment": options["environment"],
        "release": options["release"],
        "tags": {"request_id": request_id},
        "user": {"id": str(known["user_id"])} if "user_id" in known else {},
        "contexts": {"feedback": said},
    }
