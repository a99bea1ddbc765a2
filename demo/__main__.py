"""Plays one paid tournament of 16 against a running server, through its public API only, and holds
what the server's metrics say against what it did.

    BASE_URL=http://127.0.0.1:8000 PACE=0.1 python -m demo
"""

import os
import secrets
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
from rich.markup import escape

from demo import screen
from demo.api import Api, Json, Problem, server_address
from demo.figures import Figure, Samples, WorkersCoins, scrape, settle
from demo.spectator import Spectator

Advance = Callable[[], None]

PLAYERS = 16
MATCHES = PLAYERS - 1
FEE = 1000
PRIZE = 5000
GAME = "VALORANT"
DECLINED = 1  # player 0's first card


class Demo:
    def __init__(self, base_url: str, pace: float) -> None:
        self.base_url = base_url
        self.pace = pace
        self.run = secrets.token_hex(3)
        limits = httpx.Limits(max_connections=8)
        self.http = httpx.Client(base_url=base_url, timeout=30, limits=limits)
        self.organizer = Api(self.http)
        self.players = [Api(self.http) for _ in range(PLAYERS)]
        self.paid_by = {"STRIPE": 0, "PAYPAL": 0}
        self.tournament: Json = {}

    @property
    def path(self) -> str:
        return f"/api/tournaments/{self.tournament['id']}"

    def play(self) -> bool:
        readiness = self.organizer.get("/readiness")
        coins = self._coins_source(readiness)
        before, coins_before = scrape(self.http), coins.value() if coins else 0.0
        with screen.progress() as bar:
            signed_up = bar.add_task("Signing up", total=PLAYERS + 1)
            self.sign_up(lambda: bar.advance(signed_up))
            self.open_tournament()
            screen.say(f"Watch it live: {self.base_url}/tournaments/{self.tournament['id']}")
            spectator = Spectator(self.base_url, self.tournament["id"])
            spectator.start()
            paid = bar.add_task("Registering and paying", total=PLAYERS)
            for number, player in enumerate(self.players):
                self.register_and_pay(number, player)
                bar.advance(paid)
            self.organizer.post(f"{self.path}/start")
            played = bar.add_task("Playing matches", total=MATCHES)
            self.play_matches(lambda: bar.advance(played))
        champion = self.crowned(spectator)
        screen.say(f"[bold yellow]♛ {champion['username']}[/] wins {PRIZE} DeltaCoins")
        spectator.check_against(self.recorded())
        screen.say(f"The spectator saw all {len(spectator.events)} events, in order.")
        return self.compare(before, spectator, coins, coins_before)

    def sign_up(self, advance: Advance) -> None:
        def one(api: Api, name: str) -> None:
            api.sign_up(f"{name}-{self.run}", f"pass-{secrets.token_urlsafe(12)}")
            advance()

        names = ["organizer", *(f"player{n:02}" for n in range(1, PLAYERS + 1))]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(one, [self.organizer, *self.players], names))

    def open_tournament(self) -> None:
        self.tournament = self.organizer.post(
            "/api/tournaments/",
            {
                "name": f"Demo Cup {self.run}",
                "game_title": GAME,
                "format": "single_elimination",
                "capacity": PLAYERS,
                "entry_fee": FEE,
                "currency": "EUR",
                "prize_coins": PRIZE,
            },
            expect=201,
        )
        self.organizer.post(f"{self.path}/open")

    def register_and_pay(self, number: int, player: Api) -> None:
        registration = player.post(f"{self.path}/registrations", expect=201)
        method = ("STRIPE", "PAYPAL")[number % 2]
        order = {"registration_id": registration["id"], "method": method}
        if number == 0:
            refused = {**order, "token": "tok_declined"}
            player.post("/api/payments/", refused, expect=402, key=f"{self.run}-declined")
        paid = player.post(
            "/api/payments/", {**order, "token": "tok_visa"}, expect=201, key=f"{self.run}-{number}"
        )
        if paid["status"] != "succeeded" or paid["amount"] != FEE:
            raise Problem(f"The payment is not what was asked for: {paid}")
        self.paid_by[method] += 1
        time.sleep(self.pace / 4)

    def play_matches(self, advance: Advance) -> None:
        by_id = {player.person["id"]: player for player in self.players}
        while ready := [match for match in self._matches() if match["status"] == "ready"]:
            for match in ready:
                first, second = (by_id[player["id"]] for player in match["players"])
                score = [2, 1] if match["position"] % 2 else [0, 2]
                first.post(f"/api/matches/{match['id']}/report", {"score": score})
                time.sleep(self.pace)
                second.post(f"/api/matches/{match['id']}/confirm")
                advance()

    def crowned(self, spectator: Spectator) -> Json:
        """The champion, once crowned and paid."""
        spectator.wait_for("tournament.completed")
        spectator.wait_for("prize.paid")
        spectator.stop()
        finished = self.organizer.get(self.path)
        champion: Json = finished["champion"]
        if finished["status"] != "completed" or not champion:
            raise Problem(f"The tournament is not completed: {finished}")
        winner = next(one for one in self.players if one.person["id"] == champion["id"])
        if (balance := winner.get("/api/wallet")["balance"]) != PRIZE:
            raise Problem(f"The champion's wallet holds {balance} instead of {PRIZE} coins.")
        return champion

    def recorded(self) -> list[Json]:
        events: list[Json] = []
        query: Json = {"since": 0, "limit": 500}
        while True:
            page = self.organizer.get(f"{self.path}/events", **query)
            events += page["items"]
            if page["next"] is None:
                return events
            query["cursor"] = page["next"]

    def compare(
        self, before: Samples, spectator: Spectator, coins: WorkersCoins | None, coins_before: float
    ) -> bool:
        after = scrape(self.http)
        rows = [
            (figure, figure.value(after) - figure.value(before))
            for figure in self.figures(spectator, coins_in_page=coins is None)
        ]
        if coins is not None:
            risen = settle(coins.value, coins_before + PRIZE, 60) - coins_before
            rows.append((Figure("sum(coins_awarded_total)", {}, PRIZE), risen))
        screen.show_figures(rows)
        return all(figure.holds(actual) for figure, actual in rows)

    def figures(self, spectator: Spectator, *, coins_in_page: bool) -> list[Figure]:
        """Exact by tournament; for what has no such label, the server should be ours alone."""
        tournament = {"tournament_id": str(self.tournament["id"])}
        return [
            Figure("tournament_registrations_total", {**tournament, "status": "SUCCESS"}, PLAYERS),
            Figure("tournament_registrations_total", {**tournament, "status": "FAILED"}, 0),
            Figure("matches_completed_total", {**tournament, "game_title": GAME}, MATCHES),
            *(
                Figure("payments_processed_total", {"status": "SUCCESS", "method": method}, count)
                for method, count in self.paid_by.items()
            ),
            Figure("payments_processed_total", {"status": "FAILED", "method": "STRIPE"}, DECLINED),
            *([Figure("coins_awarded_total", {}, PRIZE)] if coins_in_page else []),
            Figure("ws_connections_total", {}, 1, at_least=True),
            Figure("ws_messages_sent_total", {"message_type": "welcome"}, 1, at_least=True),
            Figure(
                "ws_messages_sent_total",
                {"message_type": "event"},
                len(spectator.events),
                at_least=True,
            ),
            Figure(
                "django_http_requests_total_by_method",
                {"method": "POST", "status": "402"},
                DECLINED,
                at_least=True,
            ),
        ]

    def _matches(self) -> list[Json]:
        matches: list[Json] = self.organizer.get(f"{self.path}/matches")["items"]
        return matches

    def _coins_source(self, readiness: Json) -> WorkersCoins | None:
        """Where tasks have a worker of their own, the prize is counted there."""
        if readiness["redis"] == "disabled":
            return None
        return WorkersCoins(os.environ.get("PROMETHEUS_URL", "http://127.0.0.1:9090").rstrip("/"))


def _pace(text: str) -> float:
    """Seconds between two steps."""
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not 0 <= pace <= 60:
        raise Problem(f"PACE={text} is no number of seconds from 0 to 60.")
    return pace


def main() -> int:
    try:
        agreed = Demo(server_address(), _pace(os.environ.get("PACE", "0.1"))).play()
    except Problem as problem:
        screen.console.print(f"[bold red]Failed:[/] {escape(str(problem))}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    if not agreed:
        screen.say("[bold red]Failed:[/] the figures differ. Is somebody else using the server?")
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
