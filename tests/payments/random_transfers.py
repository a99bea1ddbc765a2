"""The program of `test_transfers_under_kill`: processes that make random transfers, are killed, and
are restarted until all transfers are made.

A transfer's number seeds its random choices, so a restarted process repeats the same transfer with
the same key. One in ten is a prize.
"""

import json
import os
import random
import signal
import time
from contextlib import suppress
from typing import NoReturn

from django.db import connection, transaction

from apps.accounts.models import User
from apps.accounts.types import Person
from apps.events.recording import record
from apps.payments.exceptions import InsufficientCoins
from apps.payments.models import Transfer, Wallet
from apps.payments.services import coins_transfer, wallet_issuer, wallet_of
from apps.tournaments.events import PrizePaid

TRANSFERS = 3_000
PROCESSES = 4
PLAYERS = 24
MAX_COINS = 100
PAUSE = 0.3  # seconds between two kills


def is_prize(number: int) -> bool:
    return number % 10 == 0


def make(number: int, wallets: list[Wallet], issuer: Wallet) -> None:
    rng = random.Random(number)
    source, destination = rng.sample(wallets, 2)
    key, coins = f"transfer:{number}", rng.randint(1, MAX_COINS)
    if not is_prize(number):
        coins_transfer(key=key, source=source, destination=destination, coins=coins)
        return
    assert destination.owner_id is not None
    player: Person = {"id": destination.owner_id, "username": "player"}
    with transaction.atomic():
        if coins_transfer(key=key, source=issuer, destination=destination, coins=coins):
            record(PrizePaid(tournament_id=number, player=player, coins=coins, place=1))


def work(share: int) -> NoReturn:
    """In a child process: makes the missing transfers of its share, prizes first, as they issue the
    coins. A transfer without sufficient coins is skipped."""
    wallets = [wallet_of(user) for user in User.objects.order_by("pk")]
    issuer = wallet_issuer()
    done = set(Transfer.objects.values_list("key", flat=True))
    mine = [n for n in range(share, TRANSFERS, PROCESSES) if f"transfer:{n}" not in done]
    random.shuffle(mine)
    for number in sorted(mine, key=is_prize, reverse=True):
        with suppress(InsufficientCoins):
            make(number, wallets, issuer)
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
    connection.close_pool()  # type: ignore[attr-defined] # only of Postgres; each child opens its own
    running = {fork(share): share for share in range(PROCESSES)}
    killed = 0
    while running:
        time.sleep(PAUSE)
        if killed < kills:
            victim = random.choice(list(running))
            os.kill(victim, signal.SIGKILL)
            killed += 1
        for pid, share in list(running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del running[pid]
                exit_code = os.waitstatus_to_exitcode(status)
                assert exit_code in (0, -signal.SIGKILL), exit_code
                if exit_code:
                    running[fork(share)] = share
    print(json.dumps({"killed": killed}))
