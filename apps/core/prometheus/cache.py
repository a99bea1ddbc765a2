"""Django's caches, which count reads in django-prometheus' metrics.

django-prometheus' Redis cache needs django-redis and counts a cached None as a miss.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.cache.backends import locmem, redis
from django_prometheus.cache import metrics

_MISSING = object()


class CountedReads:
    """Mixin to put before a cache class. `label` is the value of the label `backend`."""

    label: ClassVar[str]

    def __init_subclass__(cls) -> None:
        for counter in (
            metrics.django_cache_get_total,
            metrics.django_cache_get_fail_total,
            metrics.django_cache_hits_total,
            metrics.django_cache_misses_total,
        ):
            counter.labels(cls.label)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        metrics.django_cache_get_total.labels(self.label).inc()
        with metrics.django_cache_get_fail_total.labels(self.label).count_exceptions():
            value = super().get(key, _MISSING, version)  # type: ignore[misc]  # of the cache class
        self._count(1, 0 if value is _MISSING else 1)
        return default if value is _MISSING else value

    def _count(self, reads: int, hits: int) -> None:
        metrics.django_cache_hits_total.labels(self.label).inc(hits)
        metrics.django_cache_misses_total.labels(self.label).inc(reads - hits)


class RedisCache(CountedReads, redis.RedisCache):
    label = "redis"

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        names = list(keys)
        metrics.django_cache_get_total.labels(self.label).inc(len(names))
        try:
            values: dict[str, Any] = super().get_many(names, version)
        except Exception:
            metrics.django_cache_get_fail_total.labels(self.label).inc(len(names))
            raise
        self._count(len(names), len(values))
        return values


class LocMemCache(CountedReads, locmem.LocMemCache):
    label = "locmem"
