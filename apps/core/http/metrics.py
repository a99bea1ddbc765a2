"""django-prometheus' middlewares, without three of their faults and with exemplars.

As they come, a request that raises is observed twice, a client's invented method becomes a series
of its own, and a Content-Length that is no number is a 500. With an exemplar, a bucket names the
trace of a request that fell into it.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django_prometheus.middleware import (
    Metrics,
    PrometheusAfterMiddleware,
    PrometheusBeforeMiddleware,
)
from django_prometheus.utils import TimeSince
from prometheus_client import Histogram

from apps.core.context import exemplar

# django-prometheus' words.
KNOWN_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH")
NO_METHOD, NO_VIEW = "<invalid method>", "<unnamed view>"


class WithExemplar:
    """A histogram whose observations carry the trace id at hand."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram

    def observe(self, amount: float) -> None:
        self._histogram.observe(amount, exemplar())


class BeforeMiddleware(PrometheusBeforeMiddleware):
    """The first in MIDDLEWARE, but for what only tells of requests, such as the access line."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        self.metrics.responses_total.inc()
        took = TimeSince(request.prometheus_before_middleware_event)  # type: ignore[attr-defined]
        self.metrics.requests_latency_before.observe(took, exemplar())
        return response


class AfterMiddleware(PrometheusAfterMiddleware):
    """The last in MIDDLEWARE."""

    def label_metric(self, metric, request, response=None, **labels):  # type: ignore[no-untyped-def]
        if "method" in labels:
            labels["method"] = self._method(request)
        child: Any = metric.labels(**labels) if labels else metric
        return (
            WithExemplar(child) if metric is self.metrics.requests_latency_by_view_method else child
        )

    def process_request(self, request: HttpRequest) -> None:
        length = request.META.get("CONTENT_LENGTH", "0")
        if not length.isdecimal() or len(length) > 18:
            request.META["CONTENT_LENGTH"] = "0"
        super().process_request(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """The exception is counted here; how long the request took, with its response."""
        self.metrics.exceptions_by_type.labels(type=type(exception).__name__).inc()
        self.metrics.exceptions_by_view.labels(view=self._get_view_name(request)).inc()


def count_without_view(method: str, status: int) -> None:
    """A response that Django had no part in, counted where Django's are: an error rate that leaves
    out what an overloaded process refuses is low when it should be high."""
    metrics = Metrics.get_instance()
    known = method if method in KNOWN_METHODS else NO_METHOD
    metrics.responses_by_status.labels(status=str(status)).inc()
    metrics.responses_by_status_view_method.labels(
        status=str(status), view=NO_VIEW, method=known
    ).inc()
