"""PayPal's book: its transaction search, in which a payment and its refunds stand side by side."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.payments.gateways import parsing
from apps.payments.gateways.base import Entry, Unavailable
from apps.payments.gateways.paypal import amounts
from apps.payments.gateways.paypal.client import Client

PAGE = 500
MOST_PAGES = 20  # PayPal searches no more than 10,000 transactions
PAID, GIVEN_BACK = "T00", "T11"  # what the event code of each kind begins with


def entries(client: Client, start: datetime, end: datetime) -> Iterator[Entry]:
    found: dict[str, Entry] = {}
    refunded: dict[str, int] = defaultdict(int)
    for one in _transactions(client, start, end):
        code = parsing.word(one, "transaction_event_code")
        reference = parsing.reference(one, "custom_field")
        if reference and code.startswith(PAID):
            found[reference] = _entry(one, reference)
        elif reference and code.startswith(GIVEN_BACK) and _is_done(one):
            refunded[reference] += amounts.read(one, "transaction_amount", "value")
    for reference, entry in found.items():
        yield replace(entry, refunded=refunded[reference])


def _entry(one: Any, reference: str) -> Entry:
    return Entry(
        reference=UUID(reference),
        amount=amounts.read(one, "transaction_amount", "value"),
        currency=parsing.word(one, "transaction_amount", "currency_code"),
        charged=_is_done(one),
        refunded=0,
    )


def _is_done(one: Any) -> bool:
    """S is success, V reversed: what was charged and then given back."""
    return parsing.word(one, "transaction_status") in ("S", "V")


def _transactions(client: Client, start: datetime, end: datetime) -> Iterator[Any]:
    for page in range(1, MOST_PAGES + 1):
        answer = client.get(
            "/v1/reporting/transactions",
            start_date=start.isoformat(timespec="seconds"),
            end_date=end.isoformat(timespec="seconds"),
            fields="transaction_info",
            page_size=str(PAGE),
            page=str(page),
        )
        for detail in parsing.at(answer, "transaction_details") or ():
            yield parsing.at(detail, "transaction_info")
        if page >= (parsing.amount(answer, "total_pages") or 1):
            return
    raise Unavailable("more_than_can_be_listed")
