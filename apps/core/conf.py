"""The kit's settings, with the default of each.

from apps.core.conf import conf

conf.METRICS_TOKEN  # the project's setting, else the default below
"""

from typing import Any

from django.conf import settings


class Conf:
    ENABLE_PROMETHEUS: bool = True
    PROMETHEUS_METRICS_PATH: str = "/metrics/"
    METRICS_TOKEN: str = ""  # empty: anyone who reaches the page can read it
    # Label of the WebSocket metrics. Its values come from the consumer's `fields`.
    WEBSOCKET_LABEL: str = "room"
    WS_WARN_CONNECTIONS: int = 1000
    WORKER_METRICS_HOST: str = "127.0.0.1"
    WORKER_METRICS_PORT: int = 9808
    WEB_THREADS: int = 8
    TRUSTED_PROXIES: int = 0  # own proxies in front; with none, X-Forwarded-For is ignored
    RATE_LIMITS: dict[str, str] = {"sync": "30/minute", "csp_reports": "30/minute"}  # noqa: RUF012
    REDIS_URL: str = ""  # empty: cache and channel layer are in memory
    BROKER_QUEUES: list[str] = ["celery"]  # noqa: RUF012 bounds the `queue` label
    RELEASE: str = ""
    SENTRY_TAGS: tuple[str, ...] = ()  # fields of events that become tags of Sentry events
    # Read by `check --deploy` only:
    PUBLIC_URL: str = ""
    LOG_AGGREGATION: str = ""
    ALERTMANAGER_SECRETS: dict[str, str] = {}  # noqa: RUF012
    BASE_DIR: Any = "."  # the folder of .env, grafana/ and prometheus/

    def __getattribute__(self, name: str) -> Any:
        if name.isupper() and hasattr(settings, name):
            return getattr(settings, name)
        return super().__getattribute__(name)


conf = Conf()
