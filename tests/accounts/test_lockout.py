from collections.abc import Iterator
from typing import Any

import pytest
from axes.handlers.proxy import AxesProxyHandler
from django.test import Client

from apps.accounts.models import User
from apps.core import context, rate_limits
from apps.core.exceptions import TooManyRequests
from stack.ports import free_port
from tests import factories, samples
from tests.accounts.conftest import request_token

PASSWORD = factories.PASSWORD
YEAR = 366 * 86_400  # seconds; a window must not end during a test


@pytest.fixture(autouse=True)
def ada(settings: Any) -> User:
    settings.AXES_FAILURE_LIMIT = 3
    return User.objects.create_superuser("ada", password=PASSWORD)


def request_tokens(client: Client, *passwords: str) -> list[int]:
    return [request_token(client, "ada", password).status_code for password in passwords]


def admin_sign_in(client: Client, password: str) -> Any:
    return client.post("/admin/login/", {"username": "ada", "password": password})


class TestLockout:
    def test_after_three_wrong_passwords_the_right_one_is_locked_out(self, visitor: Client) -> None:
        """Pages and the API share the lockout."""
        assert request_tokens(visitor, "wrong", "wrong") == [401, 401]
        assert admin_sign_in(visitor, "wrong").status_code == 429
        for url in ("/admin/login/", "/sign-in"):
            page = visitor.post(url, {"username": "ada", "password": PASSWORD})
            assert (page.status_code, page.headers["Retry-After"]) == (429, "900")
            assert b"Try again in 15 minutes." in page.content
        answer = request_token(visitor, "ada", PASSWORD)
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "locked_out")
        assert answer.headers["Retry-After"] == "900"

    def test_other_addresses_and_users_are_not_locked_out(self, visitor: Client) -> None:
        request_tokens(visitor, *["wrong"] * 5)
        assert request_token(Client(REMOTE_ADDR="203.0.113.77"), "ada", PASSWORD).status_code == 201
        assert request_token(visitor, "eve", "wrong").status_code == 401
        new = {"username": "newcomer", "password": PASSWORD}
        assert visitor.post("/sign-up", new).status_code == 302

    @pytest.mark.parametrize(
        ("proxies", "header", "status"),
        [(0, "203.0.113.{}", 429), (1, "6.6.6.6, 203.0.113.{}", 401)],
        ids=["the client's header is ignored", "the proxy's header is used"],
    )
    def test_the_address_comes_from_trusted_proxies_only(
        self, visitor: Client, settings: Any, proxies: int, header: str, status: int
    ) -> None:
        settings.TRUSTED_PROXIES = proxies
        for number in range(5):
            visitor.defaults["HTTP_X_FORWARDED_FOR"] = header.format(number)
            answer = request_token(visitor, "ada", "wrong")
        assert answer.status_code == status

    def test_a_right_password_resets_the_count(self, visitor: Client) -> None:
        passwords = ("wrong", "wrong", PASSWORD, "wrong", "wrong")
        assert request_tokens(visitor, *passwords)[-1] == 401

    def test_a_wrong_current_password_counts_too(self, ada: User, visitor: Client) -> None:
        headers = factories.bearer(ada)
        body = {"current": "wrong", "new": "another-horse-battery"}
        for _ in range(3):
            answer = visitor.post(
                "/api/accounts/password", body, "application/json", headers=headers
            )
        assert answer.status_code == 429


class TestRateLimits:
    @pytest.fixture(autouse=True)
    def _two_per_year(self, settings: Any) -> None:
        limits = dict.fromkeys(("sign_up", "sign_in", "writes"), "2/year")
        settings.RATE_LIMITS = settings.RATE_LIMITS | limits

    def sign_up(self, client: Client, name: str) -> Any:
        account = {"username": name, "password": "correct-horse-battery"}
        return client.post("/api/accounts/", account, "application/json")

    def test_sign_ups_are_limited_per_address(self, visitor: Client) -> None:
        before = samples.value("rate_limited_total", limit="sign_up") or 0
        answers = [self.sign_up(visitor, f"new-{number}") for number in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert answers[-1].json()["error"]["code"] == "rate_limited"
        assert 0 < int(answers[-1].headers["Retry-After"]) <= YEAR
        assert not User.objects.filter(username="new-2").exists()
        assert samples.value("rate_limited_total", limit="sign_up") == before + 1
        with context.bound(client="203.0.113.78"):
            assert self.sign_up(visitor, "elsewhere").status_code == 201

    def test_sign_ins_are_limited_per_address_for_all_usernames(self, visitor: Client) -> None:
        answers = [request_token(visitor, f"n-{n}", "wrong") for n in range(3)]
        assert [answer.status_code for answer in answers] == [401, 401, 429]
        page = admin_sign_in(visitor, PASSWORD)
        assert (page.status_code, page.headers["Content-Type"]) == (429, "text/html; charset=utf-8")

    def test_only_writes_are_limited_per_user(self, ada: User, visitor: Client) -> None:
        headers, cup = (
            factories.bearer(ada),
            {"name": "Cup", "game_title": "VALORANT", "capacity": 8},
        )
        statuses = [
            visitor.post("/api/tournaments/", cup, "application/json", headers=headers).status_code
            for _ in range(3)
        ]
        assert statuses == [201, 201, 429]
        assert visitor.get("/api/accounts/me", headers=headers).status_code == 200

    def test_writes_of_a_session_are_limited_in_the_admin(self, ada: User, visitor: Client) -> None:
        visitor.force_login(ada)
        answers = [visitor.post("/admin/auth/group/add/", {"name": ""}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert b"Try again in" in answers[-1].content

    def test_an_empty_rate_is_unlimited(self, visitor: Client, settings: Any) -> None:
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_up": ""}
        statuses = [self.sign_up(visitor, f"new-{number}").status_code for number in range(5)]
        assert statuses == [201] * 5


class TestWithoutRedis:
    @pytest.fixture(autouse=True)
    def _redis_is_down(self, settings: Any, visitor: Client) -> Iterator[None]:
        settings.REDIS_URL = url = f"redis://127.0.0.1:{free_port()}/0"
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_in": "1/year"}
        cache = "apps.core.prometheus.cache"
        settings.CACHES = {"default": {"BACKEND": f"{cache}.RedisCache", "LOCATION": url}}
        AxesProxyHandler.get_implementation(force=True)
        rate_limits._shared.cache_clear()
        yield
        settings.CACHES = {"default": {"BACKEND": f"{cache}.LocMemCache"}}
        AxesProxyHandler.get_implementation(force=True)

    def test_sign_in_is_unlimited_and_that_is_counted(
        self, visitor: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        before = samples.value("rate_limits_unchecked_total") or 0
        assert request_tokens(visitor, *[PASSWORD] * 3) == [201, 201, 201]
        assert (samples.value("rate_limits_unchecked_total") or 0) >= before + 3
        assert "Rate limits are not checked" in caplog.text
        assert "Attempts to sign in are not counted" in caplog.text


@pytest.mark.redis
def test_all_processes_share_a_limit(settings: Any) -> None:
    settings.RATE_LIMITS = {"sign_up": "3/year"}
    for _ in range(3):
        rate_limits._shared.cache_clear()  # like another process
        rate_limits.check("sign_up", context.client())
    with pytest.raises(TooManyRequests) as error:
        rate_limits.check("sign_up", context.client())
    assert 1 <= error.value.retry_after <= YEAR
