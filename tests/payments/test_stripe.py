"""What only Stripe's API requires of its gateway."""

from dataclasses import replace

import pytest

from apps.payments.gateways.base import Outcome, ProviderError, ProviderResult
from apps.payments.gateways.stripe.gateway import API_VERSION
from tests.payments.doubles import RETURN_URL, Reply, charge_request, outcome, report
from tests.payments.stripe_double import BANK, REQUIRES_ACTION, UNKNOWN_METHOD, StripeDouble

NEW_URL = "https://crown.new.example/pay/1/back"


def test_a_charge_is_one_confirmed_payment_intent(stripe: StripeDouble) -> None:
    request = charge_request("tok_visa")
    assert stripe.gateway.charge(request).provider_id == "pi_0"
    [sent] = stripe.requests
    assert sent.headers["idempotency-key"] == str(request.reference)
    assert sent.headers["stripe-version"] == API_VERSION
    form = sent.form()
    assert (form["amount"], form["currency"], form["confirm"]) == ("1005", "eur", "true")
    assert form["metadata[reference]"] == str(request.reference)
    assert form["return_url"] == RETURN_URL
    assert form["payment_method_data[card][token]"] == "tok_visa"
    stripe.gateway.charge(charge_request("pm_card_visa"))
    assert stripe.requests[-1].form()["payment_method"] == "pm_card_visa"


@pytest.mark.parametrize("source", ["tok_visa", ""])
def test_a_reference_with_another_amount_is_an_error(stripe: StripeDouble, source: str) -> None:
    request = charge_request(source)
    stripe.gateway.charge(request)
    with pytest.raises(ProviderError, match="IdempotencyError"):
        stripe.gateway.charge(replace(request, amount=2000))
    assert stripe.charges() == 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("tok_visa", Outcome.SUCCEEDED),
        (StripeDouble.SLOW, Outcome.PROCESSING),
        (StripeDouble.DECLINED, Outcome.DECLINED),
        ("", Outcome.PROCESSING),
    ],
)
def test_a_deploy_with_another_public_url_does_not_charge_again(
    stripe: StripeDouble, source: str, expected: Outcome
) -> None:
    """The response to the first request was lost."""
    request = charge_request(source)
    first = stripe.gateway.charge(request)
    again = stripe.gateway.charge(replace(request, return_url=NEW_URL))
    assert (again.outcome, again.provider_id) == (expected, first.provider_id)
    assert again.approve_url == first.approve_url
    assert stripe.charges() == 1


def test_a_session_that_was_paid_before_a_deploy_has_succeeded(stripe: StripeDouble) -> None:
    request = stripe.charged("")
    stripe.pay_on_page(request.provider_id)
    again = stripe.gateway.charge(replace(request, return_url=NEW_URL))
    assert again.outcome is Outcome.SUCCEEDED


def test_an_invalid_request_is_an_error_also_with_other_parameters(stripe: StripeDouble) -> None:
    request = charge_request("tok_visa", currency="DLC")
    for repeated in (request, replace(request, return_url=NEW_URL)):
        with pytest.raises(ProviderError):
            stripe.gateway.charge(repeated)
    assert not stripe.intents


def test_a_session_whose_id_was_lost_is_found_and_canceled(stripe: StripeDouble) -> None:
    request = charge_request()
    session_id = stripe.gateway.charge(request).provider_id
    for _ in range(3):
        stripe.gateway.charge(charge_request())
    result = stripe.gateway.cancel(request)
    assert result == ProviderResult(outcome=Outcome.DECLINED, provider_id=session_id)
    assert [session["status"] for session in stripe.sessions.values()].count("open") == 3


def test_a_charge_whose_id_was_lost_is_found(stripe: StripeDouble) -> None:
    request = stripe.charged(stripe.SLOW)
    stripe.complete(request.provider_id)
    assert stripe.gateway.retrieve(replace(request, provider_id="")) == ProviderResult(
        outcome=Outcome.SUCCEEDED, provider_id=request.provider_id
    )


@pytest.mark.parametrize(
    ("source", "intent_id"), [(StripeDouble.DECLINED, "pi_0"), (UNKNOWN_METHOD, "")]
)
def test_a_decline_has_the_id_of_the_payment_intent_if_there_is_one(
    stripe: StripeDouble, source: str, intent_id: str
) -> None:
    result = stripe.gateway.charge(charge_request(source))
    assert result == ProviderResult(outcome=Outcome.DECLINED, provider_id=intent_id)


def test_a_server_error_is_retried_once_with_the_same_key(stripe: StripeDouble) -> None:
    stripe.coming = [Reply(500, {"error": {"type": "api_error"}})]
    assert stripe.gateway.charge(charge_request("tok_visa")).outcome is Outcome.SUCCEEDED
    first, second = stripe.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_the_report_skips_charges_of_other_applications(stripe: StripeDouble) -> None:
    requests = [stripe.charged("tok_visa") for _ in range(5)]
    stripe.intents["pi_2"]["metadata"] = {}
    references = {request.reference for request in requests if request.provider_id != "pi_2"}
    assert {transaction.reference for transaction in report(stripe.gateway)} == references


def test_a_report_that_fails_on_a_later_page_is_an_error(stripe: StripeDouble) -> None:
    for _ in range(5):
        stripe.gateway.charge(charge_request("tok_visa"))
    transactions = report(stripe.gateway)
    next(transactions)
    stripe.coming = [Reply(500, b"")] * 2
    with pytest.raises(ProviderError):
        list(transactions)


def test_a_bank_that_requires_authentication_has_a_page(stripe: StripeDouble) -> None:
    request = charge_request(REQUIRES_ACTION)
    result = stripe.gateway.charge(request)
    assert (result.outcome, result.approve_url) == (Outcome.PROCESSING, BANK)
    request = replace(request, provider_id=result.provider_id)
    stripe.intents["pi_0"] |= {"status": "succeeded", "next_action": None}
    assert outcome(stripe.gateway.retrieve(request)) is Outcome.SUCCEEDED


def test_a_charge_that_requires_authentication_can_be_canceled(stripe: StripeDouble) -> None:
    request = stripe.charged(REQUIRES_ACTION)
    assert outcome(stripe.gateway.cancel(request)) is Outcome.DECLINED
    assert stripe.intents["pi_0"]["status"] == "canceled"


def test_a_processing_charge_cannot_be_canceled(stripe: StripeDouble) -> None:
    request = stripe.charged(stripe.SLOW)
    assert stripe.gateway.cancel(request) == stripe.gateway.retrieve(request)


def test_a_checkout_session_has_the_amount_and_the_return_url(stripe: StripeDouble) -> None:
    request = stripe.charged("")
    params = stripe.sessions[request.provider_id]["params"]
    assert params["success_url"] == RETURN_URL
    assert params["metadata[reference]"] == str(request.reference)
    assert params["line_items[0][price_data][unit_amount]"] == "1005"


def test_a_declined_card_in_checkout_can_be_replaced(stripe: StripeDouble) -> None:
    request = stripe.charged("")
    session = stripe.sessions[request.provider_id]
    intent = stripe.pay(session, StripeDouble.DECLINED)
    for provider_id in (request.provider_id, "", intent["id"]):
        result = stripe.gateway.retrieve(replace(request, provider_id=provider_id))
        assert outcome(result) is Outcome.PROCESSING
    stripe.pay(session, "tok_visa")
    assert stripe.gateway.retrieve(request) == ProviderResult(
        outcome=Outcome.SUCCEEDED, provider_id=intent["id"]
    )


@pytest.mark.parametrize(
    "session",
    [
        [],
        {"id": "pi_1", "status": "open", "url": BANK},
        {"id": "cs_1", "status": "new", "url": BANK},
        {"id": "cs_1", "status": "open"},
        {"id": "cs_1", "status": "open", "url": "javascript:alert(1)"},
        {"id": "cs_1", "status": "open", "url": "http://checkout.stripe.com/"},
    ],
)
def test_a_malformed_session_is_an_error(stripe: StripeDouble, session: object) -> None:
    stripe.coming = [Reply(200, session)]
    with pytest.raises(ProviderError):
        stripe.gateway.charge(charge_request())


@pytest.mark.parametrize("intent", [None, "pi_1", {"id": "pi_1"}])
def test_a_complete_session_needs_a_payment_intent(stripe: StripeDouble, intent: object) -> None:
    session = {"id": "cs_1", "status": "complete", "payment_intent": intent}
    stripe.coming = [Reply(200, session)]
    with pytest.raises(ProviderError):
        stripe.gateway.retrieve(charge_request(provider_id="cs_1"))
