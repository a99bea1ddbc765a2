from apps.payments.services import coins_transfer, refund_create, wallet_issuer, wallet_of
from tests.world import World, everything_stored

CARD = {"method": "STRIPE", "token": "tok_visa"}


def test_a_free_registration_is_confirmed_immediately(world: World) -> None:
    answer = world.send("carol", "POST", "/api/tournaments/{open}/registrations")
    registration = answer.json()
    assert answer.status_code == 201
    assert registration.pop("id") > 0
    assert registration == {
        "tournament_id": world.ids["open"],
        "player": {"id": world.people["carol"].pk, "username": "carol"},
        "status": "confirmed",
        "name": "carol",
        "team": None,
        "stands_by": False,
        "seed": None,
        "place": None,
        "pay_until": None,
        "amount_due": 0,
        "currency": "EUR",
    }
    assert world.send("anonymous", "GET", "/api/tournaments/{open}").json()["entrants"] == 2


def test_a_registration_with_a_fee_is_confirmed_by_its_payment(world: World) -> None:
    registration = world.send("carol", "POST", "/api/tournaments/{paid}/registrations").json()
    assert (registration["status"], registration["amount_due"]) == ("pending_payment", 1000)
    body = CARD | {"registration_id": registration["id"]}
    answer = world.send("carol", "POST", "/api/payments/", body, {"idempotency-key": "k"})
    payment = answer.json()
    assert answer.status_code == 201
    assert payment == payment | {
        "registration_id": registration["id"],
        "amount": 1000,
        "currency": "EUR",
        "method": "STRIPE",
        "status": "succeeded",
    }
    assert world.send("carol", "GET", f"/api/payments/{payment['id']}").json() == payment
    assert world.send("anonymous", "GET", "/api/tournaments/{paid}").json()["entrants"] == 2


def test_a_repeated_payment_has_the_same_response_and_changes_nothing(world: World) -> None:
    body = CARD | {"registration_id": world.ids["due"]}
    first = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "again"})
    before = everything_stored()
    second = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "again"})
    assert (second.status_code, second.json()) == (201, first.json())
    assert everything_stored() == before


def test_users_see_only_their_own_payments_with_refunds(world: World) -> None:
    world.send("bob", "POST", "/api/payments/", CARD, {"idempotency-key": "x"})
    listed = world.send("bob", "GET", "/api/payments/").json()
    [payment] = listed["items"]
    assert payment == world.send("bob", "GET", "/api/payments/{payment}").json()
    assert (payment["status"], payment["refunds"], listed["next"]) == ("succeeded", [], None)
    refund_create(payment_id=payment["id"], amount=300)
    [payment] = world.send("bob", "GET", "/api/payments/").json()["items"]
    assert payment["status"] == "refunding"
    assert [(item["amount"], item["status"]) for item in payment["refunds"]] == [(300, "pending")]
    assert world.send("alice", "GET", "/api/payments/").json()["items"] == []


def test_wallet_history_has_reasons_and_pages(world: World) -> None:
    alice = wallet_of(world.people["alice"])
    for number in range(5):
        coins_transfer(
            key=f"prize:{number}", source=wallet_issuer(), destination=alice, coins=10 + number
        )
    bob = wallet_of(world.people["bob"])
    coins_transfer(key="gift", source=alice, destination=bob, coins=7)
    page = world.send("alice", "GET", "/api/wallet/history?limit=4").json()
    rest = world.send("alice", "GET", f"/api/wallet/history?cursor={page['next']}").json()
    items = page["items"] + rest["items"]
    assert [(item["coins"], item["reason"]) for item in items] == [
        (-7, "gift"),
        *((10 + number, f"prize:{number}") for number in (4, 3, 2, 1, 0)),
    ]
    assert world.send("alice", "GET", "/api/wallet").json()["balance"] == 53


def test_an_idempotency_key_belongs_to_its_payer(world: World) -> None:
    body = CARD | {"registration_id": world.ids["due"]}
    answer = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "used"})
    assert answer.status_code == 201


def test_a_declined_card_is_a_402_and_another_card_can_pay(world: World) -> None:
    body = {"registration_id": world.ids["due"], "method": "PAYPAL", "token": "tok_declined"}
    declined = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "1"})
    stored = everything_stored()
    again = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "1"})
    assert everything_stored() == stored
    paid = world.send("alice", "POST", "/api/payments/", body | CARD, {"idempotency-key": "2"})
    assert (declined.status_code, declined.json()["error"]["code"]) == (402, "card_declined")
    assert again.json() == declined.json()
    assert paid.status_code == 201
