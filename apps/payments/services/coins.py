"""Double-entry transfers, of whole coins and of minor units of money."""

from django.db import transaction

from apps.accounts.models import User
from apps.payments.exceptions import InsufficientCoins
from apps.payments.models import Payment, Posting, Transfer, Wallet
from apps.payments.models.coins import COINS


def wallet_of(user: User) -> Wallet:
    return Wallet.objects.get_or_create(owner=user)[0]


def wallet_issuer() -> Wallet:
    """The wallet that issues coins."""
    return Wallet.objects.get_or_create(owner=None, house="", currency=COINS)[0]


def coins_transfer(*, key: str, source: Wallet, destination: Wallet, coins: int) -> bool:
    """Transfers coins once per key: False if the key was used before. Raises InsufficientCoins;
    ValueError for less than one coin, or for a transfer to the same wallet."""
    if coins < 1 or source.pk == destination.pk:
        raise ValueError("a transfer moves at least one coin between two wallets")
    return post_transfer(key=key, source=source, destination=destination, amount=coins)


@transaction.atomic
def post_transfer(
    *, key: str, source: Wallet, destination: Wallet, amount: int, payment: Payment | None = None
) -> bool:
    """False if the key was used before. Raises InsufficientCoins; ValueError if the currencies
    differ."""
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
