from typing import Any

import pytest

from apps.matches.models import Match
from apps.tournaments.models import Registration
from tests import factories
from tests.world import World


def test_one_player_reports_and_the_other_confirms(world: World) -> None:
    reported = world.send("alice", "POST", "/api/matches/{ready}/report", {"score": [2, 1]})
    assert reported.status_code == 200
    assert reported.json()["status"] == "reported"
    assert reported.json()["winner"] is None
    assert reported.json()["reported_by"] == world.people["alice"].pk
    confirmed = world.send("erin", "POST", "/api/matches/{ready}/confirm")
    assert confirmed.status_code == 200
    alice, erin = ({"id": world.people[n].pk, "username": n} for n in ("alice", "erin"))
    entrants = [entrant(world, "live", player) for player in (alice, erin)]
    assert confirmed.json() == {
        "id": world.ids["ready"],
        "tournament_id": world.ids["live"],
        "stage": "winners",
        "group": 0,
        "round": 1,
        "position": 0,
        "entrants": entrants,
        "players": [alice, erin],
        "best_of": 3,
        "score": [2, 1],
        "status": "completed",
        "outcome": "played",
        "winner": alice,
        "winner_entrant": entrants[0],
        "reported_by": alice["id"],
        "scheduled_at": None,
        "forfeit_at": None,
    }
    assert world.send("anonymous", "GET", "/api/matches/{ready}").json() == confirmed.json()
    final = world.send("anonymous", "GET", "/api/tournaments/{live}/matches").json()["items"][-1]
    assert (final["status"], final["players"]) == ("pending", [alice, None])


def test_matches_are_listed_in_pages_without_duplicates(world: World) -> None:
    cup = factories.make_live(32)
    pks = list(cup.matches.order_by("-pk").values_list("pk", flat=True))
    url = f"/api/tournaments/{cup.pk}/matches"
    page = world.send("anonymous", "GET", url).json()
    assert [match["id"] for match in page["items"]] == pks[:20]
    rest = world.send("anonymous", "GET", f"{url}?limit=100&cursor={page['next']}").json()
    assert ([match["id"] for match in rest["items"]], rest["next"]) == (pks[20:], None)


def entrant(world: World, tournament: str, player: dict[str, Any]) -> dict[str, Any]:
    registration = Registration.objects.get(tournament=world.ids[tournament], player=player["id"])
    return {"id": registration.pk, "name": player["username"], "player": player, "team": None}


def test_different_reports_open_a_dispute_that_the_organizer_decides(world: World) -> None:
    report = {"score": [1, 2], "evidence": "https://example.com/screen.png"}
    disputed = world.send("dave", "POST", "/api/matches/{reported}/report", report)
    assert (disputed.status_code, disputed.json()["status"]) == (200, "disputed")
    added = world.send("bob", "POST", "/api/matches/{reported}/dispute", {"evidence": "No."})
    assert added.status_code == 200
    seen = [
        world.send(user, "GET", "/api/matches/{reported}/dispute") for user in ("bob", "organizer")
    ]
    assert seen[0].json() == seen[1].json()
    evidence = seen[0].json()["evidence"]
    assert [(item["author"]["username"], item["text"]) for item in evidence] == [
        ("dave", report["evidence"]),
        ("bob", "No."),
    ]
    decision = {"score": [2, 0], "note": "As on the server."}
    decided = world.send("organizer", "POST", "/api/matches/{reported}/decide", decision).json()
    assert (decided["status"], decided["outcome"], decided["score"]) == (
        "completed", "decided", [2, 0],
    )  # fmt: skip
    dispute = world.send("dave", "GET", "/api/matches/{reported}/dispute").json()
    assert dispute["resolved_by"]["username"] == "organizer"
    assert dispute["note"] == "As on the server."
    corrected = world.send(
        "organizer", "POST", "/api/matches/{reported}/correct", {"score": [0, 2]}
    )
    assert corrected.json()["winner"]["username"] == "dave"


def test_standings_have_ranks_and_points(world: World) -> None:
    assert world.send("anonymous", "GET", "/api/tournaments/{live}/standings").json() == []
    league = factories.make_live(3, format="round_robin")
    factories.play_all(league)
    [table] = world.send("anonymous", "GET", f"/api/tournaments/{league.pk}/standings").json()
    assert (table["stage"], table["group"]) == ("table", 0)
    assert [row["rank"] for row in table["rows"]] == [1, 2, 3]
    assert {row["played"] for row in table["rows"]} == {2}
    assert sum(row["points"] for row in table["rows"]) == 3


@pytest.mark.usefixtures("tasks_in_process")
def test_the_champion_is_shown_and_receives_the_prize(world: World, commit: Any) -> None:
    cup = factories.make_tournament(world.people["organizer"], capacity=2, prize_coins=70)
    for name in ("alice", "bob"):
        factories.register(cup, world.people[name])
    world.send("organizer", "POST", f"/api/tournaments/{cup.pk}/start")
    match = Match.objects.get(tournament=cup)
    world.send("alice", "POST", f"/api/matches/{match.pk}/report", {"score": [0, 2]})
    with commit():
        world.send("bob", "POST", f"/api/matches/{match.pk}/confirm")
    shown = world.send("anonymous", "GET", f"/api/tournaments/{cup.pk}").json()
    assert (shown["status"], shown["champion"]["username"]) == ("completed", "bob")
    balances = [world.send(name, "GET", "/api/wallet").json() for name in ("alice", "bob")]
    assert balances == [{"balance": 0}, {"balance": 70}]
