from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Header, Path, Router, Schema
from pydantic import Field

from apps.accounts.auth import user
from apps.api.pagination import Page, PageParams, page
from apps.api.schemas import ErrorOut, Id, Input, Text
from apps.payments import selectors, services
from apps.payments.gateways import PROVIDERS
from apps.payments.models import Payment, Posting

payments = Router(tags=["payments"])
wallet = Router(tags=["payments"])

if TYPE_CHECKING:
    Method = str
else:
    Method = Literal[*PROVIDERS]
Key = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
READ_REFUSED = {401: ErrorOut, 404: ErrorOut, 422: ErrorOut}


class PaymentIn(Input):
    """Without a token, the provider asks the payer on a page of its own: `approve_url`."""

    registration_id: Id
    method: Method
    token: Annotated[Text, Field(min_length=1, max_length=255)] | None = None


class RefundOut(Schema):
    id: int
    amount: int
    status: str
    created_at: datetime


class PaymentOut(Schema):
    """`approve_url` is the provider's page that waits for the payer, null where none does.
    `refunds` are empty in the first answer, and so in its replays."""

    id: int
    registration_id: int
    amount: int
    currency: str
    method: str
    status: str
    approve_url: str | None
    created_at: datetime
    refunds: list[RefundOut]

    @staticmethod
    def resolve_registration_id(payment: Payment) -> int:
        return payment.invoice.registration_id

    @staticmethod
    def resolve_amount(payment: Payment) -> int:
        return payment.invoice.amount

    @staticmethod
    def resolve_currency(payment: Payment) -> str:
        return payment.invoice.currency

    @staticmethod
    def resolve_approve_url(payment: Payment) -> str | None:
        return payment.page


class WalletOut(Schema):
    balance: int


class PostingOut(Schema):
    """`coins` came, or went where it is below zero; `reason` is the transfer's key."""

    id: int
    coins: int
    reason: str
    at: datetime


UNREAD = {400: ErrorOut, 403: ErrorOut, 413: ErrorOut, 429: ErrorOut}  # by what all writes pass
REFUSED = {**READ_REFUSED, **UNREAD, 402: ErrorOut, 409: ErrorOut, 503: ErrorOut}


@payments.post("/", response={201: PaymentOut, **REFUSED}, url_name="payments")
def payment_create(
    request: HttpRequest, data: PaymentIn, idempotency_key: Header[Key]
) -> tuple[int, Payment]:
    payment = services.payment_create(
        payer=user(request),
        registration_id=data.registration_id,
        method=data.method,
        source=data.token or "",
        idempotency_key=idempotency_key,
    )
    return 201, payment


@payments.get("/", response={200: Page[PaymentOut], 401: ErrorOut, 422: ErrorOut})
def payment_list(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    return page(selectors.payments_of(payer=user(request)), query, lambda payment: payment)


@payments.get("/{payment_id}", response={200: PaymentOut, **READ_REFUSED}, url_name="payment")
def payment_get(request: HttpRequest, payment_id: Path[Id]) -> Payment:
    return selectors.payment_get(payment_id=payment_id, payer=user(request))


@payments.post("/{payment_id}/cancel", response={200: PaymentOut, **REFUSED}, url_name="cancel")
def payment_cancel(request: HttpRequest, payment_id: Path[Id]) -> Payment:
    """For who wants to pay in another way: one that waits for its payer on the provider's page, or
    to which the provider has not answered yet."""
    return services.payment_cancel(payment_id=payment_id, payer=user(request))


@wallet.get("", response={200: WalletOut, 401: ErrorOut}, url_name="wallet")
def wallet_get(request: HttpRequest) -> dict[str, int]:
    return {"balance": selectors.wallet_balance(owner=user(request))}


@wallet.get("/history", response={200: Page[PostingOut], 401: ErrorOut, 422: ErrorOut})
def wallet_history(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    return page(selectors.wallet_history(owner=user(request)), query, _posting)


def _posting(posting: Posting) -> dict[str, Any]:
    transfer = posting.transfer
    return {"id": posting.pk, "coins": posting.amount, "reason": transfer.key, "at": transfer.at}
