"""PayPal's transaction search, which lists payments and refunds separately."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.payments.gateways import parsing
from apps.payments.gateways.base import ProviderError, ProviderTransaction
from apps.payments.gateways.paypal import amounts
from apps.payments.gateways.paypal.client import Client

PAGE_SIZE = 500
MAX_PAGES = 20  # PayPal's search returns at most 10,000 transactions
PAYMENT, REFUND = "T00", "T11"  # prefixes of event codes


def list_transactions(
    client: Client, start: datetime, end: datetime
) -> Iterator[ProviderTransaction]:
    payments: dict[str, Any] = {}
    refunded: Counter[str] = Counter()
    for row in _rows(client, start, end):
        code = parsing.text(row, "transaction_event_code")
        reference = parsing.reference(row, "custom_field")
        if reference and code.startswith(PAYMENT):
            payments[reference] = row
        elif reference and code.startswith(REFUND) and _is_completed(row):
            refunded[reference] += amounts.from_paypal(row, "transaction_amount", "value")
    for reference, row in payments.items():
        yield ProviderTransaction(
            reference=UUID(reference),
            amount=amounts.from_paypal(row, "transaction_amount", "value"),
            currency=parsing.text(row, "transaction_amount", "currency_code"),
            charged=_is_completed(row),
            refunded=refunded[reference],
        )


def _is_completed(row: Any) -> bool:
    """S is success, V is reversed: charged, then refunded."""
    return parsing.text(row, "transaction_status") in ("S", "V")


def _rows(client: Client, start: datetime, end: datetime) -> Iterator[Any]:
    for page in range(1, MAX_PAGES + 1):
        response = client.get(
            "/v1/reporting/transactions",
            start_date=start.isoformat(timespec="seconds"),
            end_date=end.isoformat(timespec="seconds"),
            fields="transaction_info",
            page_size=str(PAGE_SIZE),
            page=str(page),
        )
        for detail in parsing.value_at(response, "transaction_details") or ():
            yield parsing.value_at(detail, "transaction_info")
        if page >= (parsing.amount(response, "total_pages") or 1):
            return
    raise ProviderError("too_many_transactions")
