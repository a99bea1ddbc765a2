"""PayPal, by Orders v2: an order that the buyer approves on PayPal's page, or that pays from what
they let us keep (`source` is the id of the vaulted payment method); captured as soon as may be."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from apps.payments.gateways import parsing
from apps.payments.gateways.base import (
    Answer,
    Entry,
    Notice,
    Order,
    Outcome,
    RefundOrder,
    Unavailable,
)
from apps.payments.gateways.paypal import amounts, transactions
from apps.payments.gateways.paypal.client import Client, Refused
from apps.payments.gateways.paypal.webhooks import Verifier

NOT_FOUND = 404
WAITS_FOR_BUYER = "PAYER_ACTION_REQUIRED"
CHARGED = ("COMPLETED", "REFUNDED", "PARTIALLY_REFUNDED")  # a capture keeps its later fate
LOST = ("DECLINED", "FAILED", "VOIDED")
# What is wrong is the buyer's or the buyer's word, and not between us and PayPal.
DECLINED_ISSUES = {
    "INSTRUMENT_DECLINED",
    "PAYER_ACTION_REQUIRED",
    "PAYER_CANNOT_PAY",
    "PAYER_ACCOUNT_RESTRICTED",
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED",
    "TRANSACTION_REFUSED",
    "TOKEN_ID_NOT_FOUND",
    "INVALID_RESOURCE_ID",
    "RESOURCE_NOT_FOUND",
    "CURRENCY_NOT_SUPPORTED",
    "CURRENCY_NOT_SUPPORTED_FOR_COUNTRY",
    "COMPLIANCE_VIOLATION",
}
NO_REFUND_ISSUES = {
    "CAPTURE_FULLY_REFUNDED",
    "REFUND_AMOUNT_EXCEEDED",
    "REFUND_TIME_LIMIT_EXCEEDED",
    "REFUND_NOT_ALLOWED",
    "CAPTURE_DISPUTED_PARTIAL_REFUND_NOT_ALLOWED",
}
REFUNDS = {
    "COMPLETED": Outcome.SUCCEEDED,
    "FAILED": Outcome.DECLINED,
    "CANCELLED": Outcome.DECLINED,
}


class PayPalGateway:
    book_lag = 4 * 3600  # its reports are three hours late

    def __init__(
        self, client_id: str, secret: str, webhook_id: str, base: str, seconds: int
    ) -> None:
        self._client = Client(client_id, secret, base, seconds)
        self._verifier = Verifier(webhook_id)

    def charge(self, order: Order) -> Answer:
        try:
            made = self._create(order)
            if parsing.word(made, "status") == WAITS_FOR_BUYER and not _page(made):
                raise Unavailable("malformed_answer")
            return self._captured(made, order)
        except Refused as refused:
            return _declined(refused)

    def look_up(self, order: Order) -> Answer | None:
        """By PayPal's own id only: it cannot be asked for ours."""
        found = self._find(order)
        if found is None:
            return None
        try:
            return self._captured(found, order)
        except Refused as refused:
            return _declined(refused)

    def give_up(self, order: Order) -> Answer | None:
        """PayPal charges what we capture, and nothing else."""
        found = self._find(order)
        if found is None:
            return None
        answer = _answer(found)
        return answer if _capture(found) else replace(answer, outcome=Outcome.DECLINED)

    def refund(self, order: RefundOrder) -> Answer:
        try:
            answer = self._refund(order)
        except Refused as refused:
            if refused.issue in NO_REFUND_ISSUES:
                return Answer(outcome=Outcome.DECLINED)
            raise Unavailable(refused.issue or f"http_{refused.status}") from refused
        status, refund_id = parsing.word(answer, "status"), parsing.word(answer, "id")
        if not status or not refund_id:
            raise Unavailable("malformed_answer")
        return Answer(outcome=REFUNDS.get(status, Outcome.PROCESSING), provider_id=refund_id)

    def notice(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        return self._verifier.notice(body, headers)

    def book(self, start: datetime, end: datetime) -> Iterator[Entry]:
        try:
            yield from transactions.entries(self._client, start, end)
        except Refused as refused:
            raise Unavailable(refused.issue) from refused

    def _create(self, order: Order) -> dict[str, Any]:
        unit = {
            "custom_id": str(order.reference),
            "invoice_id": str(order.reference),
            "amount": amounts.told(order.amount, order.currency),
        }
        paypal: dict[str, Any] = {
            "experience_context": {
                "return_url": order.back_to,
                "cancel_url": order.back_to,
                "shipping_preference": "NO_SHIPPING",
                "user_action": "PAY_NOW",
            }
        }
        if order.source:
            paypal["vault_id"] = order.source
        body = {
            "intent": "CAPTURE",
            "purchase_units": [unit],
            "payment_source": {"paypal": paypal},
        }
        return self._client.post("/v2/checkout/orders", body, str(order.reference))

    def _find(self, order: Order) -> dict[str, Any] | None:
        if not order.provider_id:
            return None
        try:
            return self._client.get(f"/v2/checkout/orders/{order.provider_id}")
        except Refused as refused:
            if refused.status == NOT_FOUND:
                return None
            raise Unavailable(refused.issue) from refused

    def _captured(self, found: dict[str, Any], order: Order) -> Answer:
        if parsing.word(found, "status") in ("CREATED", "APPROVED"):
            path = f"/v2/checkout/orders/{parsing.word(found, 'id')}/capture"
            found = self._client.post(path, {}, f"{order.reference}-capture")
        return _answer(found)

    def _refund(self, order: RefundOrder) -> dict[str, Any]:
        if order.refund_id:
            return self._client.get(f"/v2/payments/refunds/{order.refund_id}")
        charged = self._client.get(f"/v2/checkout/orders/{order.charge.provider_id}")
        body = {
            "amount": amounts.told(order.amount, order.charge.currency),
            "custom_id": str(order.charge.reference),
            "invoice_id": str(order.reference),
        }
        path = f"/v2/payments/captures/{parsing.word(_capture(charged), 'id')}/refund"
        return self._client.post(path, body, str(order.reference))


def _capture(order: dict[str, Any]) -> Any:
    return parsing.at(order, "purchase_units", 0, "payments", "captures", 0)


def _declined(refused: Refused) -> Answer:
    """Raises Unavailable where it is not for the buyer to mend."""
    if refused.issue in DECLINED_ISSUES:
        return Answer(outcome=Outcome.DECLINED)
    raise Unavailable(refused.issue or f"http_{refused.status}") from refused


def _answer(order: dict[str, Any]) -> Answer:
    provider_id = parsing.word(order, "id")
    status = parsing.word(_capture(order), "status") or parsing.word(order, "status")
    if not provider_id or not status:
        raise Unavailable("malformed_answer")
    if status in CHARGED:
        return Answer(outcome=Outcome.SUCCEEDED, provider_id=provider_id)
    outcome = Outcome.DECLINED if status in LOST else Outcome.PROCESSING
    approve_at = _page(order) if outcome is Outcome.PROCESSING else None
    return Answer(outcome=outcome, provider_id=provider_id, approve_at=approve_at)


def _page(order: dict[str, Any]) -> str:
    """Where the buyer approves it, empty where it does not wait for that."""
    links = order.get("links")
    found = [
        parsing.url(one, "href")
        for one in (links if isinstance(links, list) else [])
        if parsing.word(one, "rel") in ("payer-action", "approve")
    ]
    return next(filter(None, found), "")
