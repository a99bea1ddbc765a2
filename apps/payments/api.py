from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Header, Path, Router, Schema
from pydantic import Field

from apps.accounts.auth import user
from apps.core.api import ErrorOut, Id, Input, Text
from apps.payments import selectors, services
from apps.payments.models import Payment

payments = Router(tags=["payments"])
wallet = Router(tags=["payments"])

Key = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]


class PaymentIn(Input):
    registration_id: Id
    method: Literal["STRIPE", "PAYPAL"]
    token: Annotated[Text, Field(min_length=1, max_length=255)]


class PaymentOut(Schema):
    id: int
    registration_id: int
    amount: int
    currency: str
    method: str
    status: str
    created_at: datetime

    @staticmethod
    def resolve_registration_id(payment: Payment) -> int:
        return payment.invoice.registration_id

    @staticmethod
    def resolve_amount(payment: Payment) -> int:
        return payment.invoice.amount

    @staticmethod
    def resolve_currency(payment: Payment) -> str:
        return payment.invoice.currency


class WalletOut(Schema):
    balance: int


REFUSED = {401: ErrorOut, 402: ErrorOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut}


@payments.post("/", response={201: PaymentOut, **REFUSED, 503: ErrorOut}, url_name="payments")
def payment_create(
    request: HttpRequest, data: PaymentIn, idempotency_key: Header[Key]
) -> tuple[int, Payment]:
    payment = services.payment_create(
        payer=user(request),
        registration_id=data.registration_id,
        method=data.method,
        source=data.token,
        idempotency_key=idempotency_key,
    )
    return 201, payment


@payments.get(
    "/{payment_id}",
    response={200: PaymentOut, 401: ErrorOut, 404: ErrorOut, 422: ErrorOut},
    url_name="payment",
)
def payment_get(request: HttpRequest, payment_id: Path[Id]) -> Payment:
    return selectors.payment_get(payment_id=payment_id, payer=user(request))


@wallet.get("", response={200: WalletOut, 401: ErrorOut}, url_name="wallet")
def wallet_get(request: HttpRequest) -> dict[str, int]:
    return {"balance": selectors.wallet_balance(owner=user(request))}
