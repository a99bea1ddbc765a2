"""Queries of several dashboards, and query builders for histograms and counters."""

from grafana.shapes import Query

RATE = "[$__rate_interval]"
READY = Query('min(probe_success{instance=~".*/readiness"})', "readiness")
FIRING = Query('count(ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)', "firing")
PAYMENTS_SUCCEED = Query(
    'sum(increase(payments_processed_total{status="SUCCESS"}[1h]))'
    " / (sum(increase(payments_processed_total[1h])) > 0)",
    "succeeded",
)


def quantile(q: float, histogram: str, labels: str = "", *, by: str = "") -> str:
    """Over five minutes, for all series of the histogram or for each value of the label `by`."""
    grouping = f"{by}, le" if by else "le"
    selector = f"{{{labels}}}" if labels else ""
    return f"histogram_quantile({q}, sum by ({grouping}) (rate({histogram}_bucket{selector}[5m])))"


def percentiles(histogram: str, labels: str = "", *, exemplars: bool = False) -> list[Query]:
    return [
        Query(quantile(q, histogram, labels), name, exemplars)
        for q, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
    ]


def buckets(histogram: str, labels: str = "") -> str:
    """Counts per bucket, for a heatmap."""
    selector = f"{{{labels}}}" if labels else ""
    return f"sum by (le) (increase({histogram}_bucket{selector}{RATE}))"


def increase(counter: str, labels: str = "", *, by: str = "", window: str = "$__range") -> str:
    """The increase within the window. A series that starts within the window counts from 0.

    increase() ignores the first value of a series, which is everything for a tournament that is
    played between two scrapes.
    """
    series = f"{counter}{{{labels}}}" if labels else counter
    before = f"last_over_time({series}[5m] offset {window})"
    started = f"last_over_time({series}[{window}]) unless {before}"
    summed = f"sum by ({by})" if by else "sum"
    return f"round({summed} (({started}) or increase({series}[{window}])))"


def per_5_minutes(counter: str, labels: str = "", *, by: str = "") -> str:
    return increase(counter, labels, by=by, window="5m")
