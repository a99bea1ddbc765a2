"""Whether the ledger is right, told in coins."""

from typing import NamedTuple

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from apps.payments.models import Transfer, Wallet


class Ledger(NamedTuple):
    """`imbalance` adds up every coin that is where it should not be: 0 is right."""

    imbalance: int
    circulation: int


def ledger_check() -> Ledger:
    """Every transfer sums to zero, and every wallet holds what its postings say."""
    posted = Coalesce(Sum("postings__amount"), 0)
    transfers = Transfer.objects.annotate(off=posted).exclude(off=0)
    wallets = Wallet.objects.annotate(off=F("balance") - posted).exclude(off=0)
    faults = [*transfers.values_list("off", flat=True), *wallets.values_list("off", flat=True)]
    players = Wallet.objects.filter(owner__isnull=False)
    return Ledger(
        imbalance=sum(abs(off) for off in faults),
        circulation=players.aggregate(coins=Coalesce(Sum("balance"), 0))["coins"],
    )
