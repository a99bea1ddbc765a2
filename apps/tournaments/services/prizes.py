"""Pays prizes, exactly once however often the task runs."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain, repeat
from typing import NamedTuple

from django.db import transaction

from apps.accounts.models import User
from apps.core.celery.batches import run_row_batch
from apps.events.recording import record
from apps.payments.services import coins_transfer, wallet_issuer, wallet_of
from apps.tournaments.events import PrizePaid
from apps.tournaments.models import Registration, Tournament

BATCH_SIZE = 100


class Prize(NamedTuple):
    registration: Registration
    player: User
    coins: int


@transaction.atomic
def prize_pay(*, tournament_id: int) -> bool:
    """Pays the prizes. Returns False if there is nothing to pay, or it was paid before."""
    tournament = Tournament.objects.select_for_update(no_key=True).get(pk=tournament_id)
    if tournament.prize_paid or tournament.champion_id is None or not tournament.prize_coins:
        return False
    tournament.prize_paid = True
    tournament.save(update_fields=["prize_paid"])
    prizes = sorted(_prizes(tournament), key=lambda prize: prize.player.pk)
    _transfer(prizes)
    for prize in prizes:
        record(
            PrizePaid(
                tournament_id=tournament_id,
                player=prize.player.as_person(),
                coins=prize.coins,
                place=prize.registration.place or 1,
            )
        )
    return True


def prizes_sweep() -> int:
    """Pays prizes whose task was lost. Returns how many. Raises BatchIncomplete."""
    unpaid = Tournament.objects.filter(
        status=Tournament.Status.COMPLETED, prize_paid=False, prize_coins__gt=0
    )
    return run_row_batch(
        unpaid, lambda pk: prize_pay(tournament_id=pk), name="prizes", batch_size=BATCH_SIZE
    )


def shares(coins: int, split: list[int], places: Iterable[int]) -> list[int]:
    """Coins for each of the places. Entrants who share a place share the percentages of the ranks
    they occupy. The remainder goes to the first."""
    ordered = list(places)
    percents: dict[int, int] = defaultdict(int)
    for rank, place in enumerate(ordered):
        percents[place] += split[rank] if rank < len(split) else 0
    sharing = Counter(ordered)
    each = [coins * percents[place] // (100 * sharing[place]) for place in ordered]
    return [each[0] + coins - sum(each), *each[1:]]


def _transfer(prizes: list[Prize]) -> None:
    """Creates every wallet before it locks the issuer's wallet, which all prizes debit."""
    issuer = wallet_issuer()
    wallets = {prize.player.pk: wallet_of(prize.player) for prize in prizes}
    for prize in prizes:
        entrant, player = prize.registration, prize.player
        coins_transfer(
            key=f"prize:{entrant.tournament_id}:{entrant.pk}:{player.pk}",
            source=issuer,
            destination=wallets[player.pk],
            coins=prize.coins,
        )


def _prizes(tournament: Tournament) -> Iterable[Prize]:
    placed = tournament.registrations.filter(place__isnull=False).select_related("player", "team")
    entrants = list(placed.order_by("place", "pk"))
    coins = shares(
        tournament.prize_coins, tournament.prize_split, [entrant.place or 0 for entrant in entrants]
    )
    for entrant, share in zip(entrants, coins, strict=True):
        if share:
            yield from _prizes_of_entrant(entrant, share)


def _prizes_of_entrant(entrant: Registration, coins: int) -> Iterable[Prize]:
    """Divides a team's prize among its roster. The captain gets the remainder."""
    roster = [place.user for place in entrant.roster.select_related("user").order_by("user_id")]
    players = sorted(roster or [entrant.player], key=lambda player: player.pk != entrant.player_id)
    each, remainder = divmod(coins, len(players))
    for player, share in zip(players, chain([each + remainder], repeat(each)), strict=False):
        if share:
            yield Prize(entrant, player, share)
