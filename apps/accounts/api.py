from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from apps.accounts import services
from apps.accounts.auth import user
from apps.accounts.models import User
from apps.core.api import ErrorOut, Input, PersonOut, Text

router = Router(tags=["accounts"])


class AccountIn(Input):
    username: Annotated[Text, Field(min_length=3, max_length=40, pattern=r"^[A-Za-z0-9_.-]+$")]
    password: Annotated[Text, Field(min_length=8, max_length=128)]


class CredentialsIn(Input):
    username: Annotated[Text, Field(max_length=150)]
    password: Annotated[Text, Field(max_length=128)]


class TokenOut(Schema):
    token: str
    expires_at: datetime


@router.post(
    "/", auth=None, response={201: PersonOut, 409: ErrorOut, 422: ErrorOut}, url_name="accounts"
)
def account_create(request: HttpRequest, data: AccountIn) -> tuple[int, User]:
    return 201, services.account_create(username=data.username, password=data.password)


@router.post("/token", auth=None, response={201: TokenOut, 401: ErrorOut}, url_name="token")
def token_create(request: HttpRequest, data: CredentialsIn) -> tuple[int, dict[str, Any]]:
    token, secret = services.token_create(username=data.username, password=data.password)
    return 201, {"token": secret, "expires_at": token.expires_at}


@router.get("/me", response={200: PersonOut, 401: ErrorOut}, url_name="me")
def me(request: HttpRequest) -> User:
    return user(request)
