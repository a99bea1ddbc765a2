"""What more than one dashboard asks, and how a histogram is asked."""

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
    """Of five minutes, over all series of the histogram or for each value of the label `by`."""
    kept = f"{by}, le" if by else "le"
    chosen = f"{{{labels}}}" if labels else ""
    return f"histogram_quantile({q}, sum by ({kept}) (rate({histogram}_bucket{chosen}[5m])))"


def percentiles(histogram: str, labels: str = "", *, exemplars: bool = False) -> list[Query]:
    return [
        Query(quantile(q, histogram, labels), name, exemplars)
        for q, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
    ]


def spread(histogram: str, labels: str = "") -> str:
    """How many fell into each bucket, for a heatmap."""
    chosen = f"{{{labels}}}" if labels else ""
    return f"sum by (le) (increase({histogram}_bucket{chosen}{RATE}))"


def within(counter: str, labels: str = "", *, by: str = "", window: str = "$__range") -> str:
    """How many more they became. A series that the window saw begin has begun with 0.

    increase() leaves out what a series had when it was first seen, which is all of a tournament
    that is played between two scrapes.
    """
    series = f"{counter}{{{labels}}}" if labels else counter
    older = f"last_over_time({series}[5m] offset {window})"
    younger = f"last_over_time({series}[{window}]) unless {older}"
    summed = f"sum by ({by})" if by else "sum"
    return f"round({summed} (({younger}) or increase({series}[{window}])))"


def each(counter: str, labels: str = "", *, by: str = "") -> str:
    return within(counter, labels, by=by, window="5m")
