"""The ledger's check finds every change that bypasses the services; triggers prevent most."""

from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.payments.exceptions import InsufficientCoins
from apps.payments.models import Payment, Posting, Transfer, Wallet
from apps.payments.services import coins_transfer, ledger_check, wallet_issuer, wallet_of
from apps.payments.tasks import ledger_check as ledger_check_task
from tests import factories, samples
from tests.trigger_bypass import triggers_disabled

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet() -> Wallet:
    wallet = wallet_of(factories.make_user())
    coins_transfer(key="prize:1", source=wallet_issuer(), destination=wallet, coins=50)
    return wallet


@pytest.fixture
def money(payment: Payment) -> Wallet:
    """The provider's account."""
    return Wallet.objects.get(house="STRIPE")


@transaction.atomic
def post(key: str, postings: list[tuple[Wallet, int]]) -> None:
    transfer = Transfer.objects.create(key=key)
    for wallet, amount in postings:
        Posting.objects.create(transfer=transfer, wallet=wallet, amount=amount)
    connection.check_constraints()  # as a commit does


def change_balance(wallet: Wallet, by: int) -> None:
    Wallet.objects.filter(pk=wallet.pk).update(balance=F("balance") + by)


def test_a_ledger_of_transfers_is_correct(wallet: Wallet, money: Wallet) -> None:
    assert ledger_check() == (0, 0, 50, 50)


def test_a_changed_balance_is_an_error(wallet: Wallet, money: Wallet) -> None:
    change_balance(wallet, 7)
    assert ledger_check() == (7, 0, 57, 50)
    change_balance(money, -3)
    assert ledger_check() == (7, 3, 57, 50)


def test_a_changed_posting_is_an_error_of_its_transfer_and_its_wallet(wallet: Wallet) -> None:
    with triggers_disabled():
        Posting.objects.filter(wallet=wallet).update(amount=49)
    assert ledger_check().imbalance == 2


@pytest.mark.parametrize("model", [Posting, Transfer])
def test_postings_and_transfers_are_append_only(wallet: Wallet, model: Any) -> None:
    rows = model.objects.all()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.update(**{"amount": 49} if model is Posting else {"key": "prize:2"})
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows._raw_delete(rows.db)
    assert ledger_check() == (0, 0, 50, 50)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO payments_posting (id, transfer_id, wallet_id, amount) "
        "SELECT id, transfer_id, wallet_id, 7 FROM payments_posting",
        "INSERT OR REPLACE INTO payments_posting (transfer_id, wallet_id, amount) "
        "SELECT transfer_id, wallet_id, 7 FROM payments_posting",
        'INSERT OR REPLACE INTO payments_transfer ("key", at) SELECT "key", at '
        "FROM payments_transfer",
        "TRUNCATE payments_posting",
        "TRUNCATE payments_transfer CASCADE",
    ],
)
def test_the_ledger_cannot_be_replaced_or_truncated(wallet: Wallet, statement: str) -> None:
    """The other database rejects the syntax."""
    refused = pytest.raises(DatabaseError)
    if statement.startswith("TRUNCATE") == (connection.vendor == "postgresql"):
        refused = pytest.raises(IntegrityError, match="append-only")
    connection.check_constraints()
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ledger_check() == (0, 0, 50, 50)


@pytest.mark.postgres
def test_postgres_rejects_a_transfer_that_does_not_sum_to_zero(wallet: Wallet) -> None:
    euros = Wallet.objects.create(house="STRIPE", currency="EUR")
    for postings in ([(wallet, 5)], [(wallet, 5), (euros, -5)]):
        with pytest.raises(IntegrityError, match="does not sum to zero"):
            post("gift", postings)


def test_opposite_errors_do_not_cancel_out(wallet: Wallet, money: Wallet) -> None:
    change_balance(wallet, -3)
    change_balance(wallet_of(factories.make_user()), 3)
    change_balance(money, -3)
    Wallet.objects.create(house="STRIPE", currency="USD", balance=3)
    assert ledger_check() == (6, 6, 50, 50)


def test_a_one_sided_transfer_is_an_error(wallet: Wallet, money: Wallet) -> None:
    """SQLite has no trigger against it."""
    with triggers_disabled():
        post("gift", [(money, 5)])
    change_balance(money, 5)
    assert ledger_check() == (0, 5, 50, 50)


def test_an_exchange_of_coins_for_money_is_an_error_in_both(wallet: Wallet, money: Wallet) -> None:
    postings = [(wallet, 5), (money, -5)]
    with triggers_disabled():
        post("exchange", postings)
    for account, amount in postings:
        change_balance(account, amount)
    assert ledger_check() == (5, 5, 55, 50)


def test_the_task_exports_the_ledgers_state(wallet: Wallet, money: Wallet) -> None:
    change_balance(wallet, 7)
    change_balance(money, -2)
    assert ledger_check_task() == 9
    assert samples.value("ledger_imbalance_minor_units") == 2
    assert samples.value("ledger_imbalance_coins") == 7
    assert samples.value("ledger_coins_in_circulation") == 57
    assert samples.value("ledger_coins_awarded") == 50
    assert (samples.value("ledger_checked_timestamp_seconds") or 0) > 1e9


def test_a_transfer_is_made_once_per_key(wallet: Wallet) -> None:
    transfer = partial(coins_transfer, key="k", source=wallet_issuer(), destination=wallet, coins=7)
    assert [transfer() for _ in range(3)] == [True, False, False]
    assert ledger_check() == (0, 0, 57, 57)


def test_a_transfer_over_the_balance_is_refused_and_posts_nothing() -> None:
    source, destination = (wallet_of(factories.make_user()) for _ in range(2))
    with pytest.raises(InsufficientCoins):
        coins_transfer(key="k", source=source, destination=destination, coins=1)
    assert not Transfer.objects.exists()
    assert not Posting.objects.exists()


@pytest.mark.parametrize("coins", [0, -5])
def test_a_transfer_moves_at_least_one_coin(coins: int) -> None:
    wallet = wallet_of(factories.make_user())
    with pytest.raises(ValueError, match="at least one coin"):
        coins_transfer(key="k", source=wallet_issuer(), destination=wallet, coins=coins)


class LedgerTests(TestCase):
    transfers = st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 100)), max_size=12
    )

    @settings(max_examples=25)
    @given(transfers)
    def test_any_transfers_sum_to_zero_and_balances_are_sums_of_postings(
        self, transfers: list[tuple[int, int, int]]
    ) -> None:
        wallets = [wallet_issuer(), *(wallet_of(factories.make_user()) for _ in range(3))]
        for number, (source, destination, coins) in enumerate(transfers):
            try:
                coins_transfer(
                    key=f"k{number}",
                    source=wallets[source],
                    destination=wallets[destination],
                    coins=coins,
                )
            except (InsufficientCoins, ValueError):
                continue
        assert (Posting.objects.aggregate(total=Sum("amount"))["total"] or 0) == 0
        for wallet in Wallet.objects.annotate(posted=Sum("postings__amount")):
            assert wallet.balance == (wallet.posted or 0)
            assert wallet.owner_id is None or wallet.balance >= 0
