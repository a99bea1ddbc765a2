from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.api.world import World


@pytest.fixture(scope="module")
def _made_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with django_db_blocker.unblock(), quick, transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(_made_once: World, db: None) -> World:
    """Made once for a module. What a test does to it is undone after the test."""
    return _made_once
