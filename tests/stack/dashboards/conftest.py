from collections.abc import Iterator

import pytest
import redis

from stack.processes import Process, Stack
from tests.stack.load import under_load
from tests.stack.monitoring import monitored
from tests.stack.tls import TlsServer

MAXMEMORY = "256mb"  # as in docker-compose.yml
RECONCILE = "from apps.payments.tasks import reconcile; reconcile.delay()"


@pytest.fixture(scope="package")
def prometheus(
    stack: Stack, web: Process, worker: Process, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    """Scrapes the whole stack under load."""
    watchers = Stack(tmp_path_factory.mktemp("watchers"), stack.environment)
    server = redis.Redis.from_url(stack.environment["REDIS_URL"])
    server.config_set("maxmemory", MAXMEMORY)
    try:
        watchers.beat()
        watchers.manage("shell", "-v0", "-c", RECONCILE)  # beat runs it only every five minutes
        with TlsServer(watchers.folder) as certified:
            scraping = monitored(watchers, web, worker, certified)
            with under_load(watchers, web, scraping):
                yield scraping
    finally:
        watchers.stop()
        server.config_set("maxmemory", 0)
        server.close()
