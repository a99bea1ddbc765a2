from datetime import datetime
from typing import Annotated, Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from ninja import Path, Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from apps.accounts import services
from apps.accounts.auth import user
from apps.accounts.models import NAME_PATTERN, ApiToken, User
from apps.accounts.schemas import PersonOut
from apps.api.pagination import Page, PageParams, page
from apps.api.schemas import ErrorOut, Id, Input, Text

router = Router(tags=["accounts"])

Name = Annotated[Text, StringConstraints(strip_whitespace=True)]


class SecretIn(Input):
    """Keeps spaces around a password, like the pages."""

    model_config = ConfigDict(str_strip_whitespace=False)


class AccountIn(SecretIn):
    username: Annotated[Name, Field(min_length=3, max_length=40, pattern=NAME_PATTERN)]
    password: Annotated[Text, Field(min_length=8, max_length=128)]


class CredentialsIn(SecretIn):
    username: Annotated[Name, Field(max_length=150)]
    password: Annotated[Text, Field(max_length=128)]


class PasswordIn(SecretIn):
    current: Annotated[Text, Field(max_length=128)]
    new: Annotated[Text, Field(min_length=8, max_length=128)]


class IssuedTokenOut(Schema):
    """Without the secret, which is not stored."""

    id: int
    created_at: datetime
    expires_at: datetime


class TokenOut(Schema):
    id: int
    token: str
    expires_at: datetime


@router.post("/", auth=None, response={201: PersonOut}, url_name="accounts", summary="Sign up")
def account_create(request: HttpRequest, data: AccountIn) -> tuple[int, User]:
    return 201, services.account_create(username=data.username, password=data.password)


@router.post(
    "/token",
    auth=None,
    response={201: TokenOut, 401: ErrorOut},
    url_name="token",
    summary="Create token",
)
def token_create(request: HttpRequest, data: CredentialsIn) -> tuple[int, dict[str, Any]]:
    """429 `locked_out` after repeated wrong passwords for a username from one IP address."""
    token, secret = services.token_create(
        username=data.username, password=data.password, request=request
    )
    return 201, {"id": token.pk, "token": secret, "expires_at": token.expires_at}


@router.get(
    "/tokens", response={200: Page[IssuedTokenOut]}, url_name="tokens", summary="List tokens"
)
def token_list(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    return page(ApiToken.objects.filter(user=user(request)), query)


@router.delete(
    "/tokens/{token_id}", response={204: None}, url_name="token_one", summary="Revoke token"
)
def token_revoke(request: HttpRequest, token_id: Path[Id]) -> tuple[int, None]:
    services.token_revoke(user=user(request), token_id=token_id)
    return 204, None


@router.post("/password", response={204: None}, url_name="password", summary="Change password")
def password_change(request: HttpRequest, data: PasswordIn) -> tuple[int, None]:
    """Revokes all tokens, including the one in use, and ends all other sessions."""
    me = user(request)
    services.password_change(request=request, user=me, current=data.current, new=data.new)
    if "authorization" not in request.headers:
        update_session_auth_hash(request, me)
    return 204, None


@router.get("/me", response=PersonOut, summary="Who am I")
def me(request: HttpRequest) -> User:
    return user(request)
