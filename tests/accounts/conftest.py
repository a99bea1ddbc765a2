from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.core import context, rate_limits

_addresses = count(1)


@pytest.fixture(autouse=True)
def _empty_rate_limits() -> Iterator[None]:
    def clear() -> None:
        rate_limits._local.cache_clear()
        rate_limits._shared.cache_clear()

    clear()
    yield
    clear()


@pytest.fixture(autouse=True)
def client_address(db: None) -> Iterator[str]:
    """A unique address for each test: counters in Redis outlive a test."""
    cache.clear()
    number = next(_addresses)
    address = f"198.18.{number // 250}.{number % 250 + 1}"
    with context.bound(client=address):
        yield address


def request_token(client: Client, username: str, password: str) -> Any:
    credentials = {"username": username, "password": password}
    return client.post("/api/accounts/token", credentials, "application/json")


@pytest.fixture
def visitor(client_address: str) -> Client:
    return Client(REMOTE_ADDR=client_address)
