"""Metrics of the scrapes themselves."""

from prometheus_client import Counter, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's

STATUSES = ("401", "503")
LABEL_BOUNDS = dict.fromkeys(("release", "python", "django"), "one value per process")

scrapes_refused = Counter(
    "metrics_scrapes_refused_total",
    "Total number of scrapes rejected: wrong token (401) or too many concurrently (503).",
    ["status"],
)

for _status in STATUSES:
    scrapes_refused.labels(_status)
