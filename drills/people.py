"""People who use the platform, through its API: what faults are met by."""

from demo.api import Api
from demo.cup import Demo
from demo.figures import settle


def tournament(base_url: str, players: int = 1) -> Demo:
    """One that is open for registration, with people who have accounts."""
    demo = Demo(base_url, pace=0)
    demo.players = [Api(demo.http) for _ in range(players)]
    demo.sign_up(lambda: None)
    demo.open_tournament()
    return demo


def played(base_url: str) -> None:
    """A tournament from sign-up to prize, so that there are coins and a trail to tamper with, and
    every series has begun."""
    demo = tournament(base_url, players=2)
    for number, player in enumerate(demo.players):
        demo.register_and_pay(number, player)
    demo.organizer.post(f"{demo.path}/start")
    demo.play_matches(lambda: None)
    champion = demo.organizer.get(demo.path)["champion"]["id"]
    winner = next(player for player in demo.players if player.person["id"] == champion)
    if not settle(lambda: float(winner.get("/api/wallet")["balance"]), 1, seconds=60):
        raise RuntimeError("the prize was not paid within a minute: is a worker running?")
