"""A secret, the places where a client can put it, and everything that leaves the process."""

import base64
import io
from typing import Any

from tests.guide.sentry.application import Application

# With what JSON, URLs and headers escape each in its way.
CANARY = "canary-4242424242424242"
PHRASE = f"{CANARY} with spaces, “quotes” & ümlauts"
BASIC = base64.b64encode(f"alice:{CANARY}".encode()).decode()

HEADERS: dict[str, Any] = {
    "authorization": f"Bearer {CANARY}",
    "basic authorization": f"Basic {BASIC}",
    "cookie": f"sessionid={CANARY}; csrftoken={CANARY}; other={CANARY}",
    "user-agent": f"Mozilla/5.0 {CANARY} Chrome/131.0.{CANARY}",
    "referer": f"http://testserver/reset/{CANARY}?token={CANARY}",
    "origin": f"https://{CANARY}.example",
    "host": f"{CANARY}.example",
    "content-type": f"application/json; boundary={CANARY}",
    "accept-language": CANARY,
    "idempotency-key": CANARY,
    "x-csrftoken": CANARY,
    "x-forwarded-for": f"{CANARY}, 127.0.0.1",
    "x-request-id": f"{CANARY}+/==",
    "traceparent": f"00-{CANARY}-{CANARY}-01",
    "sentry-trace": f"{CANARY}-{CANARY}-1",
    "baggage": f"sentry-trace_id={CANARY},sentry-release={CANARY},other={CANARY}",
    f"x-{CANARY}": "its name",
}
BODIES: dict[str, dict[str, Any]] = {
    "json": {"json": {"password": CANARY, CANARY: [{"card": PHRASE}]}},
    "form": {"data": {"password": PHRASE, CANARY: "1"}},
    "multipart": {"data": {"note": PHRASE}, "files": {"avatar": (f"{CANARY}.png", b"\x89PNG")}},
    "text": {"content": PHRASE.encode()},
    "long": {"content": b"x " * 10_000 + PHRASE.encode()},
    "many": {"content": " ".join([f"{number:08}" for number in range(900)] + [PHRASE]).encode()},
}  # fmt: skip


class Observed:
    """What leaves the process during a test: events, log lines and metrics."""

    def __init__(self, application: Application, lines: io.StringIO) -> None:
        self.application, self.sent, self.lines = application, application.sent, lines

    async def assert_no_canary(self) -> None:
        labels = (await self.application.ask("GET", "/metrics/")).text
        assert "django_http_requests_total_by_method" in labels
        for what in (self.sent.text(), self.lines.getvalue(), labels):
            assert CANARY[:12] not in what.lower(), around(what.lower())
            assert BASIC not in what


def around(text: str) -> str:
    at = text.index(CANARY[:12])
    return text[max(0, at - 300) : at + 100]
