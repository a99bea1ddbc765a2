"""Whether the ledger is right: in coins, and in minor units of money."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from apps.payments.models import Posting, Wallet
from apps.payments.models.coins import COINS


class Ledger(NamedTuple):
    """`imbalance` adds up every coin that is where it should not be, `money_imbalance` every minor
    unit of money, whatever the currency: 0 is right. `circulation` and `awarded` are coins, those
    that players have and those that ever left the issuer."""

    imbalance: int
    money_imbalance: int
    circulation: int
    awarded: int


def ledger_check() -> Ledger:
    """Every transfer sums to zero in each currency; every wallet holds what its postings say."""
    off: Counter[str] = Counter()
    for currency, amount in _faults():
        off[currency] += abs(amount)
    players = Wallet.objects.filter(owner__isnull=False)
    issued = Posting.objects.filter(
        wallet__owner__isnull=True, wallet__currency=COINS, amount__lt=0
    )
    return Ledger(
        imbalance=off[COINS],
        money_imbalance=off.total() - off[COINS],
        circulation=players.aggregate(coins=Coalesce(Sum("balance"), 0))["coins"],
        awarded=-issued.aggregate(coins=Coalesce(Sum("amount"), 0))["coins"],
    )


def _faults() -> Iterator[tuple[str, int]]:
    """Each with its currency and by how much it is off."""
    transfers = Posting.objects.values("transfer", "wallet__currency").annotate(off=Sum("amount"))
    yield from transfers.exclude(off=0).values_list("wallet__currency", "off")
    posted = Coalesce(Sum("postings__amount"), 0)
    wallets = Wallet.objects.annotate(off=F("balance") - posted)
    yield from wallets.exclude(off=0).values_list("currency", "off")
