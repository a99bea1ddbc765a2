from importlib import import_module

from django.apps import AppConfig
from django.core.cache import caches
from django.db import connection
from django.utils.module_loading import autodiscover_modules
from django_prometheus.db import errors_total, execute_total
from prometheus_client import REGISTRY

from apps.core.conf import conf
from apps.core.logging import setup
from apps.core.prometheus.collectors import BrokerQueues, Build, DatabasePool
from apps.core.websocket.channel_layer import LayerQueue


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        setup.log_start()
        for module in ("celery.signals", "celery.task_metrics", "celery.tasks", "checks.checklist"):
            import_module(f"apps.core.{module}")
        autodiscover_modules("tasks")
        if conf.ENABLE_PROMETHEUS:
            for collector in (Build(), DatabasePool(), BrokerQueues(), LayerQueue()):
                REGISTRY.register(collector)
            _initialize_known_series()


def _initialize_known_series() -> None:
    """Creates known series at 0: `rate()` misses the first increment of a new series."""
    caches["default"]  # the cache's class creates its own series
    execute_total.labels("default", connection.vendor)
    for kind in ("DataError", "IntegrityError", "InternalError", "OperationalError"):
        errors_total.labels("default", connection.vendor, kind)
