"""People, and tournaments, matches and payments in every state."""

import json
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.test import Client
from django.utils import timezone

from apps.accounts.metrics import BOUNDED_EVENTS
from apps.accounts.models import ApiToken, User
from apps.matches.models import Match
from apps.matches.services import match_report
from apps.tournaments.models import Tournament
from apps.tournaments.services import tournament_cancel, tournament_start
from tests import factories

APPS = ("events", "accounts", "tournaments", "matches", "payments")
GROW = ("account:", "unknown-sign-ins:")
NAMES = ("organizer", "alice", "bob", "carol", "dave", "erin", "gone", "late")


class World:
    """`ids` are the ids of its rows by name, and `stored` is the database after its creation."""

    def __init__(self) -> None:
        self.people = {name: factories.make_user(name) for name in NAMES}
        self.headers = {name: factories.bearer(user) for name, user in self.people.items()} | {
            "anonymous": {},
            "garbage": {"authorization": "Bearer garbage"},
            "nul": {"authorization": "Bearer a\x00b"},
            "empty": {"authorization": "Bearer "},
            "basic": {"authorization": "Basic YTpi"},
            "foreign": {"authorization": "Bearer ключ"},
        }
        User.objects.filter(username="gone").update(is_active=False)
        yesterday = timezone.now() - timedelta(days=1)
        ApiToken.objects.filter(user__username="late").update(expires_at=yesterday)
        self.ids: dict[str, int] = {}
        self._open_tournaments()
        self._matches()
        self.stored = everything_stored()

    def send(
        self,
        user: str,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """The response. The path may contain names: `/api/tournaments/{full}`.

        A body is sent as JSON, unless it is bytes.
        """
        return Client().generic(
            method,
            path.format(**self.ids),
            body if isinstance(body, bytes) else json.dumps(body).encode() if body else b"",
            content_type="application/json",
            headers={**self.headers[user], **(headers or {})},
        )

    def _open_tournaments(self) -> None:
        self._tournament("draft", opened=False)
        factories.register(self._tournament("open"), self.people["alice"])
        full = self._tournament("full", capacity=2)
        for name in ("alice", "bob"):
            factories.register(full, self.people[name])
        paid = self._tournament("paid", entry_fee=1000)
        self._register("due", paid, "alice")
        payment = factories.pay(self._register("settled", paid, "bob"), key="used")
        self.ids["payment"] = payment.pk
        cancelled = self._tournament("cancelled", entry_fee=1000)
        self._register("void", cancelled, "alice")
        tournament_cancel(tournament_id=cancelled.pk, organizer=self.people["organizer"])

    def _matches(self) -> None:
        """Of four players, alice meets erin and bob meets dave in the first round."""
        first, second = self._live("live")
        self.ids |= {"ready": first.pk, "others": second.pk}
        first, second = self._live("halfway")
        factories.play(first)
        match_report(match_id=second.pk, player=self.people["bob"], score=(2, 1))
        final = Match.objects.get(tournament=self.ids["halfway"], round=2)
        self.ids |= {"done": first.pk, "reported": second.pk, "pending": final.pk}
        first, second = self._live("argued")
        match_report(match_id=first.pk, player=self.people["alice"], score=(2, 1))
        match_report(match_id=first.pk, player=self.people["erin"], score=(0, 2))
        self.ids |= {"disputed": first.pk, "undisputed": second.pk}
        first, _ = self._live("stopped")
        self.ids["stopped_match"] = first.pk
        tournament_cancel(tournament_id=self.ids["stopped"], organizer=self.people["organizer"])
        factories.play_all(self._begun("completed", 2))

    def _live(self, name: str) -> list[Match]:
        return list(self._begun(name, 4).matches.filter(round=1))

    def _begun(self, name: str, entrants: int) -> Tournament:
        tournament = self._tournament(name)
        for player in ("alice", "bob", "dave", "erin")[:entrants]:
            factories.register(tournament, self.people[player])
        return tournament_start(tournament_id=tournament.pk, organizer=self.people["organizer"])

    def _tournament(self, name: str, **fields: Any) -> Tournament:
        tournament = factories.make_tournament(self.people["organizer"], name=name, **fields)
        self.ids[name] = tournament.pk
        return tournament

    def _register(self, name: str, tournament: Tournament, player: str) -> Any:
        registration = factories.register(tournament, self.people[player])
        self.ids[name] = registration.pk
        return registration


def everything_stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, except the audit records of denied requests."""
    models = [model for name in APPS for model in apps.get_app_config(name).get_models()]
    stored = {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models
    }
    records, heads = stored["events.EventRecord"], stored["events.Stream"]
    stored["events.EventRecord"] = [
        record for record in records if record["name"] not in BOUNDED_EVENTS
    ]
    stored["events.Stream"] = [head for head in heads if not head["name"].startswith(GROW)]
    return stored
