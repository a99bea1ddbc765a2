"""django-prometheus' middleware, with three bugs fixed and with exemplars.

The original observes a request that raises twice, creates a series for each method that a client
invents, and answers a non-numeric Content-Length with a 500. An exemplar is the trace id of a
request in a histogram bucket.
"""

import sys
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django_prometheus import middleware
from django_prometheus.utils import TimeSince

from apps.core.context import exemplar
from apps.core.types import Scope

# Label values of django-prometheus.
KNOWN_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH")
NO_METHOD, NO_VIEW = "<invalid method>", "<unnamed view>"
NO_TYPE = "<unnamed type>"  # not django-prometheus'


class BeforeMiddleware(middleware.PrometheusBeforeMiddleware):
    """First in MIDDLEWARE, after middleware that only logs or reports."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        self.metrics.responses_total.inc()
        seconds = TimeSince(request.prometheus_before_middleware_event)  # type: ignore[attr-defined]  # set by its base
        self.metrics.requests_latency_before.observe(seconds, exemplar())
        return response


class AfterMiddleware(middleware.PrometheusAfterMiddleware):
    """Last in MIDDLEWARE."""

    def label_metric(self, metric, request, response=None, **labels):  # type: ignore[no-untyped-def]  # its base's
        if "method" in labels:
            labels["method"] = self._method(request)
        child: Any = metric.labels(**labels) if labels else metric
        if metric is not self.metrics.requests_latency_by_view_method:
            return child
        return SimpleNamespace(observe=lambda amount: child.observe(amount, exemplar()))

    def process_request(self, request: HttpRequest) -> None:
        length = request.META.get("CONTENT_LENGTH", "0")
        if not length.isdecimal() or len(length) > 18:
            request.META["CONTENT_LENGTH"] = "0"
        super().process_request(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Counts the exception only: `process_response` observes the duration."""
        self.metrics.exceptions_by_type.labels(type=_type_label(exception)).inc()
        self.metrics.exceptions_by_view.labels(view=self._get_view_name(request)).inc()


def _type_label(exception: Exception) -> str:
    """The name of a type that a module defines: a type created at run time may have any name."""
    cls = type(exception)
    is_in_code = hasattr(sys.modules.get(cls.__module__), cls.__qualname__.partition(".")[0])
    return cls.__name__ if is_in_code else NO_TYPE


def count_rejected(scope: Scope, status: int) -> None:
    """Counts a response that did not reach Django in Django's metrics, under the view of its path:
    an error rate must include what an overloaded process rejects."""
    metrics, method = middleware.Metrics.get_instance(), scope["method"]
    label = method if method in KNOWN_METHODS else NO_METHOD
    metrics.responses_by_status.labels(status=str(status)).inc()
    metrics.responses_by_status_view_method.labels(
        status=str(status), view=_view_name(scope), method=label
    ).inc()


def _view_name(scope: Scope) -> str:
    try:
        match = resolve(scope["path"].removeprefix(scope.get("root_path", "")))
    except Resolver404:
        return NO_VIEW
    return match.view_name or NO_VIEW
