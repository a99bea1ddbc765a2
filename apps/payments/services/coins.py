"""The ledger of DeltaCoins: double entry, whole coins."""

from django.db import transaction

from apps.accounts.models import User
from apps.payments.exceptions import InsufficientCoins
from apps.payments.models import Posting, Transfer, Wallet


def wallet_of(user: User) -> Wallet:
    return Wallet.objects.get_or_create(owner=user)[0]


def wallet_issuer() -> Wallet:
    """The wallet that coins come from."""
    return Wallet.objects.get_or_create(owner=None)[0]


@transaction.atomic
def coins_transfer(*, key: str, source: Wallet, destination: Wallet, coins: int) -> bool:
    """Moves coins once per key: False where that has been done before. Raises InsufficientCoins,
    and ValueError for less than one coin or a wallet paying itself."""
    if coins < 1 or source.pk == destination.pk:
        raise ValueError("a transfer moves at least one coin between two wallets")
    wallets = Wallet.objects.select_for_update().order_by("pk")
    locked = {wallet.pk: wallet for wallet in wallets.filter(pk__in=[source.pk, destination.pk])}
    transfer, is_new = Transfer.objects.get_or_create(key=key)
    if not is_new:
        return False
    payer = locked[source.pk]
    if payer.owner_id is not None and payer.balance < coins:
        raise InsufficientCoins
    for wallet, amount in ((payer, -coins), (locked[destination.pk], coins)):
        Posting.objects.create(transfer=transfer, wallet=wallet, amount=amount)
        wallet.balance += amount
        wallet.save(update_fields=["balance"])
    return True
