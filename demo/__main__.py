"""Plays a paid tournament on a running server, then compares the server's metrics with it.

The demo uses the public API only.

    BASE_URL=http://127.0.0.1:8000 FORMAT=swiss ENTRANTS=64 TEAMS=1 PACE=0.1 python -m demo
"""

import sys
from collections.abc import Callable

from rich.markup import escape

from demo.api import DemoError, base_url_from_environment
from demo.metrics import Increase, coins_awarded_by_workers, scrape
from demo.plan import PRIZE, from_environment, pace_from_environment
from demo.scenario import DemoTournament
from demo.spectator import Spectator
from demo.terminal import console, print_failure, print_increases, progress
from stack.waiting import wait_until

DECLINED = 1  # the first player's first card
PRIZE_TIMEOUT = 60  # Prometheus has to scrape the worker


def play(demo: DemoTournament) -> bool:
    """Whether the metrics match. Raises DemoError for an unexpected response."""
    read_coins = _worker_coins(demo)
    samples_before, coins_before = scrape(demo.http), read_coins() if read_coins else 0.0
    spectator = _play_tournament(demo)
    champion = demo.wait_for_champion(spectator)
    console.print(f"[bold yellow]♛ {escape(champion)}[/] wins {PRIZE} DeltaCoin")
    spectator.check_against(demo.recorded_events())
    console.print(f"The spectator received all {len(spectator.events)} events in order.")
    samples = scrape(demo.http)
    rows = [
        (increase, increase.value(samples) - increase.value(samples_before))
        for increase in _expected_increases(demo, spectator, coins_in_web=read_coins is None)
    ]
    if read_coins is not None:
        wait_until(lambda: read_coins() - coins_before >= PRIZE, PRIZE_TIMEOUT)
        rows.append((Increase("sum(coins_awarded_total)", {}, PRIZE), read_coins() - coins_before))
    print_increases(rows)
    return all(increase.matches(actual) for increase, actual in rows)


def _play_tournament(demo: DemoTournament) -> Spectator:
    """From account creation to the last match, with a spectator."""
    with progress() as bar:
        accounts = bar.add_task("Creating accounts", total=demo.plan.players + 1)
        demo.sign_up(lambda: bar.advance(accounts))
        demo.open_tournament()
        console.print(f"Watch it live: {demo.base_url}/tournaments/{demo.tournament['id']}")
        spectator = Spectator(demo.base_url, demo.tournament["id"])
        spectator.start()
        entrants = bar.add_task("Registering and paying", total=demo.plan.entrants)
        for number, player in enumerate(demo.players):
            demo.register_and_pay(number, player)
            bar.advance(entrants)
        demo.organizer.post(f"{demo.path}/start")
        matches = bar.add_task("Playing matches", total=None)
        demo.play_matches(lambda: bar.advance(matches))
        count = len(demo.matches())
        bar.update(matches, total=count, completed=count)
    return spectator


def _expected_increases(
    demo: DemoTournament, spectator: Spectator, *, coins_in_web: bool
) -> list[Increase]:
    tournament = {"tournament_id": str(demo.tournament["id"])}
    entrants, game = demo.plan.entrants, {"game_title": demo.plan.game}
    events = len(spectator.events)
    return [
        Increase("tournament_registrations_total", {**tournament, "status": "SUCCESS"}, entrants),
        Increase("tournament_registrations_total", {**tournament, "status": "FAILED"}, 0),
        Increase("matches_completed_total", {**tournament, **game}, len(demo.matches())),
        *(
            Increase("payments_processed_total", {"status": "SUCCESS", "method": method}, count)
            for method, count in demo.paid_by.items()
        ),
        Increase("payments_processed_total", {"status": "FAILED", "method": "STRIPE"}, DECLINED),
        *([Increase("coins_awarded_total", {}, PRIZE)] if coins_in_web else []),
        Increase("ws_connections_total", {}, 1),
        Increase("ws_messages_sent_total", {"message_type": "welcome"}, 1),
        Increase("ws_messages_sent_total", {"message_type": "event"}, events),
        Increase(
            "django_http_requests_total_by_method", {"method": "POST", "status": "402"}, DECLINED
        ),
    ]


def _worker_coins(demo: DemoTournament) -> Callable[[], float] | None:
    """Reads the coins that a Celery worker counts; None if the web process runs the tasks."""
    if demo.organizer.get("/readiness")["redis"] == "disabled":
        return None
    return coins_awarded_by_workers


def main() -> int:
    try:
        plan = from_environment()
        demo = DemoTournament(base_url_from_environment(), pace_from_environment(plan), plan)
        matched = play(demo)
    except DemoError as error:
        print_failure(error)
        return 1
    except KeyboardInterrupt:
        return 130
    if not matched:
        print_failure("the metrics differ.")
    return 0 if matched else 1


if __name__ == "__main__":
    sys.exit(main())
