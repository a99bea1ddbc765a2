"""What clients can bring about as often as they like, told as one event with a count."""

import asyncio
import contextvars
from collections import Counter

import sentry_sdk

FIRST_SECONDS = 60.0
LONGEST_SECONDS = 3600.0
TOP = 10


class Flood:
    """Tells of the first at once, of the rest together: after a minute, and less often the longer
    it lasts. All events are one issue."""

    def __init__(self, name: str, text: str, tags: dict[str, str]) -> None:
        self.name = name
        self._text = text
        self._tags = tags
        self._seconds = FIRST_SECONDS
        self._counts: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def count(self, where: str) -> None:
        """`where` is one of a bounded set. On the event loop only."""
        self._counts[where] += 1
        if self._timer is None:
            self._seconds = FIRST_SECONDS
            self._in_nobodys_name()

    def _in_nobodys_name(self) -> None:
        """In a context of its own: the event is many clients', so it has no request and no user."""
        contextvars.Context().run(self._tell)

    def _tell(self) -> None:
        if not self._counts:
            self._timer = None
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._seconds, self._in_nobodys_name)
        self._seconds = min(self._seconds * 2, LONGEST_SECONDS)
        counts, self._counts = self._counts, Counter()
        text = self._text.format(counts.total())
        sentry_sdk.capture_event(
            {
                "level": "warning",
                "exception": {"values": [{"type": self.name, "value": text}]},
                "fingerprint": [self.name],
                "tags": self._tags,
                "contexts": {"counts": {"total": counts.total(), **dict(counts.most_common(TOP))}},
            }
        )
