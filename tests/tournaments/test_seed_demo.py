from typing import Any

import pytest
from django.core.management import call_command

from apps.accounts.models import User
from apps.payments.models import Payment
from apps.tournaments.models import Tournament
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("tasks_in_process")
def test_a_live_provider_gets_no_request(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_key"
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"  # a request would fail
    call_command("seed_demo")
    assert not Payment.objects.exists()
    assert Tournament.objects.exists()


def test_a_database_with_users_gets_no_demo_account() -> None:
    factories.make_user()
    call_command("seed_demo")
    assert User.objects.count() == 1
