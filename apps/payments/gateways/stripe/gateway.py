"""Stripe, by its own SDK: payment intents, confirmed as they are made or on Stripe's own page, and
refunds.

The payment's reference is the idempotency key and stands in the metadata, by which webhooks and the
book say which payment of ours they are about. Under one key Stripe takes the same parameters only:
where a deploy has changed some since, what was made under it is found and goes on.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import stripe
from stripe.params import PaymentIntentCreateParams

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
from apps.payments.gateways.stripe import checkout, refunds
from apps.payments.gateways.stripe.errors import KeyRefused, asked, code_of, fields, told
from apps.payments.gateways.stripe.transactions import entries
from apps.payments.gateways.stripe.webhooks import notice

API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS = 3
RETRIES = 1  # under the same idempotency key; what is left is for `payments_resume`
CHARGES = {
    "succeeded": Outcome.SUCCEEDED,
    "canceled": Outcome.DECLINED,
    "requires_payment_method": Outcome.DECLINED,
}

logging.getLogger("stripe").setLevel(logging.WARNING)  # at DEBUG it tells what it posts


class StripeGateway:
    book_lag = 300

    def __init__(self, key: str, webhook_secret: str, base: str, seconds: int) -> None:
        self._secret = webhook_secret
        self._client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses={"api": base} if base else None,
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, seconds)),
        )

    def charge(self, order: Order) -> Answer:
        try:
            if order.source:
                return self._confirmed(order)
            return told(lambda: checkout.create(self._client, order))
        except KeyRefused:
            if answer := told(lambda: self._charged_before(order)):
                return answer
            raise

    def _confirmed(self, order: Order) -> Answer:
        try:
            intent = asked(lambda: self._create(order))
        except stripe.CardError as declined:
            return Answer(outcome=Outcome.DECLINED, provider_id=_intent_of(declined))
        except stripe.InvalidRequestError as fault:
            if (fault.param or "").startswith("payment_method"):  # the client's word for it
                return Answer(outcome=Outcome.DECLINED)
            raise Unavailable(code_of(fault)) from fault
        return _charge_answer(fields(intent))

    def look_up(self, order: Order) -> Answer | None:
        return told(lambda: self._find(order))

    def give_up(self, order: Order) -> Answer | None:
        answer = self.look_up(order)
        if answer is None or answer.outcome is not Outcome.PROCESSING:
            return answer
        try:
            asked(lambda: self._cancel(answer.provider_id))
        except stripe.InvalidRequestError:  # it cannot be called off, or went on meanwhile
            return self.look_up(order)
        return Answer(outcome=Outcome.DECLINED, provider_id=answer.provider_id)

    def refund(self, order: RefundOrder) -> Answer:
        try:
            return _answer(fields(asked(lambda: self._refund(order))), refunds.OUTCOMES)
        except stripe.InvalidRequestError as fault:
            if fault.code in ("charge_already_refunded", "charge_disputed"):
                return Answer(outcome=Outcome.DECLINED)
            raise Unavailable(code_of(fault)) from fault

    def notice(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        return notice(body, headers, self._secret)

    def book(self, start: datetime, end: datetime) -> Iterator[Entry]:
        return entries(self._client, start, end)

    def _create(self, order: Order) -> stripe.PaymentIntent:
        params: PaymentIntentCreateParams = {
            "amount": order.amount,
            "currency": order.currency.lower(),
            "confirm": True,
            "allowed_payment_method_types": ["card"],  # what takes days is given up by then
            "return_url": order.back_to,
            "metadata": {"reference": str(order.reference)},
        }
        if order.source.startswith("tok_"):
            params["payment_method_data"] = {"type": "card", "card": {"token": order.source}}  # type: ignore[typeddict-unknown-key] # in Stripe's guides, not in its types
        else:
            params["payment_method"] = order.source
        return self._client.v1.payment_intents.create(
            params, {"idempotency_key": str(order.reference)}
        )

    def _find(self, order: Order) -> Answer | None:
        if checkout.is_session(order.provider_id):
            found = checkout.look_up(self._client, order.provider_id)
            return found if isinstance(found, Answer) else _answer(found, CHARGES)
        if order.provider_id:
            intent = self._client.v1.payment_intents.retrieve(order.provider_id)
            return _charge_answer(fields(intent))
        made = self._made(order)
        return self._find(_known(order, made)) if made else None

    def _made(self, order: Order) -> dict[str, Any] | None:
        """The session or the intent under our reference, for who does not know its id."""
        if not order.source:
            return checkout.find(self._client, order)
        query = f"metadata['reference']:'{order.reference}'"
        intents = self._client.v1.payment_intents.search({"query": query, "limit": 1}).data
        return fields(intents[0]) if intents else None

    def _charged_before(self, order: Order) -> Answer | None:
        """None where it is not for the same money, or not found: Stripe's search lags a minute."""
        made = self._made(order)
        if made is None or not _is_for(made, order):
            return None
        return self._find(_known(order, made))

    def _cancel(self, provider_id: str) -> None:
        if checkout.is_session(provider_id):
            self._client.v1.checkout.sessions.expire(provider_id)
        else:
            self._client.v1.payment_intents.cancel(provider_id)

    def _refund(self, order: RefundOrder) -> stripe.Refund:
        if order.refund_id:
            return self._client.v1.refunds.retrieve(order.refund_id)
        return self._client.v1.refunds.create(
            {
                "payment_intent": order.charge.provider_id,
                "amount": order.amount,
                "metadata": {
                    "reference": str(order.charge.reference),
                    "refund_reference": str(order.reference),
                },
            },
            {"idempotency_key": str(order.reference)},
        )


def _known(order: Order, made: dict[str, Any]) -> Order:
    """Raises Unavailable."""
    if provider_id := parsing.word(made, "id"):
        return replace(order, provider_id=provider_id)
    raise Unavailable("malformed_answer")


def _is_for(made: dict[str, Any], order: Order) -> bool:
    name = "amount" if order.source else "amount_total"
    money = parsing.amount(made, name), parsing.word(made, "currency").upper()
    return money == (order.amount, order.currency)


def _intent_of(declined: stripe.CardError) -> str:
    return parsing.word(declined.json_body, "error", "payment_intent", "id")


def _charge_answer(intent: dict[str, Any]) -> Answer:
    answer = _answer(intent, CHARGES)
    if parsing.word(intent, "status") == "requires_payment_method" and checkout.is_of_session(
        intent
    ):
        return replace(answer, outcome=Outcome.PROCESSING)
    if answer.outcome is not Outcome.PROCESSING:
        return answer
    approve_at = parsing.url(intent, "next_action", "redirect_to_url", "url")
    return replace(answer, approve_at=approve_at)


def _answer(found: dict[str, Any], outcomes: Mapping[str, Outcome]) -> Answer:
    status, provider_id = parsing.word(found, "status"), parsing.word(found, "id")
    if not status or not provider_id:
        raise Unavailable("malformed_answer")
    return Answer(outcome=outcomes.get(status, Outcome.PROCESSING), provider_id=provider_id)
