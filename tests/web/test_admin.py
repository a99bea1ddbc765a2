"""The admin shows every model. Only services change money and history."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client

from apps.accounts.models import User
from apps.events.models import EventRecord
from apps.games.models import Game
from apps.matches.models import Match
from apps.tournaments.models import Tournament
from tests.factories import bearer, make_live, make_tournament, make_user, pay, register, signed_in

APPS = ("accounts", "events", "games", "teams", "tournaments", "matches", "payments")
NOT_SHOWN = {"Stream"}  # the heads of the events that are shown
EDITABLE = {"User", "Group", "Game"}
MODELS = sorted(
    (model for name in APPS for model in apps.get_app_config(name).get_models()),
    key=lambda model: model._meta.label,
)
SHOWN = [model for model in MODELS if model.__name__ not in NOT_SHOWN]


def url(model: Any, page: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{page}"


def test_every_model_is_shown() -> None:
    missing = [model.__name__ for model in MODELS if model not in admin.site._registry]
    assert set(missing) <= NOT_SHOWN


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model._meta.label)
def test_rows_are_listed_searched_shown_and_mostly_read_only(
    admin_client: Client, model: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14):
        assert admin_client.get(url(model)).status_code == 200
    if admin.site._registry[model].search_fields:
        for text in ("1", "cup", "x" * 2000, "a\x00b", "'--", str(10**30)):
            assert admin_client.get(url(model), {"q": text}).status_code == 200
    row = model._default_manager.first()
    page = row and admin_client.get(url(model, f"{row.pk}/change/"))
    assert page is None or page.status_code == 200
    if model.__name__ not in EDITABLE:
        assert admin_client.get(url(model, "add/")).status_code == 403
    if page and model.__name__ not in EDITABLE:
        assert b'name="_save"' not in page.content
        assert admin_client.get(url(model, f"{row.pk}/delete/")).status_code == 403


def act(client: Client, row: Any, action: str, **more: str) -> str:
    sent = {"action": action, "_selected_action": row.pk, **more}
    return str(client.post(url(type(row)), sent, follow=True).content.decode())


def last_event(name: str) -> EventRecord:
    return EventRecord.objects.filter(name=name).latest("pk")


def test_canceling_a_tournament_records_the_member_of_staff(
    admin_client: Client, admin_user: User
) -> None:
    tournament = make_tournament()
    page = act(admin_client, tournament, "cancel_and_refund_entry_fees")
    assert "done for 1" in page
    tournament.refresh_from_db()
    assert tournament.status == Tournament.Status.CANCELLED
    assert last_event("tournament.cancelled").actor_id == admin_user.pk


def test_an_error_of_the_service_is_shown(admin_client: Client) -> None:
    page = act(admin_client, make_tournament(), "start")
    assert "You need at least two" in page


def test_a_match_can_be_decided_with_a_score(admin_client: Client, admin_user: User) -> None:
    match = make_live(2).matches.get()
    assert "look like 2-1" in act(admin_client, match, "set_this_result", score="two")
    assert "done for 1" in act(admin_client, match, "set_this_result", score="2-1", note="Seen.")
    match.refresh_from_db()
    assert (match.score, match.outcome) == ([2, 1], Match.Outcome.DECIDED)
    assert last_event("match.completed").actor_id == admin_user.pk


@pytest.mark.parametrize(("side", "winner"), [("a", "b"), ("b", "a")])
def test_a_side_can_forfeit(admin_client: Client, side: str, winner: str) -> None:
    match = make_live(2).matches.get()
    act(admin_client, match, f"player_{side}_forfeits")
    match.refresh_from_db()
    assert match.winner == getattr(match, f"entrant_{winner}")


def test_a_match_without_players_cannot_be_forfeited(admin_client: Client) -> None:
    final = make_live(4).matches.get(round=2)
    assert "This match isn&#x27;t ready yet." in act(admin_client, final, "player_a_forfeits")


def test_a_payment_is_refunded(admin_client: Client) -> None:
    payment = pay(register(make_tournament(entry_fee=1000)))
    assert "done for 1" in act(admin_client, payment, "refund_remaining_amount")
    assert payment.refunds.get().amount == 1000
    assert "nothing left to refund" in act(admin_client, payment, "refund_remaining_amount")


def test_a_token_can_be_revoked(admin_client: Client) -> None:
    owner = make_user()
    bearer(owner)
    act(admin_client, owner.api_tokens.get(), "revoke")
    assert not owner.api_tokens.exists()


def test_a_registration_can_be_withdrawn(admin_client: Client) -> None:
    registration = register(make_tournament())
    act(admin_client, registration, "withdraw_and_refund")
    registration.refresh_from_db()
    assert registration.status == "withdrawn"


@pytest.mark.django_db
def test_actions_need_the_change_permission() -> None:
    viewer = make_user()
    viewer.is_staff = True
    viewer.save()
    viewer.user_permissions.add(Permission.objects.get(codename="view_tournament"))
    client, tournament = signed_in(viewer), make_tournament()
    assert client.get(url(Tournament)).status_code == 200
    act(client, tournament, "cancel_and_refund_entry_fees")
    tournament.refresh_from_db()
    assert tournament.status == Tournament.Status.REGISTRATION_OPEN


def test_a_game_can_be_added_and_changed_and_not_deleted(admin_client: Client) -> None:
    new = {"title": "Chess", "roster_min": 1, "roster_max": 4}
    admin_client.post(url(Game, "add/"), new)
    admin_client.post(url(Game, "Chess/change/"), {**new, "retired": "on"})
    game = Game.objects.get(title="Chess")
    assert (game.roster_max, game.retired) == (4, True)
    assert last_event("game.changed").data["title"] == "Chess"
    assert admin_client.get(url(Game, "Chess/delete/")).status_code == 403


def test_too_many_games_are_an_error(admin_client: Client) -> None:
    Game.objects.bulk_create([Game(title=f"Game {n}") for n in range(100)])
    new = {"title": "One too many", "roster_min": 1, "roster_max": 1}
    page = admin_client.post(url(Game, "add/"), new, follow=True).content.decode()
    assert "maximum number of games" in page
    assert not Game.objects.filter(title="One too many").exists()
