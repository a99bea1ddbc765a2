"""What `test_transfers_under_kill` runs: processes that move coins at random, are killed at any
moment and begin again until all is done.

Which transfer number so-and-so is, is drawn from the number: whoever takes it up again makes the
same one, under the same key. One in ten is a prize.
"""

import json
import os
import random
import signal
import time
from typing import NamedTuple, NoReturn

from django.db import connection, transaction

from apps.accounts.models import User
from apps.accounts.types import Person
from apps.events.recording import record
from apps.payments.exceptions import InsufficientCoins
from apps.payments.models import Transfer, Wallet
from apps.payments.services import coins_transfer, wallet_issuer, wallet_of
from apps.tournaments.events import PrizePaid

TRANSFERS = 10_000
PROCESSES = 4
PLAYERS = 24
LARGEST = 100
PAUSE = 0.3  # seconds between two kills


class Move(NamedTuple):
    number: int
    source: int
    destination: int
    coins: int
    is_prize: bool


def drawn(number: int) -> Move:
    draw = random.Random(number)
    source, destination = draw.sample(range(PLAYERS), 2)
    return Move(number, source, destination, draw.randint(1, LARGEST), draw.random() < 0.1)


def make(move: Move, wallets: list[Wallet], issuer: Wallet) -> None:
    key = f"move:{move.number}"
    to = wallets[move.destination]
    if not move.is_prize:
        coins_transfer(key=key, source=wallets[move.source], destination=to, coins=move.coins)
        return
    with transaction.atomic():
        if coins_transfer(key=key, source=issuer, destination=to, coins=move.coins):
            record(prize(move, to))


def prize(move: Move, wallet: Wallet) -> PrizePaid:
    assert wallet.owner_id is not None
    player: Person = {"id": wallet.owner_id, "username": "player"}
    return PrizePaid(tournament_id=move.number, player=player, coins=move.coins, place=1)


def work(share: int) -> NoReturn:
    """In a child: what of its share is not done yet, in any order but prizes first, as nobody has
    coins but from them. What is refused for want of coins is not tried again."""
    wallets = [wallet_of(user) for user in User.objects.order_by("pk")]
    issuer = wallet_issuer()
    done = set(Transfer.objects.values_list("key", flat=True))
    mine = [n for n in range(share, TRANSFERS, PROCESSES) if f"move:{n}" not in done]
    random.shuffle(mine)
    for move in sorted(map(drawn, mine), key=lambda move: not move.is_prize):
        try:
            make(move, wallets, issuer)
        except InsufficientCoins:
            continue
    connection.close()
    os._exit(0)


def fork(share: int) -> int:
    pid = os.fork()
    if pid == 0:
        work(share)
    return pid


def main(kills: int) -> None:
    for number in range(PLAYERS):
        wallet_of(User.objects.create_user(f"player{number}"))
    wallet_issuer()
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined] # Postgres' alone; a child's is its own
    at_work = {fork(share): share for share in range(PROCESSES)}
    killed = 0
    while at_work:
        time.sleep(PAUSE)
        if killed < kills:
            victim = random.choice(list(at_work))
            os.kill(victim, signal.SIGKILL)
            killed += 1
        for pid, share in list(at_work.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del at_work[pid]
                begin_again = os.waitstatus_to_exitcode(status)
                assert begin_again in (0, -signal.SIGKILL), begin_again
                if begin_again:
                    at_work[fork(share)] = share
    print(json.dumps({"killed": killed}))
