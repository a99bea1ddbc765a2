"""The Stripe gateway against a double of Stripe's API."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from apps.payments.gateways.base import (
    ChargeRequest,
    Outcome,
    ProviderError,
    ProviderResult,
    RefundRequest,
)
from apps.payments.gateways.stripe.gateway import API_VERSION, StripeGateway
from tests.payments.doubles import Faults, Reply, served
from tests.payments.stripe_double import (
    BANK,
    DECLINED,
    KEY,
    REQUIRES_ACTION,
    SLOW,
    UNKNOWN_METHOD,
    StripeDouble,
)

RETURN_URL = "https://crown.example/pay/1/back"
NEW_URL = "https://crown.new.example/pay/1/back"


class World:
    def __init__(self, double: StripeDouble, base: str, faults: Faults) -> None:
        self.double, self.base, self.faults = double, base, faults
        self.stripe = StripeGateway(KEY, "whsec_x", base, 1)


@pytest.fixture
def world() -> Iterator[World]:
    double = StripeDouble()
    with served(double) as (base, faults):
        yield World(double, base, faults)


def charge_request(source: str = "tok_visa", **fields: object) -> ChargeRequest:
    values = {"amount": 1000, "currency": "EUR", "source": source, "return_url": RETURN_URL}
    return ChargeRequest(
        reference=uuid.uuid4(),
        created_at=datetime.now(UTC),
        **(values | fields),  # type: ignore[arg-type]
    )


def charged(world: World, source: str = "tok_visa") -> ChargeRequest:
    request = charge_request(source)
    return replace(request, provider_id=world.stripe.charge(request).provider_id)


def outcome(result: ProviderResult | None) -> Outcome:
    assert result
    return result.outcome


def test_a_charge_is_one_confirmed_payment_intent(world: World) -> None:
    request = charge_request()
    result = world.stripe.charge(request)
    assert result == ProviderResult(outcome=Outcome.SUCCEEDED, provider_id="pi_0")
    [sent] = world.faults.requests
    assert sent.headers["idempotency-key"] == str(request.reference)
    assert sent.headers["stripe-version"] == API_VERSION
    form = sent.form()
    assert (form["amount"], form["currency"], form["confirm"]) == ("1000", "eur", "true")
    assert form["metadata[reference]"] == str(request.reference)
    assert form["return_url"] == RETURN_URL


def test_a_payment_method_and_a_card_token_have_different_parameters(world: World) -> None:
    for source in ("pm_card_visa", "tok_visa"):
        world.stripe.charge(charge_request(source))
    method, token = (request.form() for request in world.faults.requests)
    assert method["payment_method"] == "pm_card_visa"
    assert token["payment_method_data[card][token]"] == "tok_visa"


def test_a_repeated_charge_is_charged_once(world: World) -> None:
    request = charge_request()
    assert world.stripe.charge(request) == world.stripe.charge(request)
    assert len(world.double.intents) == 1


@pytest.mark.parametrize("source", ["tok_visa", ""])
def test_the_same_reference_with_another_amount_is_an_error(world: World, source: str) -> None:
    request = charge_request(source)
    world.stripe.charge(request)
    with pytest.raises(ProviderError, match="IdempotencyError"):
        world.stripe.charge(replace(request, amount=2000))
    assert len(world.double.intents) + len(world.double.sessions) == 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("tok_visa", Outcome.SUCCEEDED),
        (SLOW, Outcome.PROCESSING),
        (DECLINED, Outcome.DECLINED),
        ("", Outcome.PROCESSING),
    ],
)
def test_a_deploy_with_another_public_url_does_not_charge_again(
    world: World, source: str, expected: Outcome
) -> None:
    """The response to the first request was lost."""
    request = charge_request(source)
    first = world.stripe.charge(request)
    again = world.stripe.charge(replace(request, return_url=NEW_URL))
    assert (again.outcome, again.provider_id) == (expected, first.provider_id)
    assert again.approve_url == first.approve_url
    assert len(world.double.intents) + len(world.double.sessions) == 1


def test_a_session_that_was_paid_before_a_deploy_has_succeeded(world: World) -> None:
    request = charge_request("")
    session = world.double.sessions[world.stripe.charge(request).provider_id]
    world.double.pay(session, "tok_visa")
    again = world.stripe.charge(replace(request, return_url=NEW_URL))
    assert again.outcome is Outcome.SUCCEEDED


def test_an_invalid_request_is_an_error_also_with_other_parameters(world: World) -> None:
    request = charge_request(currency="DLC")
    for repeated in (request, replace(request, return_url=NEW_URL)):
        with pytest.raises(ProviderError):
            world.stripe.charge(repeated)
    assert not world.double.intents


def test_a_session_whose_id_was_lost_is_found_among_others_and_canceled(world: World) -> None:
    request = charge_request("")
    session_id = world.stripe.charge(request).provider_id
    for _ in range(3):
        world.stripe.charge(charge_request(""))
    result = world.stripe.cancel(request)
    assert result == ProviderResult(outcome=Outcome.DECLINED, provider_id=session_id)
    statuses = [session["status"] for session in world.double.sessions.values()]
    assert statuses.count("open") == 3


def test_a_declined_card_has_the_id_of_its_payment_intent(world: World) -> None:
    result = world.stripe.charge(charge_request(DECLINED))
    assert result == ProviderResult(outcome=Outcome.DECLINED, provider_id="pi_0")


def test_an_unknown_payment_method_is_declined(world: World) -> None:
    assert world.stripe.charge(charge_request(UNKNOWN_METHOD)).outcome is Outcome.DECLINED


def test_a_slow_charge_is_processing_until_it_succeeds(world: World) -> None:
    request = charged(world, SLOW)
    assert outcome(world.stripe.retrieve(request)) is Outcome.PROCESSING
    world.double.intents[request.provider_id]["status"] = "succeeded"
    for known in (request, replace(request, provider_id="")):
        result = world.stripe.retrieve(known)
        expected = ProviderResult(outcome=Outcome.SUCCEEDED, provider_id=request.provider_id)
        assert result == expected


def test_an_unknown_charge_is_none(world: World) -> None:
    assert world.stripe.retrieve(charge_request()) is None


def test_a_server_error_is_retried_once_with_the_same_key(world: World) -> None:
    error = Reply(500, {"error": {"type": "api_error"}})
    world.faults.coming = [error]
    assert world.stripe.charge(charge_request()).outcome is Outcome.SUCCEEDED
    first, second = world.faults.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    world.faults.coming = [error] * 9
    with pytest.raises(ProviderError):
        world.stripe.charge(charge_request())
    assert len(world.faults.requests) == 4


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>"),
        Reply(200, b""),
        Reply(200, {"object": "payment_intent"}),
        Reply(200, {"object": "payment_intent", "id": 7, "status": ["succeeded"]}),
        Reply(429, {"error": {"type": "rate_limit_error"}}),
        Reply(403, {"error": {"type": "invalid_request_error"}}),
        Reply(502, b"bad gateway"),
    ],
    ids=lambda reply: f"{reply.status} {reply.body}"[:40],
)
def test_a_failed_or_malformed_response_is_an_error(world: World, reply: Reply) -> None:
    world.faults.coming = [reply, reply]
    with pytest.raises(ProviderError):
        world.stripe.charge(charge_request())


def test_a_timeout_is_an_error_and_a_repeated_request_charges_once(world: World) -> None:
    world.faults.coming = ["silent", "silent"]
    request = charge_request()
    with pytest.raises(ProviderError):
        world.stripe.charge(request)
    assert world.stripe.charge(request).outcome is Outcome.SUCCEEDED
    assert len(world.double.intents) == 1


def test_a_refused_connection_is_an_error() -> None:
    with pytest.raises(ProviderError):
        StripeGateway(KEY, "whsec_x", "http://127.0.0.1:9", 1).charge(charge_request())


def test_the_error_for_a_wrong_key_does_not_contain_it(world: World) -> None:
    with pytest.raises(ProviderError) as raised:
        StripeGateway("sk_live_secret", "whsec_x", world.base, 1).charge(charge_request())
    assert "secret" not in str(raised.value)


def test_a_repeated_refund_refunds_once(world: World) -> None:
    refund = RefundRequest(charge=charged(world), reference=uuid.uuid4(), amount=400)
    result = world.stripe.refund(refund)
    assert result.outcome is Outcome.SUCCEEDED
    assert world.stripe.refund(refund) == result
    assert world.stripe.refund(replace(refund, refund_id=result.provider_id)) == result
    assert world.double.intents["pi_0"]["latest_charge"]["amount_refunded"] == 400


def test_refunds_of_more_than_the_charge_are_declined(world: World) -> None:
    request = charged(world)
    for expected in (Outcome.SUCCEEDED, Outcome.DECLINED):
        refund = RefundRequest(charge=request, reference=uuid.uuid4(), amount=700)
        assert world.stripe.refund(refund).outcome is expected


def test_the_report_has_every_charge_of_this_application_from_all_pages(world: World) -> None:
    requests = [charge_request(amount=100 + number) for number in range(5)]
    for request in requests:
        world.stripe.charge(request)
    world.double.intents["pi_2"]["metadata"] = {}  # of another application
    now = datetime.now(UTC)
    end = now + timedelta(minutes=1)
    report = list(world.stripe.list_transactions(now - timedelta(hours=1), end))
    assert {transaction.reference: transaction.amount for transaction in report} == {
        request.reference: request.amount for request in requests if request is not requests[2]
    }
    assert {(entry.currency, entry.charged, entry.refunded) for entry in report} == {
        ("EUR", True, 0)
    }


def test_a_report_that_fails_on_a_later_page_is_an_error(world: World) -> None:
    for _ in range(5):
        world.stripe.charge(charge_request())
    now = datetime.now(UTC)
    report = world.stripe.list_transactions(now - timedelta(hours=1), now + timedelta(minutes=1))
    next(report)
    world.faults.coming = [Reply(500, b"")] * 2
    with pytest.raises(ProviderError):
        list(report)


def test_a_bank_that_requires_authentication_has_a_page(world: World) -> None:
    request = charge_request(REQUIRES_ACTION)
    assert world.stripe.charge(request) == ProviderResult(
        outcome=Outcome.PROCESSING, provider_id="pi_0", approve_url=BANK
    )
    world.double.intents["pi_0"] |= {"status": "succeeded", "next_action": None}
    assert world.stripe.retrieve(replace(request, provider_id="pi_0")) == ProviderResult(
        outcome=Outcome.SUCCEEDED, provider_id="pi_0"
    )


def test_without_a_source_the_payer_gets_one_checkout_session(world: World) -> None:
    request = charge_request("")
    result = world.stripe.charge(request)
    assert result.outcome is Outcome.PROCESSING
    assert str(result.approve_url).startswith("https://checkout.stripe.com/")
    assert world.stripe.charge(request).provider_id == result.provider_id
    params = world.double.sessions[result.provider_id]["params"]
    assert params["success_url"] == RETURN_URL
    assert params["metadata[reference]"] == str(request.reference)
    assert params["line_items[0][price_data][unit_amount]"] == "1000"


def test_a_declined_card_in_checkout_can_be_replaced(world: World) -> None:
    request = charged(world, "")
    session = world.double.sessions[request.provider_id]
    intent = world.double.pay(session, DECLINED)
    for provider_id in (request.provider_id, "", intent["id"]):
        result = world.stripe.retrieve(replace(request, provider_id=provider_id))
        assert outcome(result) is Outcome.PROCESSING
    world.double.pay(session, "tok_visa")
    assert world.stripe.retrieve(request) == ProviderResult(
        outcome=Outcome.SUCCEEDED, provider_id=intent["id"]
    )


@pytest.mark.parametrize("source", ["", REQUIRES_ACTION])
def test_a_charge_that_requires_action_can_be_canceled(world: World, source: str) -> None:
    request = charged(world, source)
    for _ in range(2):
        assert outcome(world.stripe.cancel(request)) is Outcome.DECLINED
    objects = world.double.sessions | world.double.intents
    statuses = [item["status"] for item in objects.values()]
    assert statuses == ["canceled" if source else "expired"]


def test_a_paid_or_processing_charge_cannot_be_canceled(world: World) -> None:
    request = charged(world, "")
    world.double.pay(world.double.sessions[request.provider_id], "tok_visa")
    paid = ProviderResult(outcome=Outcome.SUCCEEDED, provider_id="pi_0")
    assert world.stripe.cancel(request) == paid
    request = charged(world, SLOW)
    assert world.stripe.cancel(request) == world.stripe.retrieve(request)


@pytest.mark.parametrize(
    "session",
    [
        {},
        [],
        {"id": "pi_1", "status": "open", "url": BANK},
        {"id": "cs_1", "url": BANK},
        {"id": "cs_1", "status": "new", "url": BANK},
        {"id": "cs_1", "status": "open"},
        {"id": "cs_1", "status": "open", "url": "javascript:alert(1)"},
        {"id": "cs_1", "status": "open", "url": "http://checkout.stripe.com/"},
    ],
)
def test_a_malformed_session_is_an_error(world: World, session: object) -> None:
    world.faults.coming = [Reply(200, session)]
    with pytest.raises(ProviderError):
        world.stripe.charge(charge_request(""))


@pytest.mark.parametrize("intent", [None, "pi_1", 5, [], {}, {"id": "pi_1"}])
def test_a_complete_session_without_a_payment_intent_is_an_error(
    world: World, intent: object
) -> None:
    session = {"id": "cs_1", "status": "complete", "payment_intent": intent}
    world.faults.coming = [Reply(200, session)]
    with pytest.raises(ProviderError):
        world.stripe.retrieve(replace(charge_request(""), provider_id="cs_1"))
