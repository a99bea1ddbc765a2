"""The faults: context managers that cause a real fault and undo it in every case."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from drills.site import Platform
from drills.traffic import open_tournament

DECLINED_PAYMENTS = 8
WAITING_VISITORS = 7  # one thread stays free; at least one visitor waits at each scrape
JOIN_TIMEOUT = 30


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
    """The worker runs and is scraped, but consumes no task. This also happens after a worker loses
    its broker connection. Beat still sends tasks."""
    celery = site.command("celery")
    celery.run("control", "cancel_consumer", "celery")
    try:
        yield
    finally:
        celery.run("control", "add_consumer", "celery")


@contextmanager
def views_raising(site: Platform) -> Iterator[None]:
    """A column has another name than the code expects, as after half a deployment: the list of
    tournaments and registrations respond with 500."""
    demo = open_tournament(site.web)
    path, token = f"{demo.path}/registrations", demo.players[0].token

    def send_requests() -> None:
        demo.http.get("/api/tournaments/")
        demo.http.post(path, headers={"Authorization": f"Bearer {token}"})

    rename = "ALTER TABLE tournaments_registration RENAME COLUMN {} TO {}"
    with (
        site.changed_by(
            rename.format("status", "status_in_the_drill"),
            undo=rename.format("status_in_the_drill", "status"),
        ),
        repeatedly(send_requests, every=0.1),
    ):
        yield


@contextmanager
def payments_declined(site: Platform) -> Iterator[None]:
    """One player pays with a card that the provider declines each time."""
    demo = open_tournament(site.web)
    player = demo.players[0]
    registration = player.post(f"{demo.path}/registrations", expect=201)
    order = {"registration_id": registration["id"], "method": "STRIPE", "token": "tok_declined"}
    for _ in range(DECLINED_PAYMENTS):
        player.post("/api/payments/", order, expect=402, key=secrets.token_hex())
    yield


@contextmanager
def sockets_refused(site: Platform) -> Iterator[None]:
    """WebSocket handshakes from the pages of another site."""
    address = site.web.replace("http", "ws", 1) + "/ws/tournaments/1/"

    def open_socket() -> None:
        with suppress(InvalidStatus), connect(address, origin=Origin("https://elsewhere.example")):
            raise AssertionError("a WebSocket of another origin was accepted")

    with repeatedly(open_socket, every=0.1):
        yield


@contextmanager
def ledger_edited(site: Platform) -> Iterator[None]:
    """SQL adds seven coins to a wallet."""
    wallet = site.sql("SELECT min(id) FROM payments_wallet WHERE currency = 'DLC'")
    update = f"UPDATE payments_wallet SET balance = balance {{}} 7 WHERE id = {wallet}"  # noqa: S608 the id is ours
    with site.changed_by(update.format("+"), undo=update.format("-")):
        yield


@contextmanager
def event_edited(site: Platform) -> Iterator[None]:
    """SQL changes an event of the audit trail, as the owner of the table: that role can disable the
    trigger that rejects updates."""
    event = site.sql("SELECT max(id) FROM events_eventrecord")
    trigger = "ALTER TABLE events_eventrecord {} TRIGGER USER"
    update = f"UPDATE events_eventrecord SET data = data {{}} WHERE id = {event}"  # noqa: S608 the id is ours
    edit = f"{trigger.format('DISABLE')}; {update}; {trigger.format('ENABLE')}"
    change, undo = edit.format("""|| '{"drill": true}'"""), edit.format("- 'drill'")
    with site.changed_by(change, undo=undo):
        yield


@contextmanager
def pool_exhausted(site: Platform) -> Iterator[None]:
    """A transaction locks the session table. Each request that reads its session holds a connection
    until the lock is released."""

    def visit() -> None:
        cookie = {"Cookie": f"sessionid={secrets.token_hex(16)}"}
        httpx.get(f"{site.small_web}/admin/login/", headers=cookie, timeout=20)

    visitors = repeatedly(visit, every=0.1, threads=WAITING_VISITORS)
    with visitors, site.locked("django_session"):
        yield


@contextmanager
def repeatedly(job: Callable[[], object], *, every: float, threads: int = 1) -> Iterator[None]:
    """Runs the job in background threads. Failing requests are expected and ignored."""
    stopped = Event()

    def run() -> None:
        while not stopped.wait(every):
            with suppress(httpx.HTTPError, OSError):
                job()

    workers = [Thread(target=run, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        stopped.set()
        for worker in workers:
            worker.join(JOIN_TIMEOUT)
