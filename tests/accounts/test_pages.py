"""Signing up, in and out by the pages."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.factories import PASSWORD, client_of, make_tournament, make_user

pytestmark = pytest.mark.django_db
NEW = {"username": "newcomer", "password": PASSWORD}


def test_who_signs_up_is_signed_in(client: Client) -> None:
    answer = client.post("/sign-up", NEW)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "newcomer" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "status", "says"),
    [
        ({"username": "ab"}, 422, "at least 3 characters"),
        ({"username": "a b c"}, 422, "Start with a letter or number."),
        ({"username": "..."}, 422, "Start with a letter or number."),
        ({"username": "x" * 41}, 422, "at most 40 characters"),
        ({"username": "nul\x00nul"}, 422, "Null characters are not allowed."),
        ({"password": "1234567890"}, 422, "entirely numeric"),
        ({"password": "short"}, 422, "at least 8 characters"),
        ({"username": "TAKEN"}, 409, "That username is taken."),
        ({"username": "", "password": ""}, 422, "This field is required."),
    ],
)
def test_what_is_wrong_with_a_sign_up_stands_in_the_form(
    client: Client, wrong: dict[str, str], status: int, says: str
) -> None:
    make_user("taken")
    answer = client.post("/sign-up", NEW | wrong)
    assert answer.status_code == status
    assert says in answer.content.decode()
    assert not User.objects.filter(username="newcomer").exists()


def test_an_empty_post_is_no_sign_up(client: Client) -> None:
    assert client.post("/sign-up").status_code == 422


def test_a_wrong_password_and_an_unknown_name_are_told_alike(client: Client) -> None:
    make_user("known")
    answers = [
        client.post("/sign-in", {"username": name, "password": "wrong-wrong"})
        for name in ("known", "unknown")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("Incorrect username or password." in answer.content.decode() for answer in answers)


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/tournaments/1", "/tournaments/1"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_signing_in_goes_on_where_one_was_and_nowhere_else(
    client: Client, wanted: str, goes: str
) -> None:
    make_user("known")
    answer = client.post("/sign-in", {"username": "known", "password": PASSWORD, "next": wanted})
    assert answer.headers["Location"] == goes


def test_who_signs_out_is_out(client: Client) -> None:
    client.force_login(make_user("known"))
    assert "Sign out" in client.get("/sign-out").content.decode()
    assert client.get("/me").status_code == 200  # a link that was followed signs nobody out
    client.post("/sign-out")
    assert client.get("/me").headers["Location"] == "/sign-in?next=/me"


def test_too_many_wrong_passwords_are_told_when_to_come_again(
    client: Client, settings: Any
) -> None:
    make_user("known")
    settings.AXES_FAILURE_LIMIT = 2
    for _ in range(3):
        answer = client.post("/sign-in", {"username": "known", "password": "wrong-wrong"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many failed sign-in attempts." in answer.content.decode()
    assert "Try again in 15 minutes." in answer.content.decode()


def test_a_name_that_was_tried_too_often_can_be_signed_up_with(
    client: Client, settings: Any
) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    for _ in range(3):
        client.post("/sign-in", {"username": "newcomer", "password": "wrong-wrong"})
    test_who_signs_up_is_signed_in(client)


def test_another_password_keeps_this_session_and_revokes_tokens(client: Client) -> None:
    me = make_user("known")
    client_of(me)
    client.post("/sign-in", {"username": "known", "password": PASSWORD})
    new = {"do": "password", "current": PASSWORD, "new": "another-horse-battery"}
    assert client.post("/me/account", new | {"current": "wrong"}).status_code == 401
    assert client.post("/me/account", new | {"new": "1234567890"}).status_code == 422
    assert client.post("/me/account", new).status_code == 302
    assert "You have no API tokens." in client.get("/me/account").content.decode()
    me.refresh_from_db()
    assert me.check_password("another-horse-battery")


def test_a_token_is_revoked_by_its_owner_only(client: Client) -> None:
    owner, other = make_user(), make_user()
    client_of(owner)
    token = owner.api_tokens.get()
    for person, status in ((other, 404), (owner, 302)):
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        answer = client.post("/me/account", {"do": "revoke", "token_id": token.pk})
        assert answer.status_code == status
    assert not owner.api_tokens.exists()


def test_what_is_posted_by_who_is_signed_out_changes_nothing_and_leads_to_the_door(
    client: Client,
) -> None:
    tournament = make_tournament()
    path = f"/tournaments/{tournament.pk}"
    answer = client.post(path, {"do": "enter"})
    assert answer.headers["Location"] == f"/sign-in?next={path}"
    assert tournament.registrations.count() == 0


def test_a_form_from_elsewhere_is_refused_on_a_page_of_ours() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-up", NEW)
    assert answer.status_code == 403
    assert "This page has expired" in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "cookie", ['"\\000aaaaaaaaaaa"', "a" * 5000, "nobodyssession", "\xe9" * 12, "a/../b" * 4, ""]
)
@pytest.mark.parametrize("path", ["/", "/me", "/api/tournaments/", "/api/accounts/me"])
def test_who_comes_with_a_strange_session_is_nobody(client: Client, cookie: str, path: str) -> None:
    answer = client.get(path, headers={"cookie": f"sessionid={cookie}"})
    assert answer.status_code == {"/me": 302, "/api/accounts/me": 401}.get(path, 200)


def test_spaces_around_a_password_are_part_of_it_by_page_and_by_api(client: Client) -> None:
    who = {"username": "spacious", "password": " long secret 77 "}
    made = client.post("/api/accounts/", who, content_type="application/json")
    assert made.status_code == 201
    asked = client.post("/api/accounts/token", who, content_type="application/json")
    assert asked.status_code == 201
    assert client.post("/sign-in", who | {"password": who["password"].strip()}).status_code == 401
    assert client.post("/sign-in", who).status_code == 302
