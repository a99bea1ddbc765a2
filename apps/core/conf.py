"""The kit's settings: `conf.METRICS_TOKEN` is the project's setting, else the default below."""

from typing import Any

from django.conf import settings


class Conf:
    # Metrics
    ENABLE_PROMETHEUS: bool = True
    PROMETHEUS_METRICS_PATH: str = "/metrics/"
    METRICS_TOKEN: str = ""  # empty: anyone who reaches the page can read it
    RELEASE: str = ""
    SENTRY_TAGS: tuple[str, ...] = ()  # fields of events that become tags of Sentry events
    # HTTP
    WEB_THREADS: int = 8
    TRUSTED_PROXIES: int = 0  # reverse proxies in front; with none, X-Forwarded-For is ignored
    CONTEXT_FIELDS: tuple[str, ...] = ("user_id",)  # context fields on access log records
    RATE_LIMITS: dict[str, str] = {}  # noqa: RUF012 only read; name: rate, such as "writes": "60/minute"
    REDIS_URL: str = ""  # empty: readiness reports Redis as disabled, rate limits are in memory
    # WebSocket
    WEBSOCKET_LABEL: str = "room"  # label of the metrics; the consumer's `fields` give its value
    WS_WARN_CONNECTIONS: int = 1000
    # Celery
    BROKER_QUEUES: list[str] = ["celery"]  # noqa: RUF012 only read; bounds the `queue` label
    WORKER_METRICS_HOST: str = "127.0.0.1"
    WORKER_METRICS_PORT: int = 9808
    # `check`, `check --deploy` and `check_monitoring` only
    BASE_DIR: Any = "."  # the folder of .env, grafana/ and prometheus/
    PUBLIC_URL: str = ""
    SENTRY_DSN: str = ""
    LOG_AGGREGATION: str = ""
    ALERTMANAGER_SECRETS: dict[str, str] = {}  # noqa: RUF012 only read; variable: file
    CHECK_LOAD_PATH: str = "/"
    CHECK_METRICS: tuple[str, ...] = ()  # samples expected on the page besides the kit's own

    def __getattribute__(self, name: str) -> Any:
        if name.isupper() and hasattr(settings, name):
            return getattr(settings, name)
        return super().__getattribute__(name)


conf = Conf()
