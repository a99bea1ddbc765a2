"""What a tournament can be planned to be, and what of it changes later."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.events.recording import since
from apps.tournaments import services
from apps.tournaments.api.schemas import TournamentIn
from apps.tournaments.exceptions import BadPlan, BadSeeds, NotYourTournament, WrongState
from apps.tournaments.forms import NewTournamentForm
from apps.tournaments.models import Tournament
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"format": "ladder"}, "format"),
        ({"name": "\u202ecup"}, "name"),
        ({"best_of": 2}, "best_of"),
        ({"seeding": "stars"}, "seeding"),
        ({"prize_split": []}, "prize_split"),
        ({"prize_split": [50, 40]}, "prize_split"),
        ({"prize_split": [110, -10]}, "prize_split"),
        ({"prize_split": [60.0, 40.0]}, "prize_split"),
        ({"prize_split": "100"}, "prize_split"),
        ({"prize_split": [True] * 100}, "prize_split"),
        ({"prize_split": [40, 30, 30], "capacity": 2}, "prize_split"),
        ({"capacity": 1}, "capacity"),
        ({"capacity": 1025}, "capacity"),
        ({"group_size": 4, "group_advance": 4}, "group_advance"),
        ({"round_minutes": 30}, "starts_at"),
        ({"starts_at": NOW - HOUR}, "starts_at"),
        (
            {"registration_opens_at": NOW, "registration_closes_at": NOW},
            "registration_closes_at",
        ),
        ({"registration_closes_at": NOW, "starts_at": NOW - HOUR}, "starts_at"),
        ({"registration_opens_at": NOW, "starts_at": NOW - HOUR}, "starts_at"),
    ],
)
def test_a_plan_that_cannot_be_played_says_what_is_wrong(plan: dict[str, Any], field: str) -> None:
    with pytest.raises(BadPlan) as refused:
        factories.make_tournament(**plan)
    assert list(refused.value.fields) == [field]
    assert not Tournament.objects.exists()


def edit(tournament: Tournament, **changes: Any) -> Tournament:
    return services.tournament_edit(
        tournament_id=tournament.pk, organizer=tournament.organizer, **changes
    )


def test_a_draft_is_changed_altogether() -> None:
    tournament = factories.make_tournament(opened=False)
    edit(tournament, name="Major", format="swiss", prize_coins=70, prize_split=[70, 30])
    tournament.refresh_from_db()
    assert (tournament.name, tournament.format) == ("Major", "swiss")
    assert tournament.prize_split == [70, 30]
    last = since(f"tournament:{tournament.pk}", 0)[-1]
    assert last.data["fields"] == ["format", "name", "prize_coins", "prize_split"]


def test_what_players_signed_up_for_is_settled() -> None:
    tournament = factories.make_tournament()
    with pytest.raises(BadPlan) as refused:
        edit(tournament, entry_fee=5, rules="Be kind.")
    assert list(refused.value.fields) == ["entry_fee"]
    edit(tournament, rules="Be kind.", starts_at=NOW + HOUR)
    tournament.refresh_from_db()
    assert (tournament.rules, tournament.starts_at) == ("Be kind.", NOW + HOUR)


def test_nothing_changes_once_it_is_played() -> None:
    with pytest.raises(WrongState):
        edit(factories.make_live(), rules="Anything goes.")


def test_seats_that_are_taken_stay() -> None:
    tournament = factories.make_tournament(capacity=4)
    for _ in range(3):
        factories.register(tournament)
    with pytest.raises(BadPlan):
        edit(tournament, capacity=2)
    edit(tournament, capacity=3)


def test_only_the_organizer_changes_it() -> None:
    with pytest.raises(NotYourTournament):
        services.tournament_edit(
            tournament_id=factories.make_tournament().pk,
            organizer=factories.make_user(),
            rules="Mine.",
        )


def seeded(tournament: Tournament) -> list[str]:
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    ordered = tournament.registrations.filter(seed__isnull=False).order_by("seed")
    return [registration.player.username for registration in ordered]


def entered(**plan: Any) -> Tournament:
    tournament = factories.make_tournament(**plan)
    for name in ("ann", "bea", "cyd", "dot"):
        factories.register(tournament, factories.known_user(name))
    return tournament


def test_seeds_follow_the_order_of_sign_up() -> None:
    assert seeded(entered()) == ["ann", "bea", "cyd", "dot"]


def test_a_random_draw_can_be_drawn_again() -> None:
    tournament = entered(seeding="random")
    order = seeded(tournament)
    started = since(f"tournament:{tournament.pk}", 0)
    seeds = [event.data["random_seed"] for event in started if "random_seed" in event.data]
    again = ["ann", "bea", "cyd", "dot"]
    random.Random(seeds[0]).shuffle(again)
    assert order == again


def test_nobody_knows_the_seed_of_a_draw_before() -> None:
    draws = {tuple(seeded(entered(seeding="random"))) for _ in range(12)}
    assert len(draws) > 1


def test_who_won_more_in_this_game_is_seeded_before() -> None:
    before = entered()
    services.tournament_start(tournament_id=before.pk, organizer=before.organizer)
    for match in before.matches.filter(round=1):
        factories.play(match, (0, 2))  # the lower seeds win
    final = before.matches.get(round=2)
    factories.play(final, (2, 0))
    order = seeded(entered(seeding="rank"))
    assert before.registrations.get(player__username=order[0]) == final.entrant_a
    assert before.registrations.get(player__username=order[1]) == final.entrant_b
    assert order[2:] == ["ann", "bea"]


def test_the_organizer_seeds_by_hand() -> None:
    tournament = entered()
    dot = tournament.registrations.get(player__username="dot")
    services.seeds_set(tournament_id=tournament.pk, organizer=tournament.organizer, order=[dot.pk])
    assert seeded(tournament) == ["dot", "ann", "bea", "cyd"]


def test_an_order_names_entrants_once_each() -> None:
    tournament = entered()
    ann = tournament.registrations.first()
    stranger = factories.register(factories.make_tournament())
    assert ann is not None
    for order in ([ann.pk, ann.pk], [stranger.pk]):
        with pytest.raises(BadSeeds):
            services.seeds_set(
                tournament_id=tournament.pk, organizer=tournament.organizer, order=order
            )


NUMBERS = ("capacity", "swiss_rounds", "group_size", "group_advance", "check_in_minutes",
           "round_minutes", "no_show_minutes", "prize_coins")  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_page_and_api_take_the_same_numbers(name: str) -> None:
    on_page: Any = NewTournamentForm().fields[name]
    by_api = TournamentIn.model_json_schema()["properties"][name]
    assert (on_page.min_value, on_page.max_value) == (by_api["minimum"], by_api["maximum"])
