"""The double-entry ledger: whole coins in players' wallets, and money as minor units in an account
per provider and currency.

All payments share the money accounts, so they are locked last, after the event stream.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Sum

from apps.accounts.models import User
from apps.payments.exceptions import InsufficientCoins
from apps.payments.models import Payment, Posting, Refund, Transfer, Wallet
from apps.payments.models.coins import COINS

FEES = "fees"  # the contra account of money


class Ledger(NamedTuple):
    """`imbalance` sums the absolute errors in coins, `money_imbalance` in minor units of any
    currency. `circulation` is coins in players' wallets, `awarded` all coins ever issued."""

    imbalance: int
    money_imbalance: int
    circulation: int
    awarded: int


def wallet_of(user: User) -> Wallet:
    return Wallet.objects.get_or_create(owner=user)[0]


def wallet_issuer() -> Wallet:
    return _account("", COINS)


def coins_transfer(*, key: str, source: Wallet, destination: Wallet, coins: int) -> bool:
    """Transfers coins once per key: False if the key was used before. Raises InsufficientCoins;
    ValueError for less than one coin, or for a transfer to the same wallet."""
    if coins < 1 or source.pk == destination.pk:
        raise ValueError("a transfer moves at least one coin between two wallets")
    return _transfer(key, source, destination, coins)


def post_charge(payment: Payment) -> None:
    _post(payment, f"payment:{payment.pk}", payment.invoice.amount)


def post_refund(refund: Refund) -> None:
    _post(refund.payment, f"refund:{refund.pk}", -refund.amount)


def post_refund_reversal(refund: Refund) -> None:
    _post(refund.payment, f"refund:{refund.pk}:reversal", refund.amount)


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
        circulation=players.aggregate(coins=Sum("balance", default=0))["coins"],
        awarded=-issued.aggregate(coins=Sum("amount", default=0))["coins"],
    )


def _post(payment: Payment, key: str, amount: int) -> None:
    """A positive amount goes to the provider's account, a negative one comes from it. Call inside
    the transaction that settles the payment."""
    currency = payment.invoice.currency
    source, destination = _account(FEES, currency), _account(payment.method, currency)
    if amount < 0:
        source, destination = destination, source
    _transfer(key, source, destination, abs(amount), payment)


def _account(house: str, currency: str) -> Wallet:
    return Wallet.objects.get_or_create(owner=None, house=house, currency=currency)[0]


@transaction.atomic
def _transfer(
    key: str, source: Wallet, destination: Wallet, amount: int, payment: Payment | None = None
) -> bool:
    if source.currency != destination.currency:
        raise ValueError("both wallets of a transfer must have the same currency")
    wallets = Wallet.objects.select_for_update().order_by("pk")
    locked = {wallet.pk: wallet for wallet in wallets.filter(pk__in=[source.pk, destination.pk])}
    transfer, created = Transfer.objects.get_or_create(key=key, defaults={"payment": payment})
    if not created:
        return False
    payer = locked[source.pk]
    if payer.owner_id is not None and payer.balance < amount:
        raise InsufficientCoins
    for wallet, change in ((payer, -amount), (locked[destination.pk], amount)):
        Posting.objects.create(transfer=transfer, wallet=wallet, amount=change)
        wallet.balance += change
        wallet.save(update_fields=["balance"])
    return True


def _errors() -> Iterator[tuple[str, int]]:
    """Currency and difference of each unbalanced transfer, and of each wrong wallet."""
    transfers = Posting.objects.values("transfer", "wallet__currency").annotate(sum=Sum("amount"))
    yield from transfers.exclude(sum=0).values_list("wallet__currency", "sum")
    posted = Sum("postings__amount", default=0)
    wallets = Wallet.objects.annotate(difference=F("balance") - posted)
    yield from wallets.exclude(difference=0).values_list("currency", "difference")
