"""PayPal, by its Orders v2 API. The buyer approves an order on PayPal's page, or `source` is the id
of a vaulted payment method. An approved order is captured as soon as possible."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from apps.payments.gateways import parsing
from apps.payments.gateways.base import (
    ChargeRequest,
    Outcome,
    ProviderError,
    ProviderResult,
    ProviderTransaction,
    RefundRequest,
    WebhookNotification,
)
from apps.payments.gateways.paypal import amounts, transactions, webhooks
from apps.payments.gateways.paypal.client import Client, RequestRejected

NOT_FOUND = 404
PAYER_ACTION_REQUIRED = "PAYER_ACTION_REQUIRED"
CHARGES = {
    "COMPLETED": Outcome.SUCCEEDED,
    "REFUNDED": Outcome.SUCCEEDED,
    "PARTIALLY_REFUNDED": Outcome.SUCCEEDED,
    "DECLINED": Outcome.DECLINED,
    "FAILED": Outcome.DECLINED,
    "VOIDED": Outcome.DECLINED,
}
# Only the buyer can solve these. Any other issue is an error of this integration.
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
    report_delay = 4 * 3600  # PayPal documents three hours

    def __init__(
        self, client_id: str, secret: str, webhook_id: str, base: str, seconds: int
    ) -> None:
        self._client = Client(client_id, secret, base, seconds)
        self._webhook_id = webhook_id

    def charge(self, request: ChargeRequest) -> ProviderResult:
        try:
            order = self._create(request)
            if parsing.text(order, "status") == PAYER_ACTION_REQUIRED and not _approve_url(order):
                raise ProviderError("malformed_response")
            return self._capture(order, request)
        except RequestRejected as rejected:
            return _declined(rejected, DECLINED_ISSUES)

    def retrieve(self, request: ChargeRequest) -> ProviderResult | None:
        """By PayPal's id only: PayPal cannot look up an order by its reference."""
        order = self._find(request)
        if order is None:
            return None
        try:
            return self._capture(order, request)
        except RequestRejected as rejected:
            return _declined(rejected, DECLINED_ISSUES)

    def cancel(self, request: ChargeRequest) -> ProviderResult | None:
        """PayPal charges only captured orders, so there is nothing to send."""
        order = self._find(request)
        if order is None:
            return None
        result = _result(order)
        return result if _first_capture(order) else replace(result, outcome=Outcome.DECLINED)

    def refund(self, request: RefundRequest) -> ProviderResult:
        try:
            return parsing.result(self._refund(request), REFUNDS)
        except RequestRejected as rejected:
            return _declined(rejected, NO_REFUND_ISSUES)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNotification:
        return webhooks.parse_webhook(self._client, self._webhook_id, body, headers)

    def list_transactions(self, start: datetime, end: datetime) -> Iterator[ProviderTransaction]:
        return transactions.list_transactions(self._client, start, end)

    def _create(self, request: ChargeRequest) -> dict[str, Any]:
        unit = {
            "custom_id": str(request.reference),
            "invoice_id": str(request.reference),
            "amount": amounts.to_paypal(request.amount, request.currency),
        }
        paypal: dict[str, Any] = {
            "experience_context": {
                "return_url": request.return_url,
                "cancel_url": request.return_url,
                "shipping_preference": "NO_SHIPPING",
                "user_action": "PAY_NOW",
            }
        }
        if request.source:
            paypal["vault_id"] = request.source
        body = {
            "intent": "CAPTURE",
            "purchase_units": [unit],
            "payment_source": {"paypal": paypal},
        }
        return self._client.post("/v2/checkout/orders", body, str(request.reference))

    def _find(self, request: ChargeRequest) -> dict[str, Any] | None:
        if not request.provider_id:
            return None
        try:
            return self._client.get(f"/v2/checkout/orders/{request.provider_id}")
        except RequestRejected as rejected:
            if rejected.status == NOT_FOUND:
                return None
            raise

    def _capture(self, order: dict[str, Any], request: ChargeRequest) -> ProviderResult:
        if parsing.text(order, "status") in ("CREATED", "APPROVED"):
            path = f"/v2/checkout/orders/{parsing.text(order, 'id')}/capture"
            order = self._client.post(path, {}, f"{request.reference}-capture")
        return _result(order)

    def _refund(self, request: RefundRequest) -> dict[str, Any]:
        if request.refund_id:
            return self._client.get(f"/v2/payments/refunds/{request.refund_id}")
        order = self._client.get(f"/v2/checkout/orders/{request.charge.provider_id}")
        body = {
            "amount": amounts.to_paypal(request.amount, request.charge.currency),
            "custom_id": str(request.charge.reference),
            "invoice_id": str(request.reference),
        }
        path = f"/v2/payments/captures/{parsing.text(_first_capture(order), 'id')}/refund"
        return self._client.post(path, body, str(request.reference))


def _first_capture(order: dict[str, Any]) -> Any:
    return parsing.value_at(order, "purchase_units", 0, "payments", "captures", 0)


def _declined(rejected: RequestRejected, issues: set[str]) -> ProviderResult:
    if rejected.code in issues:
        return ProviderResult(outcome=Outcome.DECLINED)
    raise rejected


def _result(order: dict[str, Any]) -> ProviderResult:
    """The status of its capture, if there is one, is that of the charge."""
    captured = parsing.text(_first_capture(order), "status")
    result = parsing.result(order | {"status": captured} if captured else order, CHARGES)
    if result.outcome is not Outcome.PROCESSING:
        return result
    return replace(result, approve_url=_approve_url(order))


def _approve_url(order: dict[str, Any]) -> str:
    links = order.get("links")
    urls = [
        parsing.url(link, "href")
        for link in (links if isinstance(links, list) else [])
        if parsing.text(link, "rel") in ("payer-action", "approve")
    ]
    return next(filter(None, urls), "")
