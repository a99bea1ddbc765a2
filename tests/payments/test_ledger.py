"""The ledger is checked as somebody from outside would: by adding it up."""

import pytest
from django.db.models import F

from apps.payments.models import Posting, Wallet
from apps.payments.services import coins_transfer, ledger_check, wallet_issuer, wallet_of
from apps.payments.tasks import ledger_check as ledger_check_task
from tests import factories, samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet() -> Wallet:
    wallet = wallet_of(factories.make_user())
    coins_transfer(key="prize:1", source=wallet_issuer(), destination=wallet, coins=50)
    return wallet


def test_a_ledger_that_nobody_touched_is_right(wallet: Wallet) -> None:
    assert ledger_check() == (0, 50)


def test_a_wallet_that_was_filled_by_hand_is_found(wallet: Wallet) -> None:
    Wallet.objects.filter(pk=wallet.pk).update(balance=F("balance") + 7)
    assert ledger_check() == (7, 57)


def test_a_posting_that_was_changed_is_found_in_its_transfer_and_its_wallet(wallet: Wallet) -> None:
    Posting.objects.filter(wallet=wallet).update(amount=49)
    assert ledger_check().imbalance == 2


def test_two_faults_do_not_make_up_for_each_other(wallet: Wallet) -> None:
    other = wallet_of(factories.make_user())
    Wallet.objects.filter(pk=wallet.pk).update(balance=F("balance") - 3)
    Wallet.objects.filter(pk=other.pk).update(balance=F("balance") + 3)
    assert ledger_check() == (6, 50)


def test_the_task_tells_the_metrics(wallet: Wallet) -> None:
    Wallet.objects.filter(pk=wallet.pk).update(balance=F("balance") + 7)
    assert ledger_check_task() == 7
    assert samples.value("ledger_imbalance_coins") == 7
    assert samples.value("ledger_coins_in_circulation") == 57
    assert (samples.value("ledger_checked_timestamp_seconds") or 0) > 1e9
