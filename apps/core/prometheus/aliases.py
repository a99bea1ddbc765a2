"""Exposes django-prometheus' metrics under the names in MONITORING.md as well.

Both names come from the same sample at scrape time, so they cannot disagree, and a request pays
nothing for the second one.
"""

from collections import Counter as Tally
from collections.abc import Iterator

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

BY_METHOD = "django_http_requests_total_by_method"
BY_VIEW = "django_http_requests_total_by_view_transport_method"
LATENCY = "django_http_requests_latency_seconds"
QUERIES = "django_db_query"
# Series that exist at 0 from the start.
KNOWN_STATUSES = {
    "GET": "200 302 304 400 401 403 404 405 422 500 503",
    "POST": "200 201 400 401 402 403 404 405 409 413 415 422 500 503",
}


class Aliased(Collector):
    """A collector or registry, with the aliases added."""

    def __init__(self, source: Collector | CollectorRegistry) -> None:
        self._source = source

    def collect(self) -> Iterator[Metric]:
        for family in self._source.collect():
            match family.name:
                case "django_http_requests_total_by_method":
                    yield _untyped_total(family)
                    continue
                case "django_http_requests_total_by_view_transport_method":
                    yield _untyped_total(family)
                    yield _renamed(family, BY_VIEW, "unknown", f"{BY_VIEW}_total")
                    continue
                case "django_http_responses_total_by_status_view_method":
                    yield _by_method(family)
                case "django_http_requests_latency_including_middlewares_seconds":
                    yield _renamed(family, LATENCY, "histogram", family.name)
                case "django_db_execute":
                    yield _renamed(family, QUERIES, "counter", family.name)
            yield family


def _untyped_total(family: Metric) -> Metric:
    """The counter `x_total` as a family of that name. In OpenMetrics a counter's family is `x`,
    which is the name that the guide's series needs."""
    name = f"{family.name}_total"
    return _renamed(family, name, "unknown", name)


def _renamed(family: Metric, name: str, kind: str, prefix: str) -> Metric:
    renamed = Metric(name, family.documentation, kind)
    renamed.samples = [
        sample._replace(name=name + sample.name.removeprefix(prefix)) for sample in family.samples
    ]
    return renamed


def _by_method(family: Metric) -> Metric:
    known = [(method, code) for method, codes in KNOWN_STATUSES.items() for code in codes.split()]
    tally = Tally(dict.fromkeys(known, 0))
    for sample in family.samples:
        tally[sample.labels["method"], sample.labels["status"]] += int(sample.value)
    metric = Metric(BY_METHOD, "Total number of requests by method and status.", "unknown")
    for (method, status), value in tally.items():
        metric.add_sample(BY_METHOD, {"method": method, "status": status}, value)
    return metric
