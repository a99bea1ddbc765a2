"""The metrics page: text or OpenMetrics by Accept, behind a Bearer token where one is set."""

import hmac
from collections.abc import Iterator

from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from apps.core import thread_pool
from apps.core.conf import conf
from apps.core.http import responses
from apps.core.metrics import scrapes_refused
from apps.core.prometheus.aliases import with_guide_names
from apps.core.prometheus.bounded_labels import sweep_all
from apps.core.prometheus.collectors import BrokerQueues, Build, DatabasePool, LayerQueue
from apps.core.types import App, Receive, Scope, Send

Source = Collector | CollectorRegistry


class Page(Collector):
    """What a scrape of this process sees: all that its sources tell."""

    def __init__(self, *sources: Source) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        sweep_all()
        for source in self._sources:
            yield from with_guide_names(source.collect())


WEB_PAGE = Page(REGISTRY, Build(), DatabasePool(), BrokerQueues(), LayerQueue())


def render(accept: str) -> tuple[bytes, str]:
    """The web process's page and its content type."""
    try:
        encoder, content_type = choose_encoder(accept)
    except (TypeError, ValueError):  # a version that is none
        encoder, content_type = choose_encoder("")
    return encoder(WEB_PAGE), content_type


class MetricsEndpoint:
    """ASGI middleware: answers PROMETHEUS_METRICS_PATH, with or without its last slash, and passes
    the rest on. Not Django's business, so that a scrape is no traffic and needs no worker thread.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        path = conf.PROMETHEUS_METRICS_PATH
        self.paths = {path, path.rstrip("/") or "/"} if conf.ENABLE_PROMETHEUS else set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self.paths:
            return await self.app(scope, receive, send)
        headers = {
            name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]
        }
        if scope["method"] not in ("GET", "HEAD"):
            return await responses.method_not_allowed(send)
        if not authorized(headers.get("authorization", "")):
            scrapes_refused.labels("401").inc()
            return await responses.unauthorized(send)
        try:
            body, content_type = await thread_pool.aside(render, headers.get("accept", ""))
        except thread_pool.Overloaded:
            scrapes_refused.labels("503").inc()
            told = "Too many ask for metrics at once."
            return await responses.send_error(send, 503, "overloaded", told, responses.RETRY_AFTER)
        await responses.send_body(send, 200, body, content_type)
        return None


def authorized(header: str) -> bool:
    """Whether a request with this Authorization may read metrics, of whichever process."""
    if not conf.METRICS_TOKEN:
        return True
    expected = f"Bearer {conf.METRICS_TOKEN}"
    return hmac.compare_digest(header.encode("latin1", "replace"), expected.encode("utf-8"))
