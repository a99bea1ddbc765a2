import pytest
from django.test import Client

from apps.tournaments.models import Registration
from tests import factories


@pytest.fixture
def owed() -> Registration:
    return factories.register(factories.make_tournament(entry_fee=1250))


@pytest.fixture
def payer(owed: Registration) -> Client:
    client = Client()
    client.force_login(owed.player)
    return client
