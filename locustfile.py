"""Load for a running server: people who look, people who play, and people who watch live.

    make load                       60 s without a page, non-zero exit on any failure
    make load-ui                    the same with locust's page on http://127.0.0.1:8089

An answer that refuses what cannot be (a full tournament) is a success of its kind; a 5xx, a
time-out or anything unexpected is a failure. Nothing here imports Django.
"""

import json
import secrets
import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import gevent
import websocket
from gevent.event import Event
from locust import HttpUser, User, between, task
from locust.exception import RescheduleTask, StopUser

TIMEOUT = 10
GAMES = ["VALORANT", "Rocket League", "Tekken 8", "Dota 2"]
Json = dict[str, Any]


class ApiUser(HttpUser):
    """Base of those who speak HTTP: every call has a time-out and an expectation."""

    abstract = True

    def on_start(self) -> None:
        self.headers: dict[str, str] = {}

    def call(
        self,
        method: str,
        path: str,
        *,
        name: str,
        expect: tuple[int, ...] = (200,),
        refusals: tuple[str | None, ...] = (None,),
        **options: Any,
    ) -> Json:
        """The JSON answered. Ends the task where the answer is none that was expected: another
        status, no JSON, or an error code that is not among `refusals`."""
        headers = self.headers | options.pop("headers", {})
        with self.client.request(
            method,
            path,
            name=name,
            headers=headers,
            timeout=TIMEOUT,
            catch_response=True,
            **options,
        ) as response:
            try:
                content: Json = response.json()
            except ValueError:
                content = {}
            refusal = content.get("error", {}).get("code")
            if response.status_code not in expect or not content or refusal not in refusals:
                response.failure(f"{response.status_code}: {response.text[:200]}")
                raise RescheduleTask
            response.success()
            return content

    def sign_up(self) -> None:
        """Once per user: hashing a password is meant to be slow."""
        account = {
            "username": f"load-{secrets.token_hex(6)}",
            "password": secrets.token_urlsafe(12),
        }
        try:
            self.call("POST", "/api/accounts/", name="sign up", expect=(201,), json=account)
            token = self.call(
                "POST", "/api/accounts/token", name="token", expect=(201,), json=account
            )
        except RescheduleTask:
            raise StopUser from None
        self.headers = {"Authorization": f"Bearer {token['token']}"}


class Visitor(ApiUser):
    """Looks around, signed in nowhere."""

    weight = 5
    wait_time = between(0.2, 1.0)

    @task(6)
    def tournaments(self) -> None:
        self.call("GET", "/api/tournaments/", name="/api/tournaments/")

    @task(3)
    def one_tournament(self) -> None:
        page = self.call("GET", "/api/tournaments/?limit=10", name="/api/tournaments/?limit")
        if page["items"]:
            path = f"/api/tournaments/{secrets.choice(page['items'])['id']}"
            self.call("GET", path, name="/api/tournaments/{id}")
            self.call("GET", f"{path}/matches", name="/api/tournaments/{id}/matches")
            self.call("GET", f"{path}/events?since=0", name="/api/tournaments/{id}/events")

    @task(1)
    def front_page(self) -> None:
        with self.client.get("/", name="/", timeout=TIMEOUT, catch_response=True) as response:
            if response.status_code != 200:
                response.failure(str(response.status_code))


class Player(ApiUser):
    """Signs up once, then registers for and pays what other players of this load opened."""

    weight = 3
    wait_time = between(0.5, 2.0)
    opened: list[int] = []  # noqa: RUF012 shared by all players of this process

    def on_start(self) -> None:
        super().on_start()
        self.sign_up()
        try:
            self.open_tournament()
        except RescheduleTask:
            raise StopUser from None

    @task(1)
    def open_tournament(self) -> None:
        if len(self.opened) >= 10:
            return
        wish = {
            "name": f"Load {secrets.token_hex(3)}",
            "game_title": secrets.choice(GAMES),
            "capacity": 64,
            "entry_fee": 500,
            "prize_coins": 100,
        }
        made = self.call("POST", "/api/tournaments/", name="create", expect=(201,), json=wish)
        self.call("POST", f"/api/tournaments/{made['id']}/open", name="open")
        self.opened.append(made["id"])

    @task(4)
    def register_and_pay(self) -> None:
        path = f"/api/tournaments/{secrets.choice(self.opened)}/registrations"
        taken = (None, "tournament_full", "already_registered")
        seat = self.call("POST", path, name="register", expect=(201, 409), refusals=taken)
        if "id" in seat:
            self.pay(seat["id"])

    def pay(self, registration_id: int) -> None:
        declined = secrets.randbelow(10) == 0
        order = {
            "registration_id": registration_id,
            "method": secrets.choice(["STRIPE", "PAYPAL"]),
            "token": "tok_declined" if declined else "tok_visa",
        }
        self.call(
            "POST",
            "/api/payments/",
            name="pay (declined)" if declined else "pay",
            expect=(402,) if declined else (201,),
            refusals=("card_declined",) if declined else (None,),
            json=order,
            headers={"Idempotency-Key": secrets.token_hex(16)},
        )

    @task(2)
    def my_wallet(self) -> None:
        self.call("GET", "/api/wallet", name="/api/wallet")


class Spectator(User):
    """Keeps a socket open and reads it all the time, so that `event` is how long an event took from
    its record to here (by the clocks of both machines), and pings it now and then."""

    weight = 2
    wait_time = between(1, 3)
    host: str

    def on_start(self) -> None:
        self.socket: websocket.WebSocket | None = None
        self.pong = Event()
        self.connect()

    def on_stop(self) -> None:
        if self.socket is not None:
            open_socket, self.socket = self.socket, None
            open_socket.close(timeout=1)

    @task
    def ping(self) -> None:
        if self.socket is None:
            self.connect()
            return
        with self.measured("ping"):
            self.pong.clear()
            self.socket.send(json.dumps({"type": "ping"}))
            if not self.pong.wait(TIMEOUT):
                raise TimeoutError("no pong")

    def connect(self) -> None:
        base = urlsplit(self.host)
        scheme = "wss" if base.scheme == "https" else "ws"
        with self.measured("connect"):
            self.socket = websocket.create_connection(
                f"{scheme}://{base.netloc}/ws/tournaments/{self.tournament()}/",
                origin=f"{base.scheme}://{base.netloc}",
                timeout=TIMEOUT,
            )
            self.take(json.loads(self.socket.recv()), ("welcome",))
            self.socket.settimeout(None)
            gevent.spawn(self.read, self.socket)

    def tournament(self) -> int:
        """One that the players opened, or the first one there is."""
        with gevent.Timeout(TIMEOUT, TimeoutError("no tournament was opened")):
            while not Player.opened:
                gevent.sleep(0.1)
        return secrets.choice(Player.opened)

    def read(self, socket: websocket.WebSocket) -> None:
        try:
            while text := socket.recv():
                self.take(json.loads(text), ("event", "pong"))
            raise ConnectionError("the server closed the socket")
        except (OSError, ValueError, KeyError, websocket.WebSocketException) as fault:
            if self.socket is socket:  # else it was us
                self.socket = None
                self.report("read", fault=fault)

    def take(self, message: Json, wanted: tuple[str, ...]) -> None:
        if message["type"] not in wanted:
            raise ValueError(f"{wanted} expected, got {message}")
        if message["type"] == "pong":
            self.pong.set()
        if message["type"] == "event":
            took = time.time() - datetime.fromisoformat(message["at"]).timestamp()
            self.report("event", len(json.dumps(message)), seconds=max(0.0, took))

    def measured(self, name: str) -> "Measured":
        return Measured(self, name)

    def report(
        self, name: str, size: int = 0, seconds: float = 0, fault: BaseException | None = None
    ) -> None:
        self.environment.events.request.fire(
            request_type="WS",
            name=name,
            response_time=seconds * 1000,
            response_length=size,
            exception=fault,
            context={},
        )


class Measured:
    """Reports the block to locust: its time, or what went wrong, which also ends the socket."""

    def __init__(self, user: Spectator, name: str) -> None:
        self.user, self.name = user, name

    def __enter__(self) -> None:
        self.started = time.perf_counter()

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> bool:
        if fault is not None and not isinstance(fault, Exception):
            return False  # locust is stopping this user
        self.user.report(self.name, seconds=time.perf_counter() - self.started, fault=fault)
        if fault is not None:
            self.user.socket = None
        return True
