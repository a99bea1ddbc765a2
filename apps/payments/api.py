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
from apps.payments.models import Payment

payments = Router(tags=["payments"])
wallet = Router(tags=["payments"])

if TYPE_CHECKING:
    Method = str
else:
    Method = Literal[*PROVIDERS]
Key = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]


class PaymentIn(Input):
    """Without a token, the payer enters a card on the provider's page: `approve_url`."""

    registration_id: Id
    method: Method
    token: Annotated[Text, Field(min_length=1, max_length=255)] | None = None


class RefundOut(Schema):
    id: int
    amount: int
    status: str
    created_at: datetime


class PaymentOut(Schema):
    """`approve_url` is the provider's page where the payer must act, or null. `refunds` is empty in
    the first response to an idempotency key, and so in its replays."""

    id: int
    registration_id: int = Field(validation_alias="invoice.registration_id")
    amount: int = Field(validation_alias="invoice.amount")
    currency: str = Field(validation_alias="invoice.currency")
    method: str
    status: str
    approve_url: str | None = Field(validation_alias="pending_approve_url")
    created_at: datetime
    refunds: list[RefundOut]


class WalletOut(Schema):
    balance: int


class PostingOut(Schema):
    """`coins` is negative for a debit; `reason` is the transfer's key."""

    id: int
    coins: int = Field(validation_alias="amount")
    reason: str = Field(validation_alias="transfer.key")
    at: datetime = Field(validation_alias="transfer.at")


@payments.post(
    "/",
    response={201: PaymentOut, 402: ErrorOut, 404: ErrorOut, 503: ErrorOut},
    url_name="payments",
    summary="Create payment",
)
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


@payments.get("/", response=Page[PaymentOut], summary="List payments")
def payment_list(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    return page(selectors.payments_of(payer=user(request)), query)


@payments.get("/{payment_id}", response=PaymentOut, url_name="payment", summary="Get payment")
def payment_get(request: HttpRequest, payment_id: Path[Id]) -> Payment:
    return selectors.payment_get(payment_id=payment_id, payer=user(request))


@payments.post(
    "/{payment_id}/cancel",
    response={200: PaymentOut, 503: ErrorOut},
    url_name="cancel",
    summary="Cancel payment",
)
def payment_cancel(request: HttpRequest, payment_id: Path[Id]) -> Payment:
    """Cancels a payment that waits for its payer or for the provider, so that the payer can use
    another payment method."""
    return services.payment_cancel(payment_id=payment_id, payer=user(request))


@wallet.get("", response=WalletOut, url_name="wallet", summary="Get wallet")
def wallet_get(request: HttpRequest) -> dict[str, int]:
    return {"balance": selectors.wallet_balance(owner=user(request))}


@wallet.get("/history", response=Page[PostingOut], summary="Get wallet history")
def wallet_history(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    return page(selectors.wallet_history(owner=user(request)), query)
