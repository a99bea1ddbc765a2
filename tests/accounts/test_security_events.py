"""The audit trail records sign-ins, denied permissions and changed roles."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client

from apps.accounts import services
from apps.accounts.models import ApiToken, User
from apps.core import context
from apps.events.audit import chain
from apps.events.models import EventRecord, Stream
from tests import factories, samples
from tests.accounts.conftest import request_token

PASSWORD = factories.PASSWORD


@pytest.fixture
def ada() -> User:
    return factories.make_user("ada")


@pytest.fixture
def per_year(settings: Any) -> None:
    """The usual numbers, in a window that does not end during the test."""
    limits = {"security_records": "10/year", "unknown_sign_ins": "60/year"}
    settings.RATE_LIMITS = settings.RATE_LIMITS | limits


@pytest.fixture
def admin(visitor: Client) -> Client:
    User.objects.create_superuser("root", password=PASSWORD)
    signed_in = visitor.post("/admin/login/", {"username": "root", "password": PASSWORD})
    assert signed_in.status_code == 302
    return visitor


def trail(user: User) -> list[str]:
    records = EventRecord.objects.filter(stream_id=f"account:{user.pk}").order_by("seq")
    assert chain.first_fault(f"account:{user.pk}") is None
    return [record.name.removeprefix("account.") for record in records]


def last(name: str) -> EventRecord:
    return EventRecord.objects.filter(name=f"account.{name}").latest("id")


class TestSignIn:
    def test_sign_in_to_the_admin_is_recorded(self, admin: Client, client_address: str) -> None:
        root = User.objects.get(username="root")
        admin.post("/admin/logout/")
        assert trail(root) == ["roles_changed", "signed_in", "signed_out"]
        assert (last("signed_in").actor_id, last("signed_in").address) == (root.pk, client_address)

    def test_sign_in_and_sign_out_by_page_are_recorded(self, ada: User, visitor: Client) -> None:
        visitor.post("/sign-in", {"username": "ada", "password": PASSWORD})
        visitor.post("/sign-out")
        visitor.post("/sign-out")
        assert trail(ada) == ["signed_in", "signed_out"]

    def test_a_wrong_password_is_recorded_in_the_users_stream(
        self, ada: User, visitor: Client, client_address: str
    ) -> None:
        assert request_token(visitor, "ada", "wrong").status_code == 401
        assert trail(ada) == ["sign_in_failed"]
        failed = last("sign_in_failed")
        assert (failed.actor_id, failed.address) == (None, client_address)
        assert failed.data == {"user_id": ada.pk, "locked_out": False}
        assert "wrong" not in str(vars(failed))

    def test_an_unknown_username_is_stored_as_a_digest_only(
        self, visitor: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        for name in ("hunter2-hunter2", "Hunter2-Hunter2", "another"):
            request_token(visitor, name, "wrong")
        records = EventRecord.objects.filter(name="account.unknown_sign_in_failed").order_by("seq")
        digests = [record.data["name_digest"] for record in records]
        assert digests[0] == digests[1] != digests[2]
        assert "hunter2" not in str([vars(record) for record in records]).lower()
        assert "hunter2" not in str([vars(line) for line in caplog.records]).lower()

    def test_failures_over_a_limit_are_only_counted(self, visitor: Client, per_year: None) -> None:
        unrecorded = {"event": "account.unknown_sign_in_failed"}
        counted = samples.value("security_events_unrecorded_total", **unrecorded) or 0
        for number in range(25):
            request_token(visitor, f"unknown-{number}", "wrong")
        assert EventRecord.objects.filter(name=unrecorded["event"]).count() == 10
        after = samples.value("security_events_unrecorded_total", **unrecorded)
        assert after == counted + 15

    def test_many_addresses_share_16_streams(self) -> None:
        for number in range(60):
            with context.bound(client=f"203.0.113.{number}"):
                services.sign_in_failed(username=f"unknown-{number}", locked_out=False)
        assert Stream.objects.filter(name__startswith="unknown-sign-ins:").count() <= 16


def test_a_new_account_is_recorded(visitor: Client) -> None:
    account = {"username": "eve", "password": PASSWORD}
    assert visitor.post("/api/accounts/", account, "application/json").status_code == 201
    eve = User.objects.get(username="eve")
    assert trail(eve) == ["created"]
    assert last("created").actor_id == eve.pk


class TestTokens:
    def test_tokens_are_listed_without_secret_and_revoked(self, ada: User, visitor: Client) -> None:
        headers = factories.bearer(ada)
        issued = request_token(visitor, "ada", PASSWORD).json()
        listed = visitor.get("/api/accounts/tokens", headers=headers).json()["items"]
        assert listed[0]["id"] == issued["id"]
        assert listed[0].keys() == {"id", "created_at", "expires_at"}
        path = f"/api/accounts/tokens/{issued['id']}"
        others = factories.bearer(factories.make_user("eve"))
        assert visitor.delete(path, headers=others).status_code == 404
        assert visitor.delete(path, headers=headers).status_code == 204
        again = visitor.delete(path, headers=headers)
        assert (again.status_code, again.json()["error"]["code"]) == (404, "token_not_found")
        used = visitor.get(
            "/api/accounts/me", headers={"authorization": f"Bearer {issued['token']}"}
        )
        assert used.status_code == 401
        assert trail(ada) == ["token_issued", "token_issued", "token_revoked"]
        assert last("token_revoked").data == {"user_id": ada.pk, "token_id": issued["id"]}


class TestPassword:
    NEW = "another-horse-battery"

    def change(self, visitor: Client, headers: dict[str, str], **body: str) -> Any:
        return visitor.post("/api/accounts/password", body, "application/json", headers=headers)

    def test_a_changed_password_revokes_tokens(self, ada: User, visitor: Client) -> None:
        headers = factories.bearer(ada)
        changed = self.change(visitor, headers, current=PASSWORD, new=self.NEW)
        assert changed.status_code == 204
        assert visitor.get("/api/accounts/me", headers=headers).status_code == 401
        assert request_token(visitor, "ada", PASSWORD).status_code == 401
        assert request_token(visitor, "ada", self.NEW).status_code == 201
        assert last("password_changed").data == {"user_id": ada.pk, "tokens_revoked": 1}

    @pytest.mark.parametrize(
        ("current", "new", "error"),
        [
            ("wrong", NEW, (401, "bad_credentials")),
            (PASSWORD, "12345678", (422, "weak_password")),
            (PASSWORD, "a\x00bcdefghi", (422, "invalid")),
        ],
    )
    def test_an_invalid_change_changes_nothing(
        self, ada: User, visitor: Client, current: str, new: str, error: tuple[int, str]
    ) -> None:
        headers = factories.bearer(ada)
        answer = self.change(visitor, headers, current=current, new=new)
        assert (answer.status_code, answer.json()["error"]["code"]) == error
        assert visitor.get("/api/accounts/me", headers=headers).status_code == 200
        ada.refresh_from_db()
        assert ada.check_password(PASSWORD)

    def test_a_password_set_by_staff_is_recorded_with_actor(self, ada: User, admin: Client) -> None:
        services.token_create(username="ada", password=PASSWORD)
        done = admin.post(
            f"/admin/accounts/user/{ada.pk}/password/",
            {"password1": self.NEW, "password2": self.NEW, "usable_password": "true",
             "set-password": "1"},
        )  # fmt: skip
        assert done.status_code == 302
        assert last("password_changed").actor_id == User.objects.get(username="root").pk
        assert not ApiToken.objects.filter(user=ada).exists()


class TestRoles:
    def save(self, admin: Client, user: User, **changes: Any) -> None:
        fields = {"username": user.username, "is_active": "on", "date_joined_0": "2026-01-01",
                 "date_joined_1": "00:00:00"}  # fmt: skip
        page = admin.post(f"/admin/accounts/user/{user.pk}/change/", fields | changes)
        assert page.status_code == 302, page.content.decode()

    def test_old_and_new_roles_are_recorded(self, ada: User, admin: Client) -> None:
        group = Group.objects.create(name="organizers")
        permission = Permission.objects.get(codename="view_eventrecord")
        self.save(admin, ada, is_staff="on", groups=[group.pk], user_permissions=[permission.pk])
        changed = last("roles_changed")
        assert changed.before == services.roles_of(user_id=0)
        assert changed.after == services.roles_of(user_id=0) | {
            "is_staff": True, "groups": ["organizers"], "permissions": ["events.view_eventrecord"],
        }  # fmt: skip
        assert changed.stream_id == f"account:{ada.pk}"
        assert changed.actor_id == User.objects.get(username="root").pk
        assert trail(ada) == ["roles_changed"]

    def test_another_change_is_not_recorded(self, ada: User, admin: Client) -> None:
        self.save(admin, ada, first_name="Ada")
        ada.refresh_from_db()
        assert (ada.first_name, trail(ada)) == ("Ada", [])

    def test_the_roles_of_a_new_superuser_are_recorded(self) -> None:
        call_command("createsuperuser", "--noinput", username="boss", email="boss@crown.example")
        changed = last("roles_changed")
        assert changed.stream_id == f"account:{User.objects.get(username='boss').pk}"
        assert changed.before == services.NO_ROLES
        assert changed.after == services.NO_ROLES | {"is_staff": True, "is_superuser": True}
        assert changed.actor_id is None

    @pytest.mark.django_db(transaction=True)
    def test_a_user_whose_roles_cannot_be_recorded_is_not_created(self) -> None:
        Stream.objects.create(name="account:1", seq=2**63 - 1)
        with pytest.raises((DatabaseError, OverflowError)):
            User.objects.create_superuser("boss", pk=1)
        assert not User.objects.exists()

    def test_changed_groups_are_recorded(self, admin: Client) -> None:
        permission = Permission.objects.get(codename="view_eventrecord")
        admin.post("/admin/auth/group/add/", {"name": "auditors", "permissions": [permission.pk]})
        group = Group.objects.get()
        admin.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
        assert not Group.objects.exists()
        values = {"name": "auditors", "permissions": ["events.view_eventrecord"]}
        records = EventRecord.objects.filter(stream_id="groups").order_by("seq")
        assert [(record.before, record.after) for record in records] == [({}, values), (values, {})]

    def test_users_cannot_be_deleted(self, ada: User, admin: Client) -> None:
        assert admin.post(f"/admin/accounts/user/{ada.pk}/delete/").status_code == 403


class TestDeniedPermissions:
    def test_a_403_of_the_api_is_recorded_with_its_route(self, ada: User, visitor: Client) -> None:
        tournament = factories.make_tournament(factories.make_user("organizer"))
        path = f"/api/tournaments/{tournament.pk}/cancel"
        assert visitor.post(path, headers=factories.bearer(ada)).status_code == 403
        assert trail(ada)[-1] == "permission_refused"
        refused = last("permission_refused").data
        assert refused["method"] == "POST"
        assert "tournament_id" in refused["route"]

    def test_a_403_of_a_page_is_recorded(self, visitor: Client) -> None:
        clerk = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
        visitor.force_login(clerk)
        assert visitor.get("/admin/events/eventrecord/").status_code == 403
        assert trail(clerk) == ["roles_changed", "signed_in", "permission_refused"]

    def test_denials_over_the_rate_limit_are_only_counted(
        self, ada: User, visitor: Client, per_year: None
    ) -> None:
        tournament = factories.make_tournament(factories.make_user("organizer"))
        headers = factories.bearer(ada)
        counted = samples.value("permissions_refused_total") or 0
        for _ in range(15):
            visitor.post(f"/api/tournaments/{tournament.pk}/cancel", headers=headers)
        assert trail(ada).count("permission_refused") == 10
        assert samples.value("permissions_refused_total") == counted + 5  # others count on commit

    def test_a_403_without_a_user_is_only_counted(self) -> None:
        counted = samples.value("permissions_refused_total") or 0
        outsider = Client(enforce_csrf_checks=True)
        assert outsider.post("/admin/login/", {"username": "x"}).status_code == 403
        assert samples.value("permissions_refused_total") == counted + 1
        assert not EventRecord.objects.exists()
