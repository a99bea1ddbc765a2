"""Users of the platform, through its API: the traffic that a fault affects."""

from demo.api import Api
from demo.scenario import DemoTournament
from stack.waiting import wait_until

PRIZE_TIMEOUT = 60


def open_tournament(base_url: str, players: int = 1) -> DemoTournament:
    """A tournament that is open for registration, and players with accounts."""
    demo = DemoTournament(base_url, pace=0)
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
    winner = next(player for player in demo.players if player.user["id"] == champion)
    if not wait_until(lambda: winner.get("/api/wallet")["balance"] > 0, PRIZE_TIMEOUT):
        raise RuntimeError(f"The prize was not paid in {PRIZE_TIMEOUT} s. Is a worker running?")
