"""Checks the ledger's invariants, of coins and of money."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from apps.payments.models import Posting, Wallet
from apps.payments.models.coins import COINS


class Ledger(NamedTuple):
    """`imbalance` sums the absolute errors in coins, `money_imbalance` in minor units of any
    currency. `circulation` is coins in players' wallets, `awarded` all coins ever issued."""

    imbalance: int
    money_imbalance: int
    circulation: int
    awarded: int


def ledger_check() -> Ledger:
    """Each transfer must sum to zero per currency, each wallet must hold its postings' sum."""
    errors: Counter[str] = Counter()
    for currency, amount in _errors():
        errors[currency] += abs(amount)
    players = Wallet.objects.filter(owner__isnull=False)
    issued = Posting.objects.filter(
        wallet__owner__isnull=True, wallet__currency=COINS, amount__lt=0
    )
    return Ledger(
        imbalance=errors[COINS],
        money_imbalance=errors.total() - errors[COINS],
        circulation=players.aggregate(coins=Coalesce(Sum("balance"), 0))["coins"],
        awarded=-issued.aggregate(coins=Coalesce(Sum("amount"), 0))["coins"],
    )


def _errors() -> Iterator[tuple[str, int]]:
    """Currency and difference of each unbalanced transfer, and of each wrong wallet."""
    transfers = Posting.objects.values("transfer", "wallet__currency").annotate(sum=Sum("amount"))
    yield from transfers.exclude(sum=0).values_list("wallet__currency", "sum")
    posted = Coalesce(Sum("postings__amount"), 0)
    wallets = Wallet.objects.annotate(difference=F("balance") - posted)
    yield from wallets.exclude(difference=0).values_list("currency", "difference")
