"""Stripe, by its SDK: PaymentIntents that are confirmed on creation, or Stripe Checkout.

The payment's reference is the idempotency key, and is stored in the metadata. Stripe rejects a key
with other parameters, as after a deploy: then the existing object is looked up and used.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import stripe
from stripe.params import PaymentIntentCreateParams, PaymentIntentListParams

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
from apps.payments.gateways.stripe import checkout, webhooks
from apps.payments.gateways.stripe.client import CHARGES, HttpClient, provider_errors, to_dict

API_VERSION = "2026-10-28.endive"
RETRIES = 1
MAX_TRANSACTIONS = 10_000

logging.getLogger("stripe").setLevel(logging.WARNING)  # at DEBUG the SDK logs request bodies


class StripeGateway:
    report_delay = 300

    def __init__(self, key: str, webhook_secret: str, base: str, seconds: int) -> None:
        self._webhook_secret = webhook_secret
        self._client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses={"api": base} if base else None,
            max_network_retries=RETRIES,
            http_client=HttpClient(seconds),
        )

    @provider_errors()
    def charge(self, request: ChargeRequest) -> ProviderResult:
        try:
            if request.source:
                return self._confirm(request)
            return checkout.create(self._client, request)
        except stripe.IdempotencyError:
            existing = self._find(request)
            if existing is None or not _has_same_amount(existing, request):
                raise
            return self._retrieve(parsing.text(existing, "id"))

    @provider_errors()
    def retrieve(self, request: ChargeRequest) -> ProviderResult | None:
        provider_id = request.provider_id or parsing.text(self._find(request), "id")
        return self._retrieve(provider_id) if provider_id else None

    @provider_errors()
    def cancel(self, request: ChargeRequest) -> ProviderResult | None:
        result = self.retrieve(request)
        if result is None or result.outcome is not Outcome.PROCESSING:
            return result
        try:
            if checkout.is_session(result.provider_id):
                self._client.v1.checkout.sessions.expire(result.provider_id)
            else:
                self._client.v1.payment_intents.cancel(result.provider_id)
        except stripe.InvalidRequestError:  # its status has changed, or does not allow it
            return self.retrieve(request)
        return ProviderResult(outcome=Outcome.DECLINED, provider_id=result.provider_id)

    @provider_errors()
    def refund(self, request: RefundRequest) -> ProviderResult:
        try:
            refund = self._refund(request)
        except stripe.InvalidRequestError as error:
            if error.code in ("charge_already_refunded", "charge_disputed"):
                return ProviderResult(outcome=Outcome.DECLINED)
            raise
        return parsing.result(to_dict(refund), webhooks.REFUND_OUTCOMES)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNotification:
        return webhooks.parse_webhook(body, headers, self._webhook_secret)

    def list_transactions(self, start: datetime, end: datetime) -> Iterator[ProviderTransaction]:
        params: PaymentIntentListParams = {
            "created": {"gte": int(start.timestamp()), "lt": int(end.timestamp())},
            "limit": 100,
            "expand": ["data.latest_charge"],
        }
        with provider_errors():
            intents = self._client.v1.payment_intents.list(params).auto_paging_iter()
            for listed in islice(intents, MAX_TRANSACTIONS):
                intent = listed.to_dict()
                if reference := parsing.reference(intent, "metadata", "reference"):
                    yield ProviderTransaction(
                        reference=UUID(reference),
                        amount=parsing.amount(intent, "amount"),
                        currency=parsing.text(intent, "currency").upper(),
                        charged=parsing.text(intent, "status") == "succeeded",
                        refunded=parsing.amount(intent, "latest_charge", "amount_refunded"),
                    )
            if next(intents, None) is not None:
                raise ProviderError("too_many_transactions")

    def _confirm(self, request: ChargeRequest) -> ProviderResult:
        try:
            intent = self._create(request)
        except stripe.CardError as declined:
            intent_id = parsing.text(declined.json_body, "error", "payment_intent", "id")
            return ProviderResult(outcome=Outcome.DECLINED, provider_id=intent_id)
        except stripe.InvalidRequestError as error:
            if (error.param or "").startswith("payment_method"):  # it comes from the client
                return ProviderResult(outcome=Outcome.DECLINED)
            raise
        return _charge_result(to_dict(intent))

    def _create(self, request: ChargeRequest) -> stripe.PaymentIntent:
        params: PaymentIntentCreateParams = {
            "amount": request.amount,
            "currency": request.currency.lower(),
            "confirm": True,
            "allowed_payment_method_types": ["card"],  # others take days, and would be given up
            "return_url": request.return_url,
            "metadata": {"reference": str(request.reference)},
        }
        if request.source.startswith("tok_"):
            params["payment_method_data"] = {"type": "card", "card": {"token": request.source}}  # type: ignore[typeddict-unknown-key] # documented, but not in Stripe's types
        else:
            params["payment_method"] = request.source
        return self._client.v1.payment_intents.create(
            params, {"idempotency_key": str(request.reference)}
        )

    def _retrieve(self, provider_id: str) -> ProviderResult:
        if checkout.is_session(provider_id):
            return checkout.retrieve(self._client, provider_id)
        return _charge_result(to_dict(self._client.v1.payment_intents.retrieve(provider_id)))

    def _find(self, request: ChargeRequest) -> dict[str, Any] | None:
        """The session or PaymentIntent with this reference. Stripe's search lags by a minute."""
        if not request.source:
            return checkout.find(self._client, request)
        query = f"metadata['reference']:'{request.reference}'"
        intents = self._client.v1.payment_intents.search({"query": query, "limit": 1}).data
        return to_dict(intents[0]) if intents else None

    def _refund(self, request: RefundRequest) -> stripe.Refund:
        if request.refund_id:
            return self._client.v1.refunds.retrieve(request.refund_id)
        return self._client.v1.refunds.create(
            {
                "payment_intent": request.charge.provider_id,
                "amount": request.amount,
                "metadata": {
                    "reference": str(request.charge.reference),
                    "refund_reference": str(request.reference),
                },
            },
            {"idempotency_key": str(request.reference)},
        )


def _has_same_amount(existing: dict[str, Any], request: ChargeRequest) -> bool:
    amount = parsing.amount(existing, "amount" if request.source else "amount_total")
    currency = parsing.text(existing, "currency").upper()
    return (amount, currency) == (request.amount, request.currency)


def _charge_result(intent: dict[str, Any]) -> ProviderResult:
    result, status = parsing.result(intent, CHARGES), parsing.text(intent, "status")
    if status == "requires_payment_method" and checkout.is_from_checkout(intent):
        return replace(result, outcome=Outcome.PROCESSING)
    if result.outcome is not Outcome.PROCESSING:
        return result
    approve_url = parsing.url(intent, "next_action", "redirect_to_url", "url")
    return replace(result, approve_url=approve_url)
