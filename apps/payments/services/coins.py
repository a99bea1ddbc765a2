"""The ledger: double entry, in whole coins, and in minor units of money (`services.money`)."""

from django.db import transaction

from apps.accounts.models import User
from apps.payments.exceptions import InsufficientCoins
from apps.payments.models import Payment, Posting, Transfer, Wallet
from apps.payments.models.coins import COINS


def wallet_of(user: User) -> Wallet:
    return Wallet.objects.get_or_create(owner=user)[0]


def wallet_issuer() -> Wallet:
    """The wallet that coins come from."""
    return Wallet.objects.get_or_create(owner=None, house="", currency=COINS)[0]


def coins_transfer(*, key: str, source: Wallet, destination: Wallet, coins: int) -> bool:
    """Moves coins once per key: False where that has been done before. Raises InsufficientCoins,
    and ValueError for less than one coin or a wallet paying itself."""
    if coins < 1 or source.pk == destination.pk:
        raise ValueError("a transfer moves at least one coin between two wallets")
    return posted_once(key=key, source=source, destination=destination, amount=coins)


@transaction.atomic
def posted_once(
    *, key: str, source: Wallet, destination: Wallet, amount: int, payment: Payment | None = None
) -> bool:
    """Both postings or neither. Raises InsufficientCoins; ValueError for two currencies."""
    if source.currency != destination.currency:
        raise ValueError("a transfer stays in its currency")
    wallets = Wallet.objects.select_for_update().order_by("pk")
    locked = {wallet.pk: wallet for wallet in wallets.filter(pk__in=[source.pk, destination.pk])}
    transfer, is_new = Transfer.objects.get_or_create(key=key, defaults={"payment": payment})
    if not is_new:
        return False
    payer = locked[source.pk]
    if payer.owner_id is not None and payer.balance < amount:
        raise InsufficientCoins
    for wallet, posted in ((payer, -amount), (locked[destination.pk], amount)):
        Posting.objects.create(transfer=transfer, wallet=wallet, amount=posted)
        wallet.balance += posted
        wallet.save(update_fields=["balance"])
    return True
