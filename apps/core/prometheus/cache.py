"""Django's caches, with their reads counted under django-prometheus' names.

django-prometheus' own Redis cache is django-redis', and takes a cached None for a miss.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.cache.backends import locmem, redis
from django_prometheus.cache.metrics import (
    django_cache_get_fail_total,
    django_cache_get_total,
    django_cache_hits_total,
    django_cache_misses_total,
)

_MISSING = object()


class CountedReads:
    """Mix in before a cache's class. `label` is the backend's in the metrics."""

    label: ClassVar[str]

    def __init_subclass__(cls) -> None:
        for counter in (
            django_cache_get_total,
            django_cache_get_fail_total,
            django_cache_hits_total,
            django_cache_misses_total,
        ):
            counter.labels(cls.label)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        django_cache_get_total.labels(self.label).inc()
        try:
            found = super().get(key, _MISSING, version)  # type: ignore[misc]  # that it is mixed into
        except Exception:
            django_cache_get_fail_total.labels(self.label).inc()
            raise
        self._count(1, 0 if found is _MISSING else 1)
        return default if found is _MISSING else found

    def _count(self, asked: int, hits: int) -> None:
        django_cache_hits_total.labels(self.label).inc(hits)
        django_cache_misses_total.labels(self.label).inc(asked - hits)


class RedisCache(CountedReads, redis.RedisCache):
    label = "redis"

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        wanted = list(keys)
        django_cache_get_total.labels(self.label).inc(len(wanted))
        try:
            found: dict[str, Any] = super().get_many(wanted, version)
        except Exception:
            django_cache_get_fail_total.labels(self.label).inc(len(wanted))
            raise
        self._count(len(wanted), len(found))
        return found


class LocMemCache(CountedReads, locmem.LocMemCache):
    label = "locmem"
