"""MONITORING.md's deployment checklist: `manage.py check --deploy` lists open and unknown items.

`checklist_items` has the items.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core import checks
from django.core.checks import CheckMessage, register


class Open(Exception):
    """`hint` replaces the item's own."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


class Unknown(Exception):
    pass


class ChecklistItem(NamedTuple):
    text: str
    hint: str
    verify: Callable[[], None]


GUIDE_ITEMS: list[ChecklistItem] = []
EXTRA_ITEMS: list[ChecklistItem] = []  # missing in the guide's checklist


def item(
    text: str, *, hint: str, items: list[ChecklistItem] = GUIDE_ITEMS
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def add(verify: Callable[[], None]) -> Callable[[], None]:
        items.append(ChecklistItem(text, hint, verify))
        return verify

    return add


@register("monitoring", deploy=True)
def check_items(**_: Any) -> list[CheckMessage]:
    numbered = [*enumerate(GUIDE_ITEMS, start=101), *enumerate(EXTRA_ITEMS, start=201)]
    messages = [_message(number, each) for number, each in numbered]
    return [message for message in messages if message]


def _message(number: int, item: ChecklistItem) -> CheckMessage | None:
    try:
        item.verify()
    except Unknown as reason:
        return checks.Info(f"{item.text}: unknown. {reason}", hint=item.hint, id=f"core.I{number}")
    except Open as reason:
        hint = reason.hint or item.hint
        return checks.Warning(f"{item.text}: open. {reason}", hint=hint, id=f"core.W{number}")
    return None
