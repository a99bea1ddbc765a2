"""One paid tournament, from sign-up to prize, through the public API only."""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from demo import invariants
from demo.api import Api, DemoError, Json
from demo.plan import FEE, PRIZE, Plan
from demo.spectator import Spectator

Advance = Callable[[], None]
IDLE_TIMEOUT = 60  # seconds without a ready match while the tournament is live
POLL_SECONDS = 0.2


class DemoTournament:
    """The organizer, the players, and their actions. In a team tournament `players` are captains.

    Methods raise DemoError if the server responds otherwise than expected.
    """

    def __init__(
        self, base_url: str, pace: float, plan: Plan | None = None, *, declines: bool = True
    ) -> None:
        self.base_url = base_url
        self.pace = pace
        self.plan = plan or Plan()
        self.declines = declines  # the first player's first card
        self.run_id = secrets.token_hex(3)
        limits = httpx.Limits(max_connections=8)
        self.http = httpx.Client(base_url=base_url, timeout=30, limits=limits)
        self.organizer = Api(self.http)
        self.players = [Api(self.http) for _ in range(self.plan.entrants)]
        self.teammates = [Api(self.http) for _ in range(self.plan.entrants * self.plan.teammates)]
        self.paid_by = {"STRIPE": 0, "PAYPAL": 0}
        self.tournament: Json = {}

    @property
    def path(self) -> str:
        return f"/api/tournaments/{self.tournament['id']}"

    def sign_up(self, advance: Advance) -> None:
        def create_account(user: Api, name: str) -> None:
            user.sign_up(f"{name}-{self.run_id}", f"pass-{secrets.token_urlsafe(32)}")
            advance()

        users = [self.organizer, *self.players, *self.teammates]
        names = ["organizer", *(f"player{number:02}" for number in range(1, len(users)))]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(create_account, users, names))

    def open_tournament(self) -> None:
        fields = {"name": f"Demo Cup {self.run_id}", **self.plan.api_fields()}
        self.tournament = self.organizer.post("/api/tournaments/", fields, expect=201)
        self.organizer.post(f"{self.path}/open")

    def register_and_pay(self, number: int, player: Api) -> None:
        team = {"team_id": self._create_team(number, player)} if self.plan.teams else None
        registration = player.post(f"{self.path}/registrations", team, expect=201)
        method = ("STRIPE", "PAYPAL")[number % 2]
        order = {"registration_id": registration["id"], "method": method}
        if self.declines and number == 0:
            declined = {**order, "token": "tok_declined"}
            player.post("/api/payments/", declined, expect=402, key=f"{self.run_id}-declined")
        order |= {"token": "tok_visa"}
        payment = player.post("/api/payments/", order, expect=201, key=f"{self.run_id}-{number}")
        if payment["status"] != "succeeded" or payment["amount"] != FEE:
            raise DemoError(f"The payment should have succeeded with amount {FEE}: {payment}")
        self.paid_by[method] += 1
        time.sleep(self.pace / 4)

    def _create_team(self, number: int, captain: Api) -> int:
        fields = {"name": f"Team {number + 1:02} {self.run_id}", "game_title": self.plan.game}
        team_id: int = captain.post("/api/teams/", fields, expect=201)["id"]
        for teammate in self._teammates_of(number):
            invitee = {"username": teammate.user["username"]}
            invitation = captain.post(f"/api/teams/{team_id}/invitations", invitee, expect=201)
            teammate.post(f"/api/invitations/{invitation['id']}/accept")
        return team_id

    def _teammates_of(self, number: int) -> list[Api]:
        return self.teammates[number :: self.plan.entrants]

    def play_matches(self, advance: Advance) -> None:
        """Until the tournament is completed. A task may draw the next round: waits for it."""
        by_id = {player.user["id"]: player for player in self.players}
        deadline = time.monotonic() + IDLE_TIMEOUT
        while self.organizer.get(self.path)["status"] == "live":
            ready = [match for match in self.matches() if match["status"] == "ready"]
            for match in ready:
                self._play(match, by_id)
                advance()
                deadline = time.monotonic() + IDLE_TIMEOUT
            if not ready:
                time.sleep(POLL_SECONDS)
            if time.monotonic() > deadline:
                raise DemoError(f"The live tournament had no ready match for {IDLE_TIMEOUT} s.")

    def _play(self, match: Json, by_id: dict[int, Api]) -> None:
        """One side reports the score, the other confirms it or reports the same score."""
        first, second = (by_id[player["id"]] for player in match["players"])
        score = {"score": [2, 1] if match["position"] % 2 else [0, 2]}
        first.post(f"/api/matches/{match['id']}/report", score)
        time.sleep(self.pace)
        if match["position"] % 4 == 3:
            second.post(f"/api/matches/{match['id']}/report", score)
        else:
            second.post(f"/api/matches/{match['id']}/confirm")

    def wait_for_champion(self, spectator: Spectator) -> str:
        """The champion's name, when the prize is paid and the results are verified."""
        spectator.wait_for("tournament.completed")
        spectator.wait_for("prize.paid", times=1 + self.plan.teammates)
        spectator.stop()
        tournament = self.organizer.get(self.path)
        champion: Json = tournament["champion"]
        if tournament["status"] != "completed" or not champion:
            raise DemoError(f"The tournament is not completed: {tournament}")
        winners = [entrant for entrant in self.registrations() if entrant["place"] == 1]
        if len(winners) != 1:
            raise DemoError(f"The tournament has {len(winners)} champions instead of one.")
        invariants.check(self.plan.format, self.plan.entrants, self.matches(), winners[0]["id"])
        if (paid := self._prize_received(champion["id"])) != PRIZE:
            raise DemoError(f"The champion received {paid} DeltaCoin instead of {PRIZE}.")
        return str(winners[0]["name"])

    def _prize_received(self, captain_id: int) -> int:
        """The sum of the wallets of the captain and the teammates."""
        number = [player.user["id"] for player in self.players].index(captain_id)
        winners = [self.players[number], *self._teammates_of(number)]
        return sum(winner.get("/api/wallet")["balance"] for winner in winners)

    def matches(self) -> list[Json]:
        """Sorted by round."""
        matches = self._all("matches", limit=100)
        return sorted(matches, key=lambda match: (match["round"], match["position"]))

    def registrations(self) -> list[Json]:
        return self._all("registrations", limit=100)

    def recorded_events(self) -> list[Json]:
        return self._all("events", since=0, limit=500)

    def _all(self, resource: str, **query: object) -> list[Json]:
        """The items of all pages."""
        items: list[Json] = []
        while True:
            page = self.organizer.get(f"{self.path}/{resource}", **query)
            items += page["items"]
            if page["next"] is None:
                return items
            query["cursor"] = page["next"]
