from django_prometheus.middleware import PrometheusAfterMiddleware


class SyncAfterMiddleware(PrometheusAfterMiddleware):
    """Not async-capable and last in the list, so Django runs all middleware in one thread."""

    async_capable = False
