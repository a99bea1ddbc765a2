"""django-prometheus' middlewares, without three of their faults and with exemplars.

As they come, a request that raises is observed twice, a client's invented method becomes a series
of its own, and a Content-Length that is no number is a 500. With an exemplar, a bucket names the
trace of a request that fell into it.
"""

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django_prometheus.middleware import (
    Metrics,
    PrometheusAfterMiddleware,
    PrometheusBeforeMiddleware,
)
from django_prometheus.utils import TimeSince
from prometheus_client import Histogram

from apps.core.context import exemplar
from apps.core.types import Scope

# django-prometheus' words.
KNOWN_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH")
NO_METHOD, NO_VIEW = "<invalid method>", "<unnamed view>"
NO_TYPE = "<unnamed type>"  # ours


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
        took = TimeSince(request.prometheus_before_middleware_event)  # type: ignore[attr-defined]  # set by its base
        self.metrics.requests_latency_before.observe(took, exemplar())
        return response


class AfterMiddleware(PrometheusAfterMiddleware):
    """The last in MIDDLEWARE."""

    def label_metric(self, metric, request, response=None, **labels):  # type: ignore[no-untyped-def]  # its base's
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
        self.metrics.exceptions_by_type.labels(type=_kind(exception)).inc()
        self.metrics.exceptions_by_view.labels(view=self._get_view_name(request)).inc()


def _kind(exception: Exception) -> str:
    """Its type's name, of which there are as many as modules define. One that was named when it was
    raised may be named after anything."""
    kind = type(exception)
    is_in_code = hasattr(sys.modules.get(kind.__module__), kind.__qualname__.partition(".")[0])
    return kind.__name__ if is_in_code else NO_TYPE


def count_refused(scope: Scope, status: int) -> None:
    """A response that Django had no part in, counted where Django's are and as the view's that
    would have given it: an error rate, or a journey's, that leaves out what an overloaded process
    refuses is low when it should be high."""
    metrics, method = Metrics.get_instance(), scope["method"]
    known = method if method in KNOWN_METHODS else NO_METHOD
    metrics.responses_by_status.labels(status=str(status)).inc()
    metrics.responses_by_status_view_method.labels(
        status=str(status), view=_view(scope), method=known
    ).inc()


def _view(scope: Scope) -> str:
    """By its name among the URLs, of which there are so many and no more."""
    try:
        match = resolve(scope["path"].removeprefix(scope.get("root_path", "")))
    except Resolver404:
        return NO_VIEW
    return match.view_name or NO_VIEW
