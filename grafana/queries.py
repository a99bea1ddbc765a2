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
