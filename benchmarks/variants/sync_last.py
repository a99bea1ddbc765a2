from django_prometheus.middleware import PrometheusAfterMiddleware


class SyncAfterMiddleware(PrometheusAfterMiddleware):
    """Last in the list and not async-capable: Django then runs the whole chain in one thread."""

    async_capable = False
