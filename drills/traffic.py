"""Users of the platform, through its API: the traffic that a fault affects."""

from demo.api import Api
from demo.cup import Demo
from demo.figures import settle

PRIZE_TIMEOUT = 60


def open_tournament(base_url: str, players: int = 1) -> Demo:
    """A tournament that is open for registration, and players with accounts."""
    demo = Demo(base_url, pace=0)
    demo.players = [Api(demo.http) for _ in range(players)]
    demo.sign_up(lambda: None)
    demo.open_tournament()
    return demo


def complete_tournament(base_url: str) -> None:
    """Plays a tournament to its prize: creates coins, an audit trail, and every series.

    Raises RuntimeError if the prize is not paid in time.
    """
    demo = open_tournament(base_url, players=2)
    for number, player in enumerate(demo.players):
        demo.register_and_pay(number, player)
    demo.organizer.post(f"{demo.path}/start")
    demo.play_matches(lambda: None)
    champion = demo.organizer.get(demo.path)["champion"]["id"]
    winner = next(player for player in demo.players if player.person["id"] == champion)
    if not settle(lambda: float(winner.get("/api/wallet")["balance"]), 1, seconds=PRIZE_TIMEOUT):
        raise RuntimeError(f"The prize was not paid in {PRIZE_TIMEOUT} s. Is a worker running?")
