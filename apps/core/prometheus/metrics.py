"""The authorization of scrapes, and their metrics."""

import hmac

from prometheus_client import Counter, disable_created_metrics

from apps.core.conf import conf

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's

LABEL_BOUNDS = dict.fromkeys(("release", "python", "django"), "one value per process")

scrapes_refused = Counter(
    "metrics_scrapes_refused_total",
    "Total number of scrapes rejected: wrong token (401) or too many concurrently (503).",
    ["status"],
)
for _status in ("401", "503"):
    scrapes_refused.labels(_status)


def authorized(header: str) -> bool:
    """Whether a scrape with this Authorization header is allowed. Counts a refusal."""
    expected = f"Bearer {conf.METRICS_TOKEN}".encode()
    if not conf.METRICS_TOKEN or hmac.compare_digest(header.encode("latin1", "replace"), expected):
        return True
    scrapes_refused.labels("401").inc()
    return False
