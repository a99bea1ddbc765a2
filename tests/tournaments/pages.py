import html
import re
from typing import Any

from apps.accounts.models import User
from apps.tournaments.models import Tournament
from tests.factories import signed_in

PLAN = {
    "name": "Crown Night", "game_title": "VALORANT", "format": "swiss", "capacity": "8",
    "best_of": "3", "seeding": "signup", "swiss_rounds": "0", "group_size": "4",
    "group_advance": "2", "entry_fee": "12.50", "currency": "EUR", "prize_coins": "900",
    "prize_split": "50, 30, 20", "check_in_minutes": "0", "round_minutes": "0",
    "no_show_minutes": "0", "rules": "",
}  # fmt: skip


def text(response: Any) -> str:
    """The HTML, with plain quotes and single spaces."""
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))


def path(tournament: Tournament, more: str = "") -> str:
    return f"/tournaments/{tournament.pk}{more}"


def page_of(user: User, tournament: Tournament) -> str:
    """The tournament page as this user sees it."""
    return text(signed_in(user).get(path(tournament)))
