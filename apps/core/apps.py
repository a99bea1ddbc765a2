from importlib import import_module

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.utils.module_loading import module_has_submodule

from apps.core import conf, logs


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        conf.complete()
        logs.process.settings_are_read()
        import_module("apps.core.celery_signals")
        import_module("apps.core.checks")
        for name in ("reactions", "tasks"):
            _import_from_every_app(name)
        if settings.ENABLE_PROMETHEUS:
            _known_series_at_zero()


def _import_from_every_app(submodule: str) -> None:
    """What registers itself by being imported."""
    for app in apps.get_app_configs():
        if app.module and module_has_submodule(app.module, submodule):
            import_module(f"{app.name}.{submodule}")


def _known_series_at_zero() -> None:
    """A rate over a series that is not there yet misses its first increments."""
    from django_prometheus.db import errors_total, execute_total

    caches["default"]  # its class makes its own
    execute_total.labels("default", connection.vendor)
    for kind in ("DataError", "IntegrityError", "InternalError", "OperationalError"):
        errors_total.labels("default", connection.vendor, kind)
