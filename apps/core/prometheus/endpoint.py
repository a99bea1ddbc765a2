"""The metrics page: text or OpenMetrics by Accept, behind a Bearer token if one is set."""

from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from apps.core import thread_pool
from apps.core.conf import conf
from apps.core.http import responses
from apps.core.prometheus.aliases import Aliased
from apps.core.prometheus.bounded_labels import sweep_all
from apps.core.prometheus.metrics import authorized, scrapes_refused
from apps.core.types import App, Receive, Scope, Send


def render(accept: str) -> tuple[bytes, str]:
    """The web process's page and its content type."""
    try:
        encoder, content_type = choose_encoder(accept)
    except (TypeError, ValueError):  # an invalid version in Accept
        encoder, content_type = choose_encoder("")
    sweep_all()
    return encoder(Aliased(REGISTRY)), content_type


class MetricsEndpoint:
    """ASGI middleware that serves PROMETHEUS_METRICS_PATH, with or without its trailing slash.

    Scrapes do not reach Django: they do not count as requests and need no worker thread.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        path = conf.PROMETHEUS_METRICS_PATH
        self.paths = {path, path.rstrip("/") or "/"} if conf.ENABLE_PROMETHEUS else set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self.paths:
            return await self.app(scope, receive, send)
        headers = {key.decode("latin1"): value.decode("latin1") for key, value in scope["headers"]}
        if scope["method"] not in ("GET", "HEAD"):
            return await responses.method_not_allowed(send)
        if not authorized(headers.get("authorization", "")):
            return await responses.unauthorized(send)
        try:
            accept = headers.get("accept", "")
            body, content_type = await thread_pool.monitoring_threads().run(render, accept)
        except thread_pool.Overloaded:
            scrapes_refused.labels("503").inc()
            return await responses.overloaded(send, "Too many concurrent scrapes.")
        return await responses.send_body(send, 200, body, content_type)
