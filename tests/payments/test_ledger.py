"""The ledger is checked as somebody from outside would: by adding it up."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from apps.payments.models import Posting, Transfer, Wallet
from apps.payments.services import coins_transfer, ledger_check, wallet_issuer, wallet_of
from apps.payments.tasks import ledger_check as ledger_check_task
from tests import factories, samples
from tests.trigger_bypass import unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet() -> Wallet:
    wallet = wallet_of(factories.make_user())
    coins_transfer(key="prize:1", source=wallet_issuer(), destination=wallet, coins=50)
    return wallet


@transaction.atomic
def post(key: str, posted: list[tuple[Wallet, int]]) -> None:
    transfer = Transfer.objects.create(key=key)
    for account, amount in posted:
        Posting.objects.create(transfer=transfer, wallet=account, amount=amount)
    connection.check_constraints()  # as a commit does


def test_a_ledger_that_nobody_touched_is_right(wallet: Wallet) -> None:
    assert ledger_check() == (0, 0, 50, 50)


def test_a_wallet_that_was_filled_by_hand_is_found(wallet: Wallet) -> None:
    Wallet.objects.filter(pk=wallet.pk).update(balance=F("balance") + 7)
    assert ledger_check() == (7, 0, 57, 50)


def test_a_posting_that_was_changed_is_found_in_its_transfer_and_its_wallet(wallet: Wallet) -> None:
    with unguarded():
        Posting.objects.filter(wallet=wallet).update(amount=49)
    assert ledger_check().imbalance == 2


@pytest.mark.parametrize("model", [Posting, Transfer])
def test_what_was_posted_is_neither_changed_nor_removed(wallet: Wallet, model: Any) -> None:
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
def test_nor_is_it_replaced_or_swept_away(wallet: Wallet, statement: str) -> None:
    """Either statement is one database's; the other knows it not, and refuses it as well."""
    refused = pytest.raises(DatabaseError)
    if statement.startswith("TRUNCATE") == (connection.vendor == "postgresql"):
        refused = pytest.raises(IntegrityError, match="append-only")
    connection.check_constraints()
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ledger_check() == (0, 0, 50, 50)


@pytest.mark.postgres
def test_postgres_commits_no_transfer_that_does_not_sum_to_zero(wallet: Wallet) -> None:
    euros = Wallet.objects.create(house="STRIPE", currency="EUR")
    for posted in ([(wallet, 5)], [(wallet, 5), (euros, -5)]):
        with pytest.raises(IntegrityError, match="does not sum to zero"):
            post("gift", posted)


def test_two_faults_do_not_make_up_for_each_other(wallet: Wallet) -> None:
    other = wallet_of(factories.make_user())
    Wallet.objects.filter(pk=wallet.pk).update(balance=F("balance") - 3)
    Wallet.objects.filter(pk=other.pk).update(balance=F("balance") + 3)
    assert ledger_check() == (6, 0, 50, 50)


@pytest.fixture
def money() -> Wallet:
    """What a provider holds for us."""
    factories.pay(factories.register(factories.make_tournament(entry_fee=1000)))
    return Wallet.objects.get(house="STRIPE")


def test_money_is_added_up_as_coins_are(wallet: Wallet, money: Wallet) -> None:
    assert ledger_check() == (0, 0, 50, 50)
    Wallet.objects.filter(pk=money.pk).update(balance=F("balance") - 7)
    assert ledger_check() == (0, 7, 50, 50)


def test_money_of_one_currency_does_not_make_up_for_anothers(money: Wallet) -> None:
    dollars = Wallet.objects.create(house="STRIPE", currency="USD", balance=3)
    Wallet.objects.filter(pk=money.pk).update(balance=F("balance") - 3)
    assert ledger_check().money_imbalance == 6
    assert dollars.currency != money.currency


def test_what_was_posted_on_one_side_only_is_found(wallet: Wallet, money: Wallet) -> None:
    """Postgres refuses it at the commit, where its triggers are; SQLite does not."""
    with unguarded():
        post("gift", [(money, 5)])
    Wallet.objects.filter(pk=money.pk).update(balance=F("balance") + 5)
    assert ledger_check() == (0, 5, 50, 50)


def test_coins_for_money_is_off_in_both(wallet: Wallet, money: Wallet) -> None:
    swapped = [(wallet, 5), (money, -5)]
    with unguarded():
        post("swap", swapped)
    for account, amount in swapped:
        Wallet.objects.filter(pk=account.pk).update(balance=F("balance") + amount)
    assert ledger_check() == (5, 5, 55, 50)


def test_the_task_tells_the_metrics(wallet: Wallet, money: Wallet) -> None:
    Wallet.objects.filter(pk=wallet.pk).update(balance=F("balance") + 7)
    Wallet.objects.filter(pk=money.pk).update(balance=F("balance") - 2)
    assert ledger_check_task() == 9
    assert samples.value("ledger_imbalance_minor_units") == 2
    assert samples.value("ledger_imbalance_coins") == 7
    assert samples.value("ledger_coins_in_circulation") == 57
    assert samples.value("ledger_coins_awarded") == 50
    assert (samples.value("ledger_checked_timestamp_seconds") or 0) > 1e9
