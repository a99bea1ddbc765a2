"""What was paid before there were refunds and providers' books is in them afterwards."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from apps.payments.models import Invoice, Payment, SandboxCharge
from apps.payments.services import payments_resume, reconcile
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
OLD = ("payments", "0001_initial")


def migrate(target: tuple[str, str] | None = None) -> Any:
    """The models as they were then, or as they are now."""
    executor = MigrationExecutor(connection)
    [now] = executor.loader.graph.leaf_nodes("payments")
    target = target or now
    executor.migrate([target])
    return MigrationExecutor(connection).loader.project_state([target]).apps


@pytest.fixture
def forward_again() -> Iterator[None]:
    yield
    migrate()


@pytest.mark.usefixtures("forward_again")
def test_old_payments_are_booked_and_those_under_way_are_taken_up() -> None:
    tournament = factories.make_tournament(entry_fee=1000)
    for _ in range(4):
        factories.register(tournament)
    invoices = list(Invoice.objects.order_by("pk"))
    old = migrate(OLD).get_model("payments", "Payment")
    for invoice, status in zip(
        invoices, ("succeeded", "refunded", "failed", "processing"), strict=True
    ):
        old.objects.create(
            invoice_id=invoice.pk,
            payer_id=invoice.payer_id,
            method="STRIPE",
            status=status,
            source="tok_visa",
            idempotency_key=f"key-{invoice.pk}",
        )
    migrate()
    statuses = Payment.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["succeeded", "refunded", "failed", "created"]
    Payment.objects.update(
        asked_at=timezone.now() - timedelta(minutes=5),
        changed_at=timezone.now() - timedelta(minutes=5),
    )
    assert reconcile("STRIPE") == {}
    assert SandboxCharge.objects.count() == 2
    assert payments_resume() == 1
    assert Payment.objects.filter(status="succeeded").count() == 2
