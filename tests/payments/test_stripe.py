"""Our Stripe client, against an HTTP server that speaks as Stripe's documentation says."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from apps.payments.gateways.base import Answer, Order, Outcome, RefundOrder, Unavailable
from apps.payments.gateways.stripe.gateway import API_VERSION, StripeGateway
from tests.payments.doubles import Faults, Reply, served
from tests.payments.stripe_double import (
    ASKS_BANK,
    BANK,
    DECLINED,
    KEY,
    NOT_THERE,
    SLOW,
    StripeDouble,
)

BACK = "https://crown.example/pay/1/back"


class World:
    def __init__(self, double: StripeDouble, base: str, faults: Faults) -> None:
        self.double, self.base, self.faults = double, base, faults
        self.stripe = StripeGateway(KEY, "whsec_x", base, 1)


@pytest.fixture
def world() -> Iterator[World]:
    double = StripeDouble()
    with served(double) as (base, faults):
        yield World(double, base, faults)


def an_order(source: str = "tok_visa", **fields: object) -> Order:
    values = {"amount": 1000, "currency": "EUR", "source": source, "back_to": BACK} | fields
    return Order(reference=uuid.uuid4(), created_at=datetime.now(UTC), **values)  # type: ignore[arg-type]


def charged(world: World) -> Order:
    order = an_order()
    return replace(order, provider_id=world.stripe.charge(order).provider_id)


def test_a_charge_is_one_confirmed_intent_under_our_reference(world: World) -> None:
    order = an_order()
    answer = world.stripe.charge(order)
    assert answer == Answer(outcome=Outcome.SUCCEEDED, provider_id="pi_0")
    [request] = world.faults.requests
    assert request.headers["idempotency-key"] == str(order.reference)
    assert request.headers["stripe-version"] == API_VERSION
    sent = request.form()
    assert (sent["amount"], sent["currency"], sent["confirm"]) == ("1000", "eur", "true")
    assert sent["metadata[reference]"] == str(order.reference)
    assert sent["return_url"] == BACK


def test_a_payment_method_is_sent_as_one_and_a_token_as_a_card(world: World) -> None:
    for source in ("pm_card_visa", "tok_visa"):
        world.stripe.charge(an_order(source))
    method, token = (request.form() for request in world.faults.requests)
    assert method["payment_method"] == "pm_card_visa"
    assert token["payment_method_data[card][token]"] == "tok_visa"


def test_asked_again_stripe_replays_and_charges_once(world: World) -> None:
    order = an_order()
    assert world.stripe.charge(order) == world.stripe.charge(order)
    assert len(world.double.intents) == 1


def test_the_same_reference_for_another_amount_is_no_charge(world: World) -> None:
    order = an_order()
    world.stripe.charge(order)
    with pytest.raises(Unavailable, match="IdempotencyError"):
        world.stripe.charge(replace(order, amount=2000))
    assert len(world.double.intents) == 1


MOVED = "https://crown.new.example/pay/1/back"


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("tok_visa", Outcome.SUCCEEDED),
        (SLOW, Outcome.PROCESSING),
        (DECLINED, Outcome.DECLINED),
        ("", Outcome.PROCESSING),
    ],
)
def test_a_deploy_that_changes_what_is_sent_does_not_charge_again(
    world: World, source: str, outcome: Outcome
) -> None:
    """The answer to the first request was lost, and PUBLIC_URL is another by the second."""
    order = an_order(source)
    first = world.stripe.charge(order)
    again = world.stripe.charge(replace(order, back_to=MOVED))
    assert (again.outcome, again.provider_id) == (outcome, first.provider_id)
    assert again.approve_at == first.approve_at
    assert len(world.double.intents) + len(world.double.sessions) == 1


def test_a_page_that_was_paid_on_meanwhile_is_found_as_paid(world: World) -> None:
    order = an_order("")
    page = world.double.sessions[world.stripe.charge(order).provider_id]
    world.double.pay(page, "tok_visa")
    assert world.stripe.charge(replace(order, back_to=MOVED)).outcome is Outcome.SUCCEEDED


def test_a_page_for_another_amount_is_not_taken_for_it(world: World) -> None:
    order = an_order("")
    world.stripe.charge(order)
    with pytest.raises(Unavailable, match="IdempotencyError"):
        world.stripe.charge(replace(order, amount=2000))
    assert len(world.double.sessions) == 1


def test_a_key_under_which_nothing_was_made_stays_refused(world: World) -> None:
    order = an_order(currency="DLC")
    for asked in (order, replace(order, back_to=MOVED)):
        with pytest.raises(Unavailable):
            world.stripe.charge(asked)
    assert not world.double.intents


def test_a_page_whose_address_never_came_is_found_among_others_and_closed(world: World) -> None:
    order = an_order("")
    session_id = world.stripe.charge(order).provider_id
    for _ in range(3):
        world.stripe.charge(an_order(""))
    answer = world.stripe.give_up(order)
    assert answer == Answer(outcome=Outcome.DECLINED, provider_id=session_id)
    assert [one["status"] for one in world.double.sessions.values()].count("open") == 3


def test_a_declined_card_is_declined_and_known_by_its_intent(world: World) -> None:
    answer = world.stripe.charge(an_order(DECLINED))
    assert answer == Answer(outcome=Outcome.DECLINED, provider_id="pi_0")


def test_a_payment_method_that_is_not_there_is_declined(world: World) -> None:
    assert world.stripe.charge(an_order(NOT_THERE)).outcome is Outcome.DECLINED


def test_what_is_wrong_with_our_request_is_no_decline(world: World) -> None:
    with pytest.raises(Unavailable):
        world.stripe.charge(an_order(currency="DLC"))


def test_a_slow_charge_is_processing_until_it_is_not(world: World) -> None:
    order = an_order(SLOW)
    answer = world.stripe.charge(order)
    assert answer.outcome is Outcome.PROCESSING
    world.double.intents[answer.provider_id]["status"] = "succeeded"
    for known in (order, replace(order, provider_id=answer.provider_id)):
        found = world.stripe.look_up(known)
        assert found == Answer(outcome=Outcome.SUCCEEDED, provider_id=answer.provider_id)


def test_a_charge_that_stripe_does_not_know_is_none(world: World) -> None:
    assert world.stripe.look_up(an_order()) is None


def test_an_error_of_stripes_is_tried_once_more_under_the_same_key(world: World) -> None:
    broken = Reply(500, {"error": {"type": "api_error"}})
    world.faults.coming = [broken]
    assert world.stripe.charge(an_order()).outcome is Outcome.SUCCEEDED
    first, second = world.faults.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    world.faults.coming = [broken] * 9
    with pytest.raises(Unavailable):
        world.stripe.charge(an_order())
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
def test_what_is_no_answer_is_unavailable(world: World, reply: Reply) -> None:
    world.faults.coming = [reply, reply]
    with pytest.raises(Unavailable):
        world.stripe.charge(an_order())


def test_a_silent_stripe_is_waited_for_no_longer_than_told_and_charges_once(world: World) -> None:
    world.faults.coming = ["silent", "silent"]
    order = an_order()
    with pytest.raises(Unavailable):
        world.stripe.charge(order)
    assert world.stripe.charge(order).outcome is Outcome.SUCCEEDED
    assert len(world.double.intents) == 1


def test_nobody_listening_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        StripeGateway(KEY, "whsec_x", "http://127.0.0.1:9", 1).charge(an_order())


def test_a_wrong_key_is_told_without_the_key(world: World) -> None:
    with pytest.raises(Unavailable) as raised:
        StripeGateway("sk_live_secret", "whsec_x", world.base, 1).charge(an_order())
    assert "secret" not in str(raised.value)


def test_a_refund_goes_back_once(world: World) -> None:
    refund = RefundOrder(charge=charged(world), reference=uuid.uuid4(), amount=400)
    answer = world.stripe.refund(refund)
    assert answer == world.stripe.refund(refund)
    assert answer.outcome is Outcome.SUCCEEDED
    assert world.double.intents["pi_0"]["latest_charge"]["amount_refunded"] == 400
    asked_again = world.stripe.refund(replace(refund, refund_id=answer.provider_id))
    assert asked_again == answer


def test_more_than_the_charge_does_not_go_back(world: World) -> None:
    order = charged(world)
    for amount, outcome in ((700, Outcome.SUCCEEDED), (700, Outcome.DECLINED)):
        refund = RefundOrder(charge=order, reference=uuid.uuid4(), amount=amount)
        assert world.stripe.refund(refund).outcome is outcome


def test_the_book_has_every_charge_of_ours_over_all_pages(world: World) -> None:
    orders = [an_order(amount=100 + number) for number in range(5)]
    for order in orders:
        world.stripe.charge(order)
    world.double.intents["pi_2"]["metadata"] = {}  # of another shop's
    now = datetime.now(UTC)
    book = list(world.stripe.book(now - timedelta(hours=1), now + timedelta(minutes=1)))
    assert {entry.reference: entry.amount for entry in book} == {
        order.reference: order.amount for order in orders if order is not orders[2]
    }
    assert {(entry.currency, entry.charged, entry.refunded) for entry in book} == {("EUR", True, 0)}


def test_a_book_that_cannot_be_read_to_its_end_is_no_book(world: World) -> None:
    for _ in range(5):
        world.stripe.charge(an_order())
    now = datetime.now(UTC)
    pages = world.stripe.book(now - timedelta(hours=1), now + timedelta(minutes=1))
    next(pages)
    world.faults.coming = [Reply(500, b"")] * 2
    with pytest.raises(Unavailable):
        list(pages)


def test_a_bank_that_asks_the_payer_is_waited_for(world: World) -> None:
    order = an_order(ASKS_BANK)
    answer = world.stripe.charge(order)
    assert answer == Answer(outcome=Outcome.PROCESSING, provider_id="pi_0", approve_at=BANK)
    world.double.intents["pi_0"] |= {"status": "succeeded", "next_action": None}
    found = world.stripe.look_up(replace(order, provider_id="pi_0"))
    assert found == Answer(outcome=Outcome.SUCCEEDED, provider_id="pi_0")


def asked_on_page(world: World) -> Order:
    """A charge for which Stripe asks the payer on its own page."""
    order = an_order("")
    answer = world.stripe.charge(order)
    assert answer.outcome is Outcome.PROCESSING
    assert str(answer.approve_at).startswith("https://checkout.stripe.com/")
    return replace(order, provider_id=answer.provider_id)


def test_without_a_source_stripe_asks_on_its_page_once(world: World) -> None:
    order = asked_on_page(world)
    assert world.stripe.charge(replace(order, provider_id="")).provider_id == order.provider_id
    asked = world.double.sessions[order.provider_id]["asked"]
    assert (asked["success_url"], asked["metadata[reference]"]) == (BACK, str(order.reference))
    assert asked["line_items[0][price_data][unit_amount]"] == "1000"


def test_a_card_that_is_declined_on_the_page_is_not_the_end(world: World) -> None:
    order = asked_on_page(world)
    session = world.double.sessions[order.provider_id]
    intent = world.double.pay(session, DECLINED)
    for known in (order, replace(order, provider_id=""), replace(order, provider_id=intent["id"])):
        found = world.stripe.look_up(known)
        assert found
        assert found.outcome is Outcome.PROCESSING
    world.double.pay(session, "tok_visa")
    found = world.stripe.look_up(order)
    assert found == Answer(outcome=Outcome.SUCCEEDED, provider_id=intent["id"])


@pytest.mark.parametrize("source", ["", ASKS_BANK])
def test_what_waits_for_the_payer_can_be_called_off(world: World, source: str) -> None:
    order = an_order(source)
    order = replace(order, provider_id=world.stripe.charge(order).provider_id)
    for _ in range(2):
        answer = world.stripe.give_up(order)
        assert answer
        assert answer.outcome is Outcome.DECLINED
    statuses = [one["status"] for one in (world.double.sessions | world.double.intents).values()]
    assert statuses == ["expired" if not source else "canceled"]


def test_what_is_paid_or_on_its_way_is_not_called_off(world: World) -> None:
    order = asked_on_page(world)
    world.double.pay(world.double.sessions[order.provider_id], "tok_visa")
    assert world.stripe.give_up(order) == Answer(outcome=Outcome.SUCCEEDED, provider_id="pi_0")
    order = an_order(SLOW)
    order = replace(order, provider_id=world.stripe.charge(order).provider_id)
    assert world.stripe.give_up(order) == world.stripe.look_up(order)


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
def test_a_page_that_cannot_be_understood_is_unavailable(world: World, session: object) -> None:
    world.faults.coming = [Reply(200, session)]
    with pytest.raises(Unavailable):
        world.stripe.charge(an_order(""))


@pytest.mark.parametrize("intent", [None, "pi_1", 5, [], {}, {"id": "pi_1"}])
def test_a_page_that_is_over_without_an_intent_is_unavailable(world: World, intent: object) -> None:
    session = {"id": "cs_1", "status": "complete", "payment_intent": intent}
    world.faults.coming = [Reply(200, session)]
    with pytest.raises(Unavailable):
        world.stripe.look_up(replace(an_order(""), provider_id="cs_1"))
