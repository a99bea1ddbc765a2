"""One paid tournament, from sign-up to prize, through the public API only."""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from demo import fairness
from demo.api import Api, Json, Problem
from demo.plan import FEE, PRIZE, Plan
from demo.spectator import Spectator

Advance = Callable[[], None]
PATIENCE = 60  # seconds without a match to play, while the tournament is live


class Demo:
    """Its organizer, its players (the captains, where they are teams) and what they do."""

    def __init__(self, base_url: str, pace: float, plan: Plan | None = None) -> None:
        self.base_url = base_url
        self.pace = pace
        self.plan = plan or Plan()
        self.run = secrets.token_hex(3)
        limits = httpx.Limits(max_connections=8)
        self.http = httpx.Client(base_url=base_url, timeout=30, limits=limits)
        self.organizer = Api(self.http)
        self.players = [Api(self.http) for _ in range(self.plan.entrants)]
        self.mates = [Api(self.http) for _ in range(self.plan.entrants * self.plan.mates)]
        self.paid_by = {"STRIPE": 0, "PAYPAL": 0}
        self.tournament: Json = {}

    @property
    def path(self) -> str:
        return f"/api/tournaments/{self.tournament['id']}"

    def sign_up(self, advance: Advance) -> None:
        def one(api: Api, name: str) -> None:
            api.sign_up(f"{name}-{self.run}", f"pass-{secrets.token_urlsafe(12)}")
            advance()

        people = [self.organizer, *self.players, *self.mates]
        names = ["organizer", *(f"player{number:02}" for number in range(1, len(people)))]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(one, people, names))

    def open_tournament(self) -> None:
        wish = {"name": f"Demo Cup {self.run}", **self.plan.as_wish()}
        self.tournament = self.organizer.post("/api/tournaments/", wish, expect=201)
        self.organizer.post(f"{self.path}/open")

    def register_and_pay(self, number: int, player: Api) -> None:
        entry = {"team_id": self._team(number, player)} if self.plan.teams else None
        registration = player.post(f"{self.path}/registrations", entry, expect=201)
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

    def _team(self, number: int, captain: Api) -> int:
        wish = {"name": f"Team {number + 1:02} {self.run}", "game_title": self.plan.game}
        team: int = captain.post("/api/teams/", wish, expect=201)["id"]
        for mate in self.mates[number :: self.plan.entrants]:
            asked = {"username": mate.person["username"]}
            invitation = captain.post(f"/api/teams/{team}/invitations", asked, expect=201)
            mate.post(f"/api/invitations/{invitation['id']}/accept")
        return team

    def play_matches(self, advance: Advance) -> None:
        """Until none is left. Where a round is drawn by a task, waits for it."""
        by_id = {player.person["id"]: player for player in self.players}
        deadline = time.monotonic() + PATIENCE
        while self.organizer.get(self.path)["status"] == "live":
            ready = [match for match in self.matches() if match["status"] == "ready"]
            for match in ready:
                self._play(match, by_id)
                advance()
                deadline = time.monotonic() + PATIENCE
            if not ready:
                time.sleep(0.2)
            if time.monotonic() > deadline:
                raise Problem(f"The tournament is live, and for {PATIENCE} s no match was ready.")

    def _play(self, match: Json, by_id: dict[int, Api]) -> None:
        """One side reports, the other confirms, or reports the same."""
        first, second = (by_id[player["id"]] for player in match["players"])
        score = {"score": [2, 1] if match["position"] % 2 else [0, 2]}
        first.post(f"/api/matches/{match['id']}/report", score)
        time.sleep(self.pace)
        if match["position"] % 4 == 3:
            second.post(f"/api/matches/{match['id']}/report", score)
        else:
            second.post(f"/api/matches/{match['id']}/confirm")

    def crowned(self, spectator: Spectator) -> str:
        """The champion's name, once crowned and paid."""
        spectator.wait_for("tournament.completed")
        spectator.wait_for("prize.paid", times=1 + self.plan.mates)
        spectator.stop()
        finished = self.organizer.get(self.path)
        champion: Json = finished["champion"]
        if finished["status"] != "completed" or not champion:
            raise Problem(f"The tournament is not completed: {finished}")
        first = [one for one in self.registrations() if one["place"] == 1]
        if len(first) != 1:
            raise Problem(f"There is not one champion, but {len(first)}.")
        fairness.check(self.plan, self.matches(), first[0]["id"])
        if (paid := self._winnings(champion["id"])) != PRIZE:
            raise Problem(f"The champion's wallets hold {paid} instead of {PRIZE} coins.")
        name: str = first[0]["name"]
        return name

    def _winnings(self, captain: int) -> int:
        """What the champion has: the captain's wallet, and those of the mates."""
        number = [player.person["id"] for player in self.players].index(captain)
        winners = [self.players[number], *self.mates[number :: self.plan.entrants]]
        return sum(winner.get("/api/wallet")["balance"] for winner in winners)

    def matches(self) -> list[Json]:
        """Round by round."""
        matches = self._all("matches", limit=100)
        return sorted(matches, key=lambda match: (match["round"], match["position"]))

    def registrations(self) -> list[Json]:
        return self._all("registrations", limit=100)

    def recorded(self) -> list[Json]:
        return self._all("events", since=0, limit=500)

    def _all(self, what: str, **query: object) -> list[Json]:
        """Every item of all pages."""
        items: list[Json] = []
        while True:
            page = self.organizer.get(f"{self.path}/{what}", **query)
            items += page["items"]
            if page["next"] is None:
                return items
            query["cursor"] = page["next"]
