import pytest
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.payments.exceptions import InsufficientCoins
from apps.payments.models import Posting, Transfer, Wallet
from apps.payments.selectors import wallet_balance
from apps.payments.services import coins_transfer, wallet_issuer, wallet_of
from tests import factories


@pytest.mark.django_db
def test_a_transfer_is_made_once_per_key() -> None:
    user = factories.make_user()
    results = [
        coins_transfer(key="prize:1", source=wallet_issuer(), destination=wallet_of(user), coins=50)
        for _ in range(3)
    ]
    assert results == [True, False, False]
    assert wallet_balance(owner=user) == 50


@pytest.mark.django_db
def test_a_transfer_over_the_balance_is_refused_and_posts_nothing() -> None:
    source, destination = (wallet_of(factories.make_user()) for _ in range(2))
    with pytest.raises(InsufficientCoins):
        coins_transfer(key="k", source=source, destination=destination, coins=1)
    assert not Transfer.objects.exists()
    assert not Posting.objects.exists()


@pytest.mark.django_db
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
