"""MONITORING.md's deployment checklist: `manage.py check --deploy` lists open and unknown items.

`checklist_items` has the items.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core import checks
from django.core.checks import CheckMessage, register

from apps.core.checks.outcome import Failed, Unknown

Verify = Callable[[], None]


class ChecklistItem(NamedTuple):
    number: int
    text: str
    hint: str
    verify: Verify


CHECKLIST: list[ChecklistItem] = []


def item(number: int, text: str, hint: str) -> Callable[[Verify], Verify]:
    def add(verify: Verify) -> Verify:
        CHECKLIST.append(ChecklistItem(number, text, hint, verify))
        return verify

    return add


@register("monitoring", deploy=True)
def check_items(**_: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    for number, text, hint, verify in CHECKLIST:
        try:
            verify()
        except Unknown as reason:
            messages.append(checks.Info(f"{text}: unknown. {reason}", hint, id=f"core.I{number}"))
        except Failed as reason:
            warning = f"{text}: open. {reason}"
            messages.append(checks.Warning(warning, reason.hint or hint, id=f"core.W{number}"))
    return messages
