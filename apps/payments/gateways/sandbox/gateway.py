from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone

from apps.payments.gateways.base import (
    ChargeRequest,
    Outcome,
    ProviderError,
    ProviderResult,
    ProviderTransaction,
    RefundRequest,
    WebhookNotification,
)
from apps.payments.gateways.sandbox import webhooks
from apps.payments.models import SandboxCharge, SandboxRefund


class Behavior(NamedTuple):
    outcome: Outcome
    delay: timedelta = timedelta()
    times_out: bool = False  # on the first request
    webhooks: int = 1
    refunds: bool = False


SLOW = timedelta(seconds=5)
SUCCEEDS = Behavior(Outcome.SUCCEEDED)
DECLINES = Behavior(Outcome.DECLINED)
TOKENS = {
    "": Behavior(Outcome.PROCESSING, webhooks=0),  # until the payer decides on the sandbox's page
    "tok_visa": SUCCEEDS,
    "tok_mastercard": SUCCEEDS,
    "tok_paypal": SUCCEEDS,
    "tok_slow": Behavior(Outcome.SUCCEEDED, delay=SLOW),
    "tok_slow_declined": Behavior(Outcome.DECLINED, delay=SLOW),
    "tok_timeout": Behavior(Outcome.SUCCEEDED, times_out=True),
    "tok_duplicate": Behavior(Outcome.SUCCEEDED, webhooks=3),
    "tok_out_of_order": Behavior(Outcome.SUCCEEDED, delay=SLOW, refunds=True),
}


class SandboxGateway:
    """Its rows stand for another company's: never written in one transaction with payments."""

    report_delay = 60

    def __init__(self, method: str) -> None:
        self._method = method

    def charge(self, request: ChargeRequest) -> ProviderResult:
        if request.source == "tok_unavailable":
            raise ProviderError("service_unavailable")
        behavior = TOKENS.get(request.source, DECLINES)
        charge, created = self._get_or_create(request, behavior)
        if created and behavior.times_out:
            raise ProviderError("timeout")
        return _result(charge)

    def retrieve(self, request: ChargeRequest) -> ProviderResult | None:
        charge = SandboxCharge.objects.filter(reference=request.reference).first()
        return _result(charge) if charge else None

    def cancel(self, request: ChargeRequest) -> ProviderResult | None:
        if result := self.retrieve(request):
            decide(result.provider_id, Outcome.DECLINED)
        return self.retrieve(request)

    @transaction.atomic
    def refund(self, request: RefundRequest) -> ProviderResult:
        """Never more than the charge, also with concurrent requests."""
        charges = SandboxCharge.objects.select_for_update()
        charge = charges.filter(reference=request.charge.reference).first()
        refund = SandboxRefund.objects.filter(
            Q(reference=request.reference) | Q(provider_id=request.refund_id)
        ).first()
        if refund is None:
            if charge is None or _refunded(charge) + request.amount > charge.amount:
                return ProviderResult(outcome=Outcome.DECLINED)
            refund = _create_refund(charge, request.amount, timezone.now(), request.reference)
        return ProviderResult(outcome=Outcome.SUCCEEDED, provider_id=refund.provider_id)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNotification:
        return webhooks.parse_webhook(self._method, body, headers)

    def list_transactions(self, start: datetime, end: datetime) -> Iterator[ProviderTransaction]:
        charges = SandboxCharge.objects.filter(
            method=self._method, created_at__gte=start, created_at__lt=end
        )
        refunded = Sum("refunds__amount", default=0)
        for charge in charges.annotate(refunded=refunded).iterator(chunk_size=500):
            yield ProviderTransaction(
                reference=charge.reference,
                amount=charge.amount,
                currency=charge.currency,
                charged=_outcome(charge) is Outcome.SUCCEEDED,
                refunded=charge.refunded,
            )

    @transaction.atomic
    def _get_or_create(
        self, request: ChargeRequest, behavior: Behavior
    ) -> tuple[SandboxCharge, bool]:
        settles_at = timezone.now() + behavior.delay
        charge, created = SandboxCharge.objects.get_or_create(
            reference=request.reference,
            defaults={
                "method": self._method,
                "provider_id": _id("pi"),
                "amount": request.amount,
                "currency": request.currency,
                "outcome": behavior.outcome,
                "return_url": request.return_url,
                "settles_at": settles_at,
            },
        )
        if created and behavior.refunds:
            _create_refund(charge, charge.amount, settles_at)
        if created and behavior.webhooks:
            webhooks.schedule_charge(charge, due_at=settles_at, times=behavior.webhooks)
        return charge, created


@transaction.atomic
def decide(provider_id: str, outcome: Outcome) -> None:
    """The payer's decision on the sandbox's page. The first decision is final; a charge with a
    token needs none."""
    charge = SandboxCharge.objects.select_for_update().get(provider_id=provider_id)
    if charge.outcome == Outcome.PROCESSING:
        charge.outcome = outcome
        charge.save(update_fields=["outcome"])
        webhooks.schedule_charge(charge, due_at=timezone.now())


def _create_refund(
    charge: SandboxCharge, amount: int, due_at: datetime, reference: UUID | None = None
) -> SandboxRefund:
    refund = SandboxRefund.objects.create(
        charge=charge, reference=reference, provider_id=_id("re"), amount=amount
    )
    webhooks.schedule_refund(refund, due_at=due_at)
    return refund


def _id(prefix: str) -> str:
    return f"{prefix}_sandbox_{uuid4().hex}"


def _outcome(charge: SandboxCharge) -> Outcome:
    is_settled = charge.settles_at <= timezone.now()
    return Outcome(charge.outcome) if is_settled else Outcome.PROCESSING


def _result(charge: SandboxCharge) -> ProviderResult:
    is_undecided = charge.outcome == Outcome.PROCESSING
    return ProviderResult(
        outcome=_outcome(charge),
        provider_id=charge.provider_id,
        approve_url=reverse("sandbox_page", args=[charge.provider_id]) if is_undecided else "",
    )


def _refunded(charge: SandboxCharge) -> int:
    total: int = charge.refunds.aggregate(total=Sum("amount", default=0))["total"]
    return total
