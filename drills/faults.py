"""The faults: each is really caused, lasts as long as its `with`, and is undone come what may."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from drills.people import tournament
from drills.site import Platform

DECLINED = 8
STATUS = ("status", "status_in_the_drill")


@contextmanager
def database_stopped(site: Platform) -> Iterator[None]:
    with site.frozen("postgres"):
        yield


@contextmanager
def redis_frozen(site: Platform) -> Iterator[None]:
    with site.frozen("redis"):
        yield


@contextmanager
def worker_killed(site: Platform) -> Iterator[None]:
    try:
        site.kill_worker()
        yield
    finally:
        site.start_worker()


@contextmanager
def worker_stalled(site: Platform) -> Iterator[None]:
    """The worker lives and is scraped, and takes no task: told to, as it does by itself after some
    losses of its broker. Beat goes on sending."""
    celery = site.within("celery")
    celery.run("control", "cancel_consumer", "celery")
    try:
        yield
    finally:
        celery.run("control", "add_consumer", "celery")


@contextmanager
def views_raising(site: Platform) -> Iterator[None]:
    """A column has another name than the code thinks, as after half a deployment: who lists
    tournaments or signs up for one gets a 500."""
    demo = tournament(site.web)
    path, token = f"{demo.path}/registrations", demo.players[0].token

    def use() -> None:
        demo.http.get("/api/tournaments/")
        demo.http.post(path, headers={"Authorization": f"Bearer {token}"})

    rename = "ALTER TABLE tournaments_registration RENAME COLUMN {} TO {}"
    there, back = rename.format(*STATUS), rename.format(*reversed(STATUS))
    with site.edited(there, back), repeatedly(use, every=0.1):
        yield


@contextmanager
def payments_declined(site: Platform) -> Iterator[None]:
    """One player, whose card the provider declines each time."""
    demo = tournament(site.web)
    player = demo.players[0]
    registration = player.post(f"{demo.path}/registrations", expect=201)
    order = {"registration_id": registration["id"], "method": "STRIPE", "token": "tok_declined"}
    for _ in range(DECLINED):
        player.post("/api/payments/", order, expect=402, key=secrets.token_hex())
    yield


@contextmanager
def sockets_refused(site: Platform) -> Iterator[None]:
    """Handshakes from another site's pages."""
    address = site.web.replace("http", "ws", 1) + "/ws/tournaments/1/"

    def knock() -> None:
        with suppress(InvalidStatus), connect(address, origin=Origin("https://elsewhere.example")):
            raise AssertionError("a socket from elsewhere was let in")

    with repeatedly(knock, every=0.1):
        yield


@contextmanager
def ledger_edited(site: Platform) -> Iterator[None]:
    """Seven coins more in a wallet, by SQL."""
    wallet = site.sql("SELECT min(id) FROM payments_wallet WHERE currency = 'DLC'")
    edit = f"UPDATE payments_wallet SET balance = balance {{}} 7 WHERE id = {wallet}"  # noqa: S608 ours
    with site.edited(edit.format("+"), edit.format("-")):
        yield


@contextmanager
def event_edited(site: Platform) -> Iterator[None]:
    """A word more in a record of the audit trail, by SQL, of somebody who owns the tables and takes
    the trigger away that would refuse it."""
    event = site.sql("SELECT max(id) FROM core_eventrecord")
    trigger = "ALTER TABLE core_eventrecord {} TRIGGER USER"
    update = f"UPDATE core_eventrecord SET data = data {{}} WHERE id = {event}"  # noqa: S608 ours
    edit = f"{trigger.format('DISABLE')}; {update}; {trigger.format('ENABLE')}"
    with site.edited(edit.format("""|| '{"drill": true}'"""), edit.format("- 'drill'")):
        yield


@contextmanager
def pool_exhausted(site: Platform) -> Iterator[None]:
    """Somebody's transaction holds the table of sessions, and each request that needs its session
    holds a connection meanwhile."""

    def visit() -> None:
        cookie = {"Cookie": f"sessionid={secrets.token_hex(16)}"}
        httpx.get(f"{site.small_web}/admin/login/", headers=cookie, timeout=20)

    with repeatedly(visit, every=0.1, at_once=4), site.locked("django_session"):
        yield


@contextmanager
def repeatedly(job: Callable[[], object], *, every: float, at_once: int = 1) -> Iterator[None]:
    """The job goes on in threads of its own. Requests may fail, that is what they are for."""
    over = Event()

    def go_on() -> None:
        while not over.wait(every):
            with suppress(httpx.HTTPError, OSError):
                job()

    threads = [Thread(target=go_on, daemon=True) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(30)
