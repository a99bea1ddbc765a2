"""A locust user that plays a tournament of each format in turn: the traffic of the stack. It causes
no alert: no card is declined."""

from itertools import cycle

from locust import User, constant, task

from demo.invariants import CHECKS
from demo.plan import Plan
from demo.scenario import DemoTournament

ENTRANTS = 8
PACE = 2.0  # seconds between two steps


class Organizer(User):
    fixed_count = 1
    wait_time = constant(5)
    formats = cycle(CHECKS)
    host: str

    @task
    def play(self) -> None:
        plan = Plan(next(self.formats), ENTRANTS)
        with self.environment.events.request.measure("DEMO", plan.format):
            demo = DemoTournament(self.host, PACE, plan, declines=False)
            with demo.http:
                demo.sign_up(_ignore)
                demo.open_tournament()
                for number, player in enumerate(demo.players):
                    demo.register_and_pay(number, player)
                demo.organizer.post(f"{demo.path}/start")
                demo.play_matches(_ignore)


def _ignore() -> None:
    """DemoTournament reports its progress, which locust does not show."""
