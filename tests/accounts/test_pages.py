import pytest
from django.test import Client

from apps.accounts.models import User
from tests.factories import PASSWORD, client_of, make_user

pytestmark = pytest.mark.django_db
NEW = {"username": "newcomer", "password": PASSWORD}


def test_a_new_user_is_signed_in(client: Client) -> None:
    answer = client.post("/sign-up", NEW)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "newcomer" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"username": "ab"}, 422, "at least 3 characters"),
        ({"username": "..."}, 422, "Start with a letter or number."),
        ({"username": "nul\x00nul"}, 422, "Null characters are not allowed."),
        ({"password": "1234567890"}, 422, "entirely numeric"),
        ({"username": "TAKEN"}, 409, "That username is taken."),
        ({"username": "", "password": ""}, 422, "This field is required."),
    ],
)
def test_errors_of_sign_up_are_in_the_form(
    client: Client, fields: dict[str, str], status: int, message: str
) -> None:
    make_user("taken")
    answer = client.post("/sign-up", NEW | fields)
    assert answer.status_code == status
    assert message in answer.content.decode()
    assert not User.objects.filter(username="newcomer").exists()


def test_a_wrong_password_and_an_unknown_username_have_the_same_error(client: Client) -> None:
    make_user("known")
    for name in ("known", "unknown"):
        answer = client.post("/sign-in", {"username": name, "password": "wrong-wrong"})
        assert answer.status_code == 401
        assert "Incorrect username or password." in answer.content.decode()


@pytest.mark.parametrize(
    ("next_page", "location"),
    [
        ("/tournaments/1", "/tournaments/1"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_sign_in_redirects_to_this_site_only(client: Client, next_page: str, location: str) -> None:
    make_user("known")
    form = {"username": "known", "password": PASSWORD, "next": next_page}
    assert client.post("/sign-in", form).headers["Location"] == location


def test_a_signed_in_user_is_redirected_from_sign_in(client: Client) -> None:
    client.force_login(make_user("known"))
    assert client.get("/sign-in?next=/me").headers["Location"] == "/me"


def test_only_a_post_signs_out(client: Client) -> None:
    client.force_login(make_user("known"))
    assert "Sign out" in client.get("/sign-out").content.decode()
    assert client.get("/me").status_code == 200
    client.post("/sign-out")
    assert client.get("/me").headers["Location"] == "/sign-in?next=/me"


def test_a_changed_password_keeps_this_session_and_revokes_tokens(client: Client) -> None:
    me = make_user("known")
    client_of(me)
    client.post("/sign-in", {"username": "known", "password": PASSWORD})
    form = {"do": "password", "current": PASSWORD, "new": "another-horse-battery"}
    assert client.post("/me/account", form | {"current": "wrong"}).status_code == 401
    assert client.post("/me/account", form).status_code == 302
    assert "You have no API tokens." in client.get("/me/account").content.decode()
    me.refresh_from_db()
    assert me.check_password("another-horse-battery")


def test_only_its_owner_can_revoke_a_token(client: Client) -> None:
    owner, other = make_user(), make_user()
    client_of(owner)
    token = owner.api_tokens.get()
    for user, status in ((other, 404), (owner, 302)):
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        answer = client.post("/me/account", {"do": "revoke", "token_id": token.pk})
        assert answer.status_code == status
    assert not owner.api_tokens.exists()


def test_a_form_without_csrf_token_is_forbidden() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-up", NEW)
    assert answer.status_code == 403
    assert "This page has expired" in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "cookie", ['"\\000aaaaaaaaaaa"', "a" * 5000, "unknownsession", "\xe9" * 12, "a/../b" * 4, ""]
)
def test_an_invalid_session_cookie_is_ignored(client: Client, cookie: str) -> None:
    for path, status in (("/", 200), ("/me", 302), ("/api/accounts/me", 401)):
        answer = client.get(path, headers={"cookie": f"sessionid={cookie}"})
        assert answer.status_code == status


def test_spaces_around_a_password_are_kept_by_pages_and_api(client: Client) -> None:
    account = {"username": "spacious", "password": " long secret 77 "}
    for path in ("/api/accounts/", "/api/accounts/token"):
        assert client.post(path, account, "application/json").status_code == 201
    stripped = account | {"password": account["password"].strip()}
    assert client.post("/sign-in", stripped).status_code == 401
    assert client.post("/sign-in", account).status_code == 302
