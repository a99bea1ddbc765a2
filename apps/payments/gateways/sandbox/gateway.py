import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from apps.payments.gateways.base import (
    Answer,
    Entry,
    Notice,
    Order,
    Outcome,
    RefundOrder,
    Unavailable,
)
from apps.payments.gateways.sandbox import signing
from apps.payments.gateways.sandbox.webhook_payloads import post_charge, post_refund
from apps.payments.models import SandboxCharge, SandboxRefund

SLOW = timedelta(seconds=5)
NOW = timedelta()


class Behaviour(NamedTuple):
    outcome: Outcome
    takes: timedelta = NOW
    answers_first: bool = True  # or is silent when asked for the first time
    tells: int = 1
    gives_back: bool = False


PAYS = Behaviour(Outcome.SUCCEEDED)
DECLINES = Behaviour(Outcome.DECLINED)
TOKENS = {
    "": Behaviour(Outcome.PROCESSING, tells=0),  # until the payer says so on the sandbox's page
    "tok_visa": PAYS,
    "tok_mastercard": PAYS,
    "tok_paypal": PAYS,
    "tok_slow": Behaviour(Outcome.SUCCEEDED, takes=SLOW),
    "tok_slow_declined": Behaviour(Outcome.DECLINED, takes=SLOW),
    "tok_timeout": Behaviour(Outcome.SUCCEEDED, answers_first=False),
    "tok_duplicate": Behaviour(Outcome.SUCCEEDED, tells=3),
    "tok_out_of_order": Behaviour(Outcome.SUCCEEDED, takes=SLOW, gives_back=True),
}


class SandboxGateway:
    """Its rows are its own: nothing of ours stands in one transaction with them."""

    book_lag = 60

    def __init__(self, method: str) -> None:
        self._method = method

    def charge(self, order: Order) -> Answer:
        if order.source == "tok_unavailable":
            raise Unavailable("service_unavailable")
        behaviour = TOKENS.get(order.source, DECLINES)
        charge, is_new = self._charged(order, behaviour)
        if is_new and not behaviour.answers_first:
            raise Unavailable("timeout")
        return _answer(charge)

    def look_up(self, order: Order) -> Answer | None:
        charge = SandboxCharge.objects.filter(reference=order.reference).first()
        return _answer(charge) if charge else None

    def give_up(self, order: Order) -> Answer | None:
        answer = self.look_up(order)
        if answer is None or not answer.approve_at:
            return answer
        decide(answer.provider_id, Outcome.DECLINED)
        return self.look_up(order)

    @transaction.atomic
    def refund(self, order: RefundOrder) -> Answer:
        """Never more than the charge, however many ask at once."""
        locked = SandboxCharge.objects.select_for_update()
        charge = locked.filter(reference=order.charge.reference).first()
        known = SandboxRefund.objects.filter(
            Q(reference=order.reference) | Q(provider_id=order.refund_id)
        ).first()
        if known is not None:
            return Answer(outcome=Outcome.SUCCEEDED, provider_id=known.provider_id)
        if charge is None or _refunded(charge) + order.amount > charge.amount:
            return Answer(outcome=Outcome.DECLINED)
        refund = SandboxRefund.objects.create(
            charge=charge, reference=order.reference, provider_id=_id("re"), amount=order.amount
        )
        post_refund(refund, due_at=timezone.now())
        return Answer(outcome=Outcome.SUCCEEDED, provider_id=refund.provider_id)

    def notice(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        return signing.notice(self._method, body, headers)

    def book(self, start: datetime, end: datetime) -> Iterator[Entry]:
        charges = SandboxCharge.objects.filter(
            method=self._method, created_at__gte=start, created_at__lt=end
        )
        given_back = Coalesce(Sum("refunds__amount"), 0)
        for charge in charges.annotate(refunded=given_back).iterator(chunk_size=500):
            yield Entry(
                reference=charge.reference,
                amount=charge.amount,
                currency=charge.currency,
                charged=_outcome(charge) is Outcome.SUCCEEDED,
                refunded=charge.refunded,
            )

    @transaction.atomic
    def _charged(self, order: Order, behaviour: Behaviour) -> tuple[SandboxCharge, bool]:
        settles_at = timezone.now() + behaviour.takes
        charge, is_new = SandboxCharge.objects.get_or_create(
            reference=order.reference,
            defaults={
                "method": self._method,
                "provider_id": _id("pi"),
                "amount": order.amount,
                "currency": order.currency,
                "outcome": behaviour.outcome,
                "back_to": order.back_to,
                "settles_at": settles_at,
            },
        )
        if is_new and behaviour.gives_back:
            refund = SandboxRefund.objects.create(
                charge=charge, provider_id=_id("re"), amount=charge.amount
            )
            post_refund(refund, due_at=settles_at)
        if is_new and behaviour.tells:
            post_charge(charge, due_at=settles_at, times=behaviour.tells)
        return charge, is_new


@transaction.atomic
def decide(provider_id: str, outcome: Outcome) -> SandboxCharge | None:
    """What the payer says on the sandbox's page, once. None for no charge of ours."""
    charge = SandboxCharge.objects.select_for_update().filter(provider_id=provider_id).first()
    if charge is not None and charge.outcome == Outcome.PROCESSING:
        charge.outcome = outcome
        charge.save(update_fields=["outcome"])
        post_charge(charge, due_at=timezone.now(), times=1)
    return charge


def _id(kind: str) -> str:
    return f"{kind}_sandbox_{uuid.uuid4().hex}"


def _outcome(charge: SandboxCharge) -> Outcome:
    is_settled = charge.settles_at <= timezone.now()
    return Outcome(charge.outcome) if is_settled else Outcome.PROCESSING


def _answer(charge: SandboxCharge) -> Answer:
    is_asked = charge.outcome == Outcome.PROCESSING
    return Answer(
        outcome=_outcome(charge),
        provider_id=charge.provider_id,
        approve_at=reverse("sandbox_page", args=[charge.provider_id]) if is_asked else "",
    )


def _refunded(charge: SandboxCharge) -> int:
    total: int = charge.refunds.aggregate(total=Coalesce(Sum("amount"), 0))["total"]
    return total
