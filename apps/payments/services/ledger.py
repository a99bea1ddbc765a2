"""Whether the ledger is right, told in coins."""

from typing import NamedTuple

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from apps.payments.models import Posting, Transfer, Wallet
from apps.payments.models.coins import COINS


class Ledger(NamedTuple):
    """`imbalance` adds up every coin that is where it should not be: 0 is right. `awarded` is what
    ever left the issuer."""

    imbalance: int
    circulation: int
    awarded: int


def ledger_check() -> Ledger:
    """Every transfer sums to zero, and every wallet holds what its postings say."""
    posted = Coalesce(Sum("postings__amount"), 0)
    in_coins = Transfer.objects.filter(postings__wallet__currency=COINS)
    transfers = in_coins.annotate(off=posted).exclude(off=0)
    wallets = Wallet.objects.filter(currency=COINS).annotate(off=F("balance") - posted)
    off = wallets.exclude(off=0)
    faults = [*transfers.values_list("off", flat=True), *off.values_list("off", flat=True)]
    players = Wallet.objects.filter(owner__isnull=False)
    issued = Posting.objects.filter(
        wallet__owner__isnull=True, wallet__currency=COINS, amount__lt=0
    )
    return Ledger(
        imbalance=sum(abs(off) for off in faults),
        circulation=players.aggregate(coins=Coalesce(Sum("balance"), 0))["coins"],
        awarded=-issued.aggregate(coins=Coalesce(Sum("amount"), 0))["coins"],
    )
