"""Guessing passwords, signing up and writing without end are all told to come again later."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.core import context, rate_limits
from apps.core.exceptions import TooManyRequests
from stack.ports import free_port
from tests import factories, samples

PASSWORD = factories.PASSWORD
YEAR = 366 * 86_400  # seconds. A window that ends during a test would give one more try


@pytest.fixture(autouse=True)
def ada(settings: Any) -> User:
    settings.AXES_FAILURE_LIMIT = 3
    return User.objects.create_superuser("ada", password=PASSWORD)


def ask_for_token(client: Client, password: str, username: str = "ada") -> Any:
    who = {"username": username, "password": password}
    return client.post("/api/accounts/token", who, "application/json")


def at_admin(client: Client, password: str) -> Any:
    return client.post("/admin/login/", {"username": "ada", "password": password})


class TestLock:
    def test_after_some_wrong_passwords_the_right_one_does_not_help(self, visitor: Client) -> None:
        answers = [ask_for_token(visitor, "wrong") for _ in range(4)]
        answers.append(ask_for_token(visitor, PASSWORD))
        assert [one.status_code for one in answers] == [401, 401, 429, 429, 429]
        assert answers[-1].json()["error"]["code"] == "locked_out"
        assert answers[-1].headers["Retry-After"] == "900"

    def test_what_is_locked_here_is_locked_in_the_admin_and_the_other_way_round(
        self, visitor: Client
    ) -> None:
        for _ in range(2):
            ask_for_token(visitor, "wrong")
        assert at_admin(visitor, "wrong").status_code == 429
        page = at_admin(visitor, PASSWORD)
        assert page.status_code == 429
        assert page.headers["Retry-After"] == "900"
        assert b"Try again in 15 minutes." in page.content
        assert ask_for_token(visitor, PASSWORD).status_code == 429

    def test_it_keeps_nobody_out_who_comes_from_elsewhere(self, visitor: Client) -> None:
        for _ in range(5):
            ask_for_token(visitor, "wrong")
        assert ask_for_token(Client(REMOTE_ADDR="203.0.113.77"), PASSWORD).status_code == 201
        assert ask_for_token(visitor, "wrong", username="eve").status_code == 401

    def test_a_client_gets_round_it_by_no_header_of_its_own(self, visitor: Client) -> None:
        for number in range(3):
            visitor.defaults["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
            answer = ask_for_token(visitor, "wrong")
        assert answer.status_code == 429

    def test_behind_our_proxy_its_word_counts(self, visitor: Client, settings: Any) -> None:
        settings.TRUSTED_PROXIES = 1
        for number in range(5):
            visitor.defaults["HTTP_X_FORWARDED_FOR"] = f"6.6.6.6, 203.0.113.{number}"
            assert ask_for_token(visitor, "wrong").status_code == 401

    def test_the_right_password_in_time_begins_anew(self, visitor: Client) -> None:
        for password in ("wrong", "wrong", PASSWORD, "wrong", "wrong"):
            last = ask_for_token(visitor, password)
        assert last.status_code == 401

    def test_guessing_the_current_password_is_guessing(self, visitor: Client) -> None:
        headers = {"authorization": f"Bearer {ask_for_token(visitor, PASSWORD).json()['token']}"}
        for _ in range(3):
            answer = visitor.post(
                "/api/accounts/password",
                {"current": "wrong", "new": "another-horse-battery"},
                "application/json",
                headers=headers,
            )
        assert answer.status_code == 429


class TestLimits:
    @pytest.fixture(autouse=True)
    def _low(self, settings: Any) -> None:
        low = {"sign_up": "2/year", "sign_in": "2/year", "writes": "2/year"}
        settings.RATE_LIMITS = settings.RATE_LIMITS | low

    def sign_up(self, client: Client, name: str) -> Any:
        who = {"username": name, "password": "correct-horse-battery"}
        return client.post("/api/accounts/", who, "application/json")

    def test_sign_ups_of_one_address_end(self, visitor: Client) -> None:
        before = samples.value("rate_limited_total", limit="sign_up") or 0
        answers = [self.sign_up(visitor, f"new-{number}") for number in range(3)]
        assert [one.status_code for one in answers] == [201, 201, 429]
        assert answers[-1].json()["error"]["code"] == "rate_limited"
        assert 0 < int(answers[-1].headers["Retry-After"]) <= YEAR
        assert not User.objects.filter(username="new-2").exists()
        assert samples.value("rate_limited_total", limit="sign_up") == before + 1
        with context.bound(client="203.0.113.78"):
            assert self.sign_up(visitor, "elsewhere").status_code == 201

    def test_attempts_to_sign_in_end_whoever_it_is_about(self, visitor: Client) -> None:
        answers = [ask_for_token(visitor, "wrong", username=f"n-{n}") for n in range(3)]
        assert [one.status_code for one in answers] == [401, 401, 429]
        page = at_admin(visitor, PASSWORD)
        assert (page.status_code, page.headers["Content-Type"]) == (429, "text/html; charset=utf-8")

    def test_writes_of_one_user_end_and_reads_do_not(self, visitor: Client) -> None:
        headers = {"authorization": f"Bearer {ask_for_token(visitor, PASSWORD).json()['token']}"}

        def write() -> Any:
            cup = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
            return visitor.post("/api/tournaments/", cup, "application/json", headers=headers)

        assert [write().status_code for _ in range(3)] == [201, 201, 429]
        assert visitor.get("/api/accounts/me", headers=headers).status_code == 200

    def test_by_session_too_on_pages_and_in_the_admin(self, visitor: Client) -> None:
        visitor.force_login(User.objects.get(username="ada"))
        answers = [visitor.post("/admin/auth/group/add/", {"name": ""}) for _ in range(3)]
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert b"Try again in" in answers[-1].content

    def test_0_is_no_limit(self, visitor: Client, settings: Any) -> None:
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_up": ""}
        answers = [self.sign_up(visitor, f"new-{number}").status_code for number in range(5)]
        assert answers == [201] * 5


class TestWithoutTheirStore:
    @pytest.fixture(autouse=True)
    def _redis_is_down(self, settings: Any, visitor: Client) -> Iterator[None]:
        """Nobody listens there."""
        url = f"redis://127.0.0.1:{free_port()}/0"
        settings.REDIS_URL = url
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_in": "1/year"}
        settings.CACHES = {
            "default": {"BACKEND": "apps.core.prometheus.cache.RedisCache", "LOCATION": url}
        }
        from axes.handlers.proxy import AxesProxyHandler

        AxesProxyHandler.get_implementation(force=True)
        rate_limits._shared.cache_clear()
        yield
        settings.CACHES = {"default": {"BACKEND": "apps.core.prometheus.cache.LocMemCache"}}
        AxesProxyHandler.get_implementation(force=True)

    def test_everybody_is_let_in_and_that_is_counted(
        self, visitor: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        before = samples.value("rate_limits_unchecked_total") or 0
        answers = [ask_for_token(visitor, PASSWORD) for _ in range(3)]
        assert [one.status_code for one in answers] == [201, 201, 201]
        assert (samples.value("rate_limits_unchecked_total") or 0) >= before + 3
        assert "Rate limits are not checked" in caplog.text
        assert "Attempts to sign in are not counted" in caplog.text


@pytest.mark.redis
def test_all_processes_count_together(settings: Any) -> None:
    settings.RATE_LIMITS = {"sign_up": "3/year"}
    for _ in range(3):
        rate_limits._shared.cache_clear()  # as another process would begin
        rate_limits.check("sign_up", context.client())
    with pytest.raises(TooManyRequests) as refused:
        rate_limits.check("sign_up", context.client())
    assert 1 <= refused.value.retry_after <= YEAR
