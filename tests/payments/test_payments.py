import pytest

from apps.events.models import EventRecord
from apps.payments.exceptions import InvoiceVoid, PaymentInProgress, ProviderUnavailable
from apps.payments.gateways.sandbox.gateway import SandboxGateway
from apps.payments.models import Invoice, Payment, SandboxCharge
from apps.payments.services import payments_resume
from apps.tournaments.models import Registration
from apps.tournaments.services import tournament_cancel
from tests import factories
from tests.payments.event_helpers import poll_again_now
from tests.tournaments.steps import by_organizer

pytestmark = pytest.mark.django_db


@pytest.fixture
def interrupted(registration: Registration, monkeypatch: pytest.MonkeyPatch) -> Payment:
    """Its process died while it waited for the provider."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SandboxGateway, "charge", die)
        with pytest.raises(KeyboardInterrupt):
            factories.pay(registration, key="interrupted")
    return Payment.objects.get()


@pytest.mark.usefixtures("interrupted")
def test_an_interrupted_payment_blocks_others(registration: Registration) -> None:
    for key in ("interrupted", "other"):
        with pytest.raises(PaymentInProgress):
            factories.pay(registration, key=key)


@pytest.mark.usefixtures("interrupted")
def test_the_same_request_resumes_an_interrupted_payment(registration: Registration) -> None:
    poll_again_now()
    factories.pay(registration, key="interrupted")
    assert Payment.objects.get().status == "succeeded"


@pytest.mark.usefixtures("interrupted")
def test_the_task_resumes_an_interrupted_payment_once() -> None:
    assert payments_resume() == 0
    poll_again_now()
    assert payments_resume() == 1
    assert payments_resume() == 0
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 1


def test_a_cancellation_refunds_payments_and_voids_invoices(registration: Registration) -> None:
    factories.pay(factories.register(registration.tournament))
    by_organizer(tournament_cancel, registration.tournament)
    assert Payment.objects.get().status == "refunding"
    factories.send_refunds()
    assert Payment.objects.get().status == "refunded"
    assert set(Invoice.objects.values_list("status", flat=True)) == {"void"}
    with pytest.raises(InvoiceVoid):
        factories.pay(registration)


@pytest.mark.usefixtures("interrupted")
def test_no_interrupted_payment_is_charged_after_a_cancellation(registration: Registration) -> None:
    poll_again_now()
    by_organizer(tournament_cancel, registration.tournament)
    payments_resume()
    assert Payment.objects.get().status == "failed"
    assert not SandboxCharge.objects.exists()


def test_a_payment_charged_before_a_cancellation_is_refunded(registration: Registration) -> None:
    with pytest.raises(ProviderUnavailable):
        factories.pay(registration, "tok_timeout")
    poll_again_now()
    by_organizer(tournament_cancel, registration.tournament)
    payments_resume()
    factories.send_refunds()
    assert Payment.objects.get().status == "refunded"
    assert not EventRecord.objects.filter(name="payment.succeeded").exists()
    registration.refresh_from_db()
    assert registration.status == "refunded"
