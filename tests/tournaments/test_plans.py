import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.events.recording import since
from apps.tournaments import exceptions, services
from apps.tournaments.api.schemas import TournamentIn
from apps.tournaments.forms.plans import NewTournamentForm
from apps.tournaments.models import Tournament
from tests import factories
from tests.tournaments.steps import by_organizer

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = timedelta(hours=1)
NAMES = ["ann", "bea", "cyd", "dot"]


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
        ({"group_size": 1, "group_advance": 1}, "group_size"),
        ({"group_size": 17}, "group_size"),
        ({"group_advance": 0}, "group_advance"),
        ({"format": "round_robin", "capacity": 65}, "capacity"),
        ({"round_minutes": 30}, "starts_at"),
        ({"starts_at": NOW - HOUR}, "starts_at"),
        ({"registration_opens_at": NOW, "registration_closes_at": NOW}, "registration_closes_at"),
        ({"registration_closes_at": NOW, "starts_at": NOW - HOUR}, "starts_at"),
        ({"registration_opens_at": NOW, "starts_at": NOW - HOUR}, "starts_at"),
    ],
)
def test_an_invalid_plan_names_its_field(plan: dict[str, Any], field: str) -> None:
    with pytest.raises(exceptions.BadPlan) as error:
        factories.make_tournament(**plan)
    assert list(error.value.fields) == [field]
    assert not Tournament.objects.exists()


def edit(tournament: Tournament, **changes: Any) -> Tournament:
    return by_organizer(services.tournament_edit, tournament, **changes)


def test_every_field_of_a_draft_can_change() -> None:
    tournament = factories.make_tournament(opened=False)
    edit(tournament, name="Major", format="swiss", prize_coins=70, prize_split=[70, 30])
    tournament.refresh_from_db()
    assert (tournament.name, tournament.format) == ("Major", "swiss")
    assert tournament.prize_split == [70, 30]
    last = since(f"tournament:{tournament.pk}", 0)[-1]
    assert last.data["fields"] == ["format", "name", "prize_coins", "prize_split"]


def test_an_open_tournament_keeps_its_fee_and_a_live_one_everything() -> None:
    tournament = factories.make_tournament()
    with pytest.raises(exceptions.BadPlan) as error:
        edit(tournament, entry_fee=5, rules="Be kind.")
    assert list(error.value.fields) == ["entry_fee"]
    edit(tournament, rules="Be kind.", starts_at=NOW + HOUR)
    tournament.refresh_from_db()
    assert (tournament.rules, tournament.starts_at) == ("Be kind.", NOW + HOUR)
    with pytest.raises(exceptions.WrongState):
        edit(factories.make_live(), rules="Anything goes.")


def test_the_capacity_cannot_be_lower_than_the_seats_taken() -> None:
    tournament = factories.make_tournament(capacity=4)
    for _ in range(3):
        factories.register(tournament)
    with pytest.raises(exceptions.BadPlan):
        edit(tournament, capacity=2)
    edit(tournament, capacity=3)


def seeded(tournament: Tournament) -> list[str]:
    """Starts the tournament. Returns the players in seed order."""
    by_organizer(services.tournament_start, tournament)
    ordered = tournament.registrations.filter(seed__isnull=False).order_by("seed")
    return [registration.player.username for registration in ordered]


def with_four_players(**plan: Any) -> Tournament:
    tournament = factories.make_tournament(**plan)
    for name in NAMES:
        known = User.objects.filter(username=name).first()
        factories.register(tournament, known or factories.make_user(name))
    return tournament


def test_random_seeding_can_be_repeated_from_its_event() -> None:
    seeds = set()
    for _ in range(2):
        tournament = with_four_players(seeding="random")
        order = seeded(tournament)
        events = since(f"tournament:{tournament.pk}", 0)
        [seed] = [event.data["random_seed"] for event in events if "random_seed" in event.data]
        repeated = [*NAMES]
        random.Random(seed).shuffle(repeated)
        assert order == repeated
        seeds.add(seed)
    assert len(seeds) == 2


def test_rank_seeding_follows_wins_in_the_game() -> None:
    earlier = with_four_players()
    by_organizer(services.tournament_start, earlier)
    for match in earlier.matches.filter(round=1):
        factories.play(match, (0, 2))  # the lower seeds win
    final = earlier.matches.get(round=2)
    factories.play(final, (2, 0))
    order = seeded(with_four_players(seeding="rank"))
    assert earlier.registrations.get(player__username=order[0]) == final.entrant_a
    assert earlier.registrations.get(player__username=order[1]) == final.entrant_b
    assert order[2:] == ["ann", "bea"]


def test_manual_seeds_come_first_and_others_in_registration_order() -> None:
    assert seeded(with_four_players()) == NAMES
    tournament = with_four_players()
    dot = tournament.registrations.get(player__username="dot")
    by_organizer(services.seeds_set, tournament, order=[dot.pk])
    assert seeded(tournament) == ["dot", "ann", "bea", "cyd"]


def test_manual_seeds_must_be_different_entrants_of_the_tournament() -> None:
    tournament = with_four_players()
    ann = tournament.registrations.first()
    other = factories.register(factories.make_tournament())
    assert ann is not None
    for order in ([ann.pk, ann.pk], [other.pk]):
        with pytest.raises(exceptions.BadSeeds):
            by_organizer(services.seeds_set, tournament, order=order)


NUMBERS = ("capacity", "swiss_rounds", "group_size", "group_advance", "check_in_minutes",
           "round_minutes", "no_show_minutes", "prize_coins")  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_the_form_and_the_api_have_the_same_limits(name: str) -> None:
    field: Any = NewTournamentForm().fields[name]
    schema = TournamentIn.model_json_schema()["properties"][name]
    assert (field.min_value, field.max_value) == (schema["minimum"], schema["maximum"])
