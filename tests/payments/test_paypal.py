"""Our PayPal client, against an HTTP server that speaks as PayPal's documentation says."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.payments.gateways.base import Answer, Entry, Order, Outcome, RefundOrder, Unavailable
from apps.payments.gateways.paypal import amounts
from apps.payments.gateways.paypal.gateway import PayPalGateway
from tests.payments.doubles import Faults, Reply, served
from tests.payments.paypal_double import DECLINED, ID, SECRET, SLOW, UNAPPROVED, PayPalDouble

BACK = "https://crown.example/pay/1/back"


class World:
    def __init__(self, double: PayPalDouble, base: str, faults: Faults) -> None:
        self.double, self.base, self.faults = double, base, faults
        self.paypal = PayPalGateway(ID, SECRET, "WH-1", base, 1)


@pytest.fixture
def world() -> Iterator[World]:
    double = PayPalDouble()
    with served(double) as (base, faults):
        yield World(double, base, faults)


def an_order(source: str = "vault-1", amount: int = 1005) -> Order:
    return Order(
        reference=uuid.uuid4(), created_at=datetime.now(UTC), amount=amount, currency="EUR",
        source=source, back_to=BACK,
    )  # fmt: skip


def charged(world: World) -> Order:
    order = an_order()
    return replace(order, provider_id=world.paypal.charge(order).provider_id)


def test_a_charge_is_one_order_that_is_captured(world: World) -> None:
    order = an_order()
    answer = world.paypal.charge(order)
    assert answer == Answer(outcome=Outcome.SUCCEEDED, provider_id="ORDER-0")
    assert world.faults.requests[-1].headers["paypal-request-id"] == str(order.reference)
    [unit] = world.double.orders["ORDER-0"]["purchase_units"]
    assert unit["custom_id"] == str(order.reference)
    assert unit["amount"] == {"currency_code": "EUR", "value": "10.05"}


def test_an_order_that_is_only_made_is_captured_as_well(world: World) -> None:
    world.double.captures_at_once = False
    order = an_order()
    assert world.paypal.charge(order).outcome is Outcome.SUCCEEDED
    made, captured = world.faults.requests[1:]
    assert captured.path == "/v2/checkout/orders/ORDER-0/capture"
    assert captured.headers["paypal-request-id"] != made.headers["paypal-request-id"]


def test_asked_again_paypal_replays_and_charges_once(world: World) -> None:
    order = an_order()
    assert world.paypal.charge(order) == world.paypal.charge(order)
    assert len(world.double.orders) == 1


def test_one_signs_in_once_for_many_requests(world: World) -> None:
    for _ in range(3):
        world.paypal.charge(an_order())
    assert world.double.signed_in == 1


def test_a_token_that_was_revoked_is_renewed_and_the_request_made_again(world: World) -> None:
    world.paypal.charge(an_order())
    world.double.token = "A21AA-second"
    assert world.paypal.charge(an_order()).outcome is Outcome.SUCCEEDED
    assert world.double.signed_in == 2


def test_what_the_buyer_would_have_to_mend_is_declined(world: World) -> None:
    assert world.paypal.charge(an_order(DECLINED)).outcome is Outcome.DECLINED


def asked_on_page(world: World, source: str = "") -> tuple[Order, dict[str, Any]]:
    """A charge that the buyer has to approve on PayPal's page."""
    order = an_order(source)
    answer = world.paypal.charge(order)
    page = "https://www.paypal.com/checkoutnow?token=ORDER-0"
    assert answer == Answer(outcome=Outcome.PROCESSING, provider_id="ORDER-0", approve_at=page)
    return replace(order, provider_id="ORDER-0"), world.double.orders["ORDER-0"]


@pytest.mark.parametrize("source", ["", UNAPPROVED])
def test_what_the_buyer_approves_is_captured_once_they_did(world: World, source: str) -> None:
    order, theirs = asked_on_page(world, source)
    context = theirs["payment_source"]["paypal"]["experience_context"]
    assert context["return_url"] == context["cancel_url"] == BACK
    waiting = world.paypal.look_up(order)
    assert waiting
    assert waiting.outcome is Outcome.PROCESSING
    world.double.approve(theirs)
    charged = Answer(outcome=Outcome.SUCCEEDED, provider_id="ORDER-0")
    assert [world.paypal.look_up(order) for _ in range(2)] == [charged, charged]
    [*_, captured, _] = world.faults.requests
    assert captured.headers["paypal-request-id"] == f"{order.reference}-capture"


def test_what_waits_for_the_buyer_is_called_off_by_never_being_captured(world: World) -> None:
    order, theirs = asked_on_page(world)
    answer = world.paypal.give_up(order)
    assert answer
    assert answer.outcome is Outcome.DECLINED
    assert "payments" not in theirs["purchase_units"][0]


def test_what_was_approved_and_not_captured_can_still_be_called_off(world: World) -> None:
    order, theirs = asked_on_page(world)
    world.double.approve(theirs)
    answer = world.paypal.give_up(order)
    assert answer
    assert answer.outcome is Outcome.DECLINED
    assert "payments" not in theirs["purchase_units"][0]


def test_what_is_captured_is_not_called_off(world: World) -> None:
    order = charged(world)
    assert world.paypal.give_up(order) == world.paypal.look_up(order)
    assert world.paypal.give_up(an_order()) is None


def test_an_order_without_a_page_to_approve_it_on_is_unavailable(world: World) -> None:
    world.paypal.look_up(replace(an_order(), provider_id="ORDER-9"))  # signed in
    for links in (None, [], "x", [{"rel": "payer-action", "href": "javascript:alert(1)"}]):
        made = {"id": "ORDER-0", "status": "PAYER_ACTION_REQUIRED", "links": links}
        world.faults.coming = [Reply(201, made)]
        with pytest.raises(Unavailable):
            world.paypal.charge(an_order(""))


def test_an_approval_that_cannot_be_captured_is_declined(world: World) -> None:
    order, theirs = asked_on_page(world)
    world.double.approve(theirs)
    declined = Reply(422, {"details": [{"issue": "INSTRUMENT_DECLINED"}]})
    world.faults.coming = ["", declined]
    answer = world.paypal.look_up(order)
    assert answer
    assert answer.outcome is Outcome.DECLINED


def test_a_pending_capture_is_processing_until_it_is_not(world: World) -> None:
    order = an_order(SLOW)
    answer = world.paypal.charge(order)
    assert answer.outcome is Outcome.PROCESSING
    captures = world.double.orders["ORDER-0"]["purchase_units"][0]["payments"]["captures"]
    captures[0]["status"] = "COMPLETED"
    found = world.paypal.look_up(replace(order, provider_id=answer.provider_id))
    assert found == Answer(outcome=Outcome.SUCCEEDED, provider_id="ORDER-0")


def test_an_order_that_paypal_does_not_know_is_none(world: World) -> None:
    assert world.paypal.look_up(an_order()) is None
    assert world.paypal.look_up(replace(an_order(), provider_id="ORDER-9")) is None


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"name": "INTERNAL_SERVER_ERROR"}),
        Reply(503, b"<html>"),
        Reply(200, b"<html>"),
        Reply(200, []),
        Reply(201, {"id": 7, "status": []}),
        Reply(302, b""),
        Reply(400, {"name": "INVALID_REQUEST"}),
        Reply(429, {"name": "RATE_LIMIT_REACHED"}),
        Reply(422, {"details": [{"issue": "DUPLICATE_INVOICE_ID"}]}),
    ],
    ids=lambda reply: f"{reply.status} {reply.body}"[:40],
)
def test_what_is_no_answer_is_unavailable(world: World, reply: Reply) -> None:
    world.paypal.charge(an_order())
    world.faults.coming = [reply]
    with pytest.raises(Unavailable):
        world.paypal.charge(an_order())


@pytest.mark.parametrize("reply", [Reply(500, b""), Reply(200, {}), Reply(404, {"name": "?"})])
def test_who_cannot_sign_in_has_no_answer(world: World, reply: Reply) -> None:
    world.faults.coming = [reply]
    with pytest.raises(Unavailable):
        world.paypal.charge(an_order())


def test_a_silent_paypal_is_waited_for_no_longer_than_told_and_charges_once(world: World) -> None:
    world.paypal.look_up(replace(an_order(), provider_id="ORDER-9"))  # signed in
    world.faults.coming = ["silent"]
    order = an_order()
    with pytest.raises(Unavailable):
        world.paypal.charge(order)
    assert world.paypal.charge(order).outcome is Outcome.SUCCEEDED
    assert len(world.double.orders) == 1


def test_a_wrong_secret_is_told_without_the_secret(world: World) -> None:
    with pytest.raises(Unavailable) as raised:
        PayPalGateway(ID, "hunter2-hunter2", "WH-1", world.base, 1).charge(an_order())
    assert "hunter2" not in str(raised.value)


def test_a_refund_goes_back_once(world: World) -> None:
    refund = RefundOrder(charge=charged(world), reference=uuid.uuid4(), amount=405)
    answer = world.paypal.refund(refund)
    assert answer == world.paypal.refund(refund)
    assert answer == Answer(outcome=Outcome.SUCCEEDED, provider_id="REFUND-0")
    assert world.double.refunds["REFUND-0"]["amount"]["value"] == "4.05"
    assert world.paypal.refund(replace(refund, refund_id="REFUND-0")) == answer


def test_more_than_the_charge_does_not_go_back(world: World) -> None:
    order = charged(world)
    for amount, outcome in ((700, Outcome.SUCCEEDED), (700, Outcome.DECLINED)):
        refund = RefundOrder(charge=order, reference=uuid.uuid4(), amount=amount)
        assert world.paypal.refund(refund).outcome is outcome


def test_the_book_has_every_charge_with_what_went_back_of_it(world: World) -> None:
    orders = [charged(world), charged(world)]
    world.paypal.refund(RefundOrder(charge=orders[0], reference=uuid.uuid4(), amount=5))
    now = datetime.now(UTC)
    book = list(world.paypal.book(now - timedelta(hours=1), now))
    whole = {"amount": 1005, "currency": "EUR", "charged": True}
    assert book == [
        Entry(reference=orders[0].reference, refunded=5, **whole),  # type: ignore[arg-type]
        Entry(reference=orders[1].reference, refunded=0, **whole),  # type: ignore[arg-type]
    ]


def test_a_book_that_is_too_long_to_be_listed_is_no_book(world: World) -> None:
    for _ in range(21):
        charged(world)
    now = datetime.now(UTC)
    with pytest.raises(Unavailable, match="more_than_can_be_listed"):
        list(world.paypal.book(now - timedelta(hours=1), now))


@pytest.mark.parametrize(("amount", "written"), [(1, "0.01"), (100, "1.00"), (123456, "1234.56")])
def test_amounts_have_their_decimals(amount: int, written: str) -> None:
    assert amounts.told(amount, "EUR")["value"] == written
    assert amounts.read(written) == amounts.read(f"-{written}") == amount


@pytest.mark.parametrize("written", ["", "1", "1.0", "1.000", "1,00", "NaN", "١.٠٠", None, 1.0, []])
def test_what_is_no_amount_is_none(written: object) -> None:
    assert amounts.read(written) == 0
