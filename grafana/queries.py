"""Queries of several dashboards, and builders for queries of counters and histograms.

`labels` are matchers, `by` is the label, or the labels, whose values have a series each.
"""

import re

from grafana.shapes import Query

RATE = "[$__rate_interval]"
PROCESS = 'job=~"$job",instance=~"$instance"'
READY = 'min(probe_success{instance=~".*/readiness"})'
FIRING = 'count(ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)'
PAYMENTS_SUCCEED = (
    'sum(increase(payments_processed_total{status="SUCCESS"}[1h]))'
    " / (sum(increase(payments_processed_total[1h])) > 0)"
)


def selector(metric: str, labels: str = "") -> str:
    return f"{metric}{{{labels}}}" if labels else metric


def summed(by: str = "") -> str:
    return f"sum by ({by})" if by else "sum"


def rate(counter: str, labels: str = "", *, by: str = "", window: str = RATE) -> str:
    """Per second."""
    return f"{summed(by)} (rate({selector(counter, labels)}{window}))"


def within(window: str, counter: str, labels: str = "", *, by: str = "") -> str:
    """The increase in whole numbers."""
    return f"round({summed(by)} (increase({selector(counter, labels)}[{window}])))"


def ratio(part: str, whole: str) -> str:
    """No value if the whole is 0."""
    return f"{part} / ({whole} > 0)"


def quantile(q: float, histogram: str, labels: str = "", *, by: str = "") -> str:
    """Over five minutes, for all series of the histogram or for each value of the label `by`."""
    grouping = f"{by}, le" if by else "le"
    bucket_rates = rate(f"{histogram}_bucket", labels, by=grouping, window="[5m]")
    return f"histogram_quantile({q}, {bucket_rates})"


def percentiles(histogram: str, labels: str = "", *, exemplars: bool = False) -> list[Query]:
    return [
        Query(quantile(q, histogram, labels), name, exemplars)
        for q, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
    ]


def buckets(histogram: str, labels: str = "") -> str:
    """Counts per bucket, for a heatmap."""
    return f"sum by (le) (increase({selector(f'{histogram}_bucket', labels)}{RATE}))"


def top(expression: str) -> str:
    """The ten series with the highest value over the time range of the dashboard."""
    over_range = re.sub(r"\[(\d+[smh]|\$\w+)\]", "[$__range] @ end()", expression)
    return f"{expression} and topk(10, {over_range})"


def top_values(aggregate: str, gauge: str) -> str:
    """The same for a gauge. `aggregate` is such as "max by (job)"."""
    over_range = f"avg_over_time({gauge}[$__range] @ end())"
    return f"{aggregate} ({gauge}) and topk(10, {aggregate} ({over_range}))"


def increase(counter: str, labels: str = "", *, by: str = "", window: str = "$__range") -> str:
    """The increase within the window. A series that starts within the window counts from 0.

    increase() ignores the first value of a series, which is everything for a tournament that is
    played between two scrapes.
    """
    series = selector(counter, labels)
    before = f"last_over_time({series}[5m] offset {window})"
    started = f"last_over_time({series}[{window}]) unless {before}"
    return f"round({summed(by)} (({started}) or increase({series}[{window}])))"


def per_5_minutes(counter: str, labels: str = "", *, by: str = "") -> str:
    return increase(counter, labels, by=by, window="5m")
