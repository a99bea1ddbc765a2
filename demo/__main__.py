"""Plays one paid tournament against a running server, through its public API only, and holds what
the server's metrics say against what it did.

    BASE_URL=http://127.0.0.1:8000 FORMAT=swiss ENTRANTS=64 TEAMS=1 PACE=0.1 python -m demo
"""

import os
import sys

from rich.markup import escape

from demo import screen
from demo.api import Json, Problem, server_address
from demo.cup import Demo
from demo.figures import Figure, Samples, WorkersCoins, scrape, settle
from demo.plan import PRIZE, from_environment, pace_from_environment
from demo.spectator import Spectator

DECLINED = 1  # player 0's first card


def play(demo: Demo) -> bool:
    """Whether the figures agree. Raises Problem where the server does something else than asked."""
    coins = _coins_source(demo.organizer.get("/readiness"))
    before, coins_before = scrape(demo.http), coins.value() if coins else 0.0
    spectator = _played(demo)
    champion = demo.crowned(spectator)
    screen.say(f"[bold yellow]♛ {escape(champion)}[/] wins {PRIZE} DeltaCoins")
    spectator.check_against(demo.recorded())
    screen.say(f"The spectator saw all {len(spectator.events)} events, in order.")
    return _agreed(demo, spectator, before, coins, coins_before)


def _played(demo: Demo) -> Spectator:
    """From sign-up to the last match, with somebody who watches."""
    with screen.progress() as bar:
        signed_up = bar.add_task("Signing up", total=demo.plan.people + 1)
        demo.sign_up(lambda: bar.advance(signed_up))
        demo.open_tournament()
        screen.say(f"Watch it live: {demo.base_url}/tournaments/{demo.tournament['id']}")
        spectator = Spectator(demo.base_url, demo.tournament["id"])
        spectator.start()
        paid = bar.add_task("Registering and paying", total=demo.plan.entrants)
        for number, player in enumerate(demo.players):
            demo.register_and_pay(number, player)
            bar.advance(paid)
        demo.organizer.post(f"{demo.path}/start")
        played = bar.add_task("Playing matches", total=None)
        demo.play_matches(lambda: bar.advance(played))
        matches = len(demo.matches())
        bar.update(played, total=matches, completed=matches)
    return spectator


def _agreed(
    demo: Demo,
    spectator: Spectator,
    before: Samples,
    coins: WorkersCoins | None,
    coins_before: float,
) -> bool:
    after = scrape(demo.http)
    rows = [
        (figure, figure.value(after) - figure.value(before))
        for figure in _figures(demo, spectator, coins_in_page=coins is None)
    ]
    if coins is not None:
        risen = settle(coins.value, coins_before + PRIZE, 60) - coins_before
        rows.append((Figure("sum(coins_awarded_total)", {}, PRIZE), risen))
    screen.show_figures(rows)
    return all(figure.holds(actual) for figure, actual in rows)


def _figures(demo: Demo, spectator: Spectator, *, coins_in_page: bool) -> list[Figure]:
    """Exact by tournament; for what has no such label, the server should be ours alone."""
    tournament = {"tournament_id": str(demo.tournament["id"])}
    entrants, game = demo.plan.entrants, {"game_title": demo.plan.game}
    return [
        Figure("tournament_registrations_total", {**tournament, "status": "SUCCESS"}, entrants),
        Figure("tournament_registrations_total", {**tournament, "status": "FAILED"}, 0),
        Figure("matches_completed_total", {**tournament, **game}, len(demo.matches())),
        *(
            Figure("payments_processed_total", {"status": "SUCCESS", "method": method}, count)
            for method, count in demo.paid_by.items()
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


def _coins_source(readiness: Json) -> WorkersCoins | None:
    """Where tasks have a worker of their own, the prize is counted there."""
    if readiness["redis"] == "disabled":
        return None
    return WorkersCoins(os.environ.get("PROMETHEUS_URL", "http://127.0.0.1:9090").rstrip("/"))


def main() -> int:
    try:
        plan = from_environment()
        agreed = play(Demo(server_address(), pace_from_environment(plan), plan))
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
