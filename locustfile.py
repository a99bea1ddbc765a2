"""Load for a running server: visitors, players and spectators.

    make load                       60 s in the terminal, exit status 1 after any failure
    make load-ui                    the same with locust's web interface on http://127.0.0.1:8089

An expected rejection, such as a full tournament, counts as a success. A status of 5xx, a timeout or
any other unexpected response is a failure.
"""

import json
import secrets
import sys
import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import gevent
import requests
import websocket
from gevent.event import Event
from locust import HttpUser, User, between, events, task
from locust.env import Environment
from locust.exception import RescheduleTask

TIMEOUT = 60  # seconds: a slow machine is not a failure
MAX_TOURNAMENTS = 10
GAMES = ["VALORANT", "Rocket League", "Tekken 8", "Dota 2"]
Json = dict[str, Any]


def require_server(environment: Environment, **_: Any) -> None:
    try:
        requests.get(f"{environment.host}/healthz", timeout=TIMEOUT).raise_for_status()
    except requests.RequestException as error:
        sys.exit(
            f"DeltaCrown is not running at {environment.host} ({type(error).__name__})."
            " Start it with `make run`, or set PORT or BASE_URL."
        )


events.init.add_listener(require_server)


class ApiUser(HttpUser):
    """An HTTP client whose calls have a timeout and an expected response."""

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
        errors: tuple[str | None, ...] = (None,),
        **options: Any,
    ) -> Json:
        """The JSON of the response.

        Ends the task by RescheduleTask for a status that is not in `expect`, a body that is not
        JSON, or an error code that is not in `errors`.
        """
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
            error = content.get("error", {}).get("code")
            if response.status_code not in expect or not content or error not in errors:
                response.failure(f"{response.status_code}: {response.text[:200]}")
                raise RescheduleTask
            response.success()
            return content

    def sign_up(self) -> None:
        """Once per user, because hashing a password is slow by design."""
        account = {
            "username": f"load-{secrets.token_hex(6)}",
            "password": secrets.token_urlsafe(32),
        }
        self.call("POST", "/api/accounts/", name="sign up", expect=(201,), json=account)
        token = self.call("POST", "/api/accounts/token", name="token", expect=(201,), json=account)
        self.headers = {"Authorization": f"Bearer {token['token']}"}


class Visitor(ApiUser):
    """Browses without an account."""

    weight = 5
    wait_time = between(0.2, 1.0)

    @task(6)
    def tournaments(self) -> None:
        self.call("GET", "/api/tournaments/", name="/api/tournaments/")

    @task(3)
    def tournament_details(self) -> None:
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
    """Signs up once, then registers and pays for tournaments of this load test's players."""

    weight = 3
    wait_time = between(0.5, 2.0)
    opened: list[int] = []  # noqa: RUF012 shared by all players of this process

    def on_start(self) -> None:
        super().on_start()
        try:
            self.sign_up()
            self.open_tournament()
        except RescheduleTask:
            self.stop()

    @task(1)
    def open_tournament(self) -> None:
        if len(self.opened) >= MAX_TOURNAMENTS:
            return
        fields = {
            "name": f"Load {secrets.token_hex(3)}",
            "game_title": secrets.choice(GAMES),
            "capacity": 64,
            "entry_fee": 500,
            "prize_coins": 100,
        }
        created = self.call("POST", "/api/tournaments/", name="create", expect=(201,), json=fields)
        self.call("POST", f"/api/tournaments/{created['id']}/open", name="open")
        self.opened.append(created["id"])

    @task(4)
    def register_and_pay(self) -> None:
        path = f"/api/tournaments/{secrets.choice(self.opened)}/registrations"
        errors = (None, "tournament_full", "already_registered")
        registration = self.call("POST", path, name="register", expect=(201, 409), errors=errors)
        if "id" in registration:
            self.pay(registration["id"])

    def pay(self, registration_id: int) -> None:
        order = {
            "registration_id": registration_id,
            "method": secrets.choice(["STRIPE", "PAYPAL"]),
            "token": "tok_visa",  # declined cards would raise an alert
        }
        self.call(
            "POST",
            "/api/payments/",
            name="pay",
            expect=(201,),
            json=order,
            headers={"Idempotency-Key": secrets.token_hex(16)},
        )

    @task(2)
    def my_wallet(self) -> None:
        self.call("GET", "/api/wallet", name="/api/wallet")


class Spectator(User):
    """Keeps a WebSocket open, reads it in the background, and sends a ping every few seconds.

    `event` is the time from recording an event to receiving it, by the clocks of both machines.
    """

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
        with Measurement(self, "ping"):
            self.pong.clear()
            self.socket.send(json.dumps({"type": "ping"}))
            if not self.pong.wait(TIMEOUT):
                raise TimeoutError("no pong")

    def connect(self) -> None:
        base = urlsplit(self.host)
        scheme = "wss" if base.scheme == "https" else "ws"
        tournament = self.tournament()
        with Measurement(self, "connect"):
            self.socket = websocket.create_connection(
                f"{scheme}://{base.netloc}/ws/tournaments/{tournament}/",
                origin=f"{base.scheme}://{base.netloc}",
                timeout=TIMEOUT,
            )
            self.handle(json.loads(self.socket.recv()), ("welcome",))
            self.socket.settimeout(None)
            gevent.spawn(self.read, self.socket)

    def tournament(self) -> int:
        """The id of a tournament that a player opened. Waits for the first."""
        while not Player.opened:
            gevent.sleep(0.1)
        return secrets.choice(Player.opened)

    def read(self, socket: websocket.WebSocket) -> None:
        try:
            while text := socket.recv():
                self.handle(json.loads(text), ("event", "pong"))
            raise ConnectionError("the server closed the socket")
        except (OSError, ValueError, KeyError, websocket.WebSocketException) as error:
            if self.socket is socket:  # otherwise this user closed it
                self.socket = None
                self.report("read", error=error)

    def handle(self, message: Json, expected: tuple[str, ...]) -> None:
        if message["type"] not in expected:
            raise ValueError(f"expected {expected}, received {message}")
        if message["type"] == "pong":
            self.pong.set()
        if message["type"] == "event":
            seconds = time.time() - datetime.fromisoformat(message["at"]).timestamp()
            self.report("event", len(json.dumps(message)), seconds=max(0.0, seconds))

    def report(
        self, name: str, size: int = 0, seconds: float = 0, error: BaseException | None = None
    ) -> None:
        self.environment.events.request.fire(
            request_type="WS",
            name=name,
            response_time=seconds * 1000,
            response_length=size,
            exception=error,
            context={},
        )


class Measurement:
    """Reports the block's duration or exception to locust. An exception also drops the socket."""

    def __init__(self, user: Spectator, name: str) -> None:
        self.user, self.name = user, name

    def __enter__(self) -> None:
        self.started = time.perf_counter()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is not None and not isinstance(error, Exception):
            return False  # locust is stopping this user
        self.user.report(self.name, seconds=time.perf_counter() - self.started, error=error)
        if error is not None:
            self.user.socket = None
        return True
