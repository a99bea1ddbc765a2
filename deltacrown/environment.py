"""The environment variables, with types, defaults and bounds. `.env.example` describes them."""

import os
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import load_dotenv
from dotenv.parser import parse_stream
from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from apps.core.logging.setup import Misconfigured
from apps.payments.gateways.base import Provider
from deltacrown.variable_types import (
    Dsn,
    HttpUrl,
    Levels,
    Origin,
    Port,
    Rate,
    RedisUrl,
    Share,
    UrlPath,
    Words,
)

MIN_KEY = 32  # characters
KNOWN_KEY = "publicly-known-default-key-set-your-own-key"  # in docker-compose.yml


def load(base_dir: Path, providers: Iterable[Provider]) -> Any:
    """An instance of `Environment`, which also has the variables of the payment providers. Raises
    Misconfigured, with one problem for each variable that cannot be used."""
    _load_file(base_dir / ".env")
    model = create_model("Environment", __base__=Environment, **_provider_fields(providers))
    _read_files(model.model_fields)
    for name in model.model_fields.keys() & os.environ.keys():
        os.environ[name] = os.environ[name].strip()
    try:
        return model()
    except ValidationError as error:
        problems = sorted(map(_problem, error.errors(include_url=False, include_input=False)))
    raise Misconfigured("The environment cannot be used", problems)


def _load_file(path: Path) -> None:
    """python-dotenv itself only logs a line that it cannot read, and goes on without it."""
    if not path.exists():
        return
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path.name} cannot be read", [type(error).__name__]) from None
    bindings = parse_stream(StringIO(content))
    if lines := [f"line {each.original.line}" for each in bindings if each.error]:
        raise Misconfigured(f"{path.name} is malformed", lines)
    load_dotenv(stream=StringIO(content), interpolate=False)


def _read_files(names: Iterable[str]) -> None:
    """NAME_FILE names a file with the value of NAME, as for a secret that Docker mounts. A value of
    NAME itself has precedence."""
    problems = []
    for name in names:
        file = os.environ.get(f"{name}_FILE")
        if file and not os.environ.get(name):
            try:
                os.environ[name] = Path(file).read_text(encoding="utf-8")
            except (OSError, ValueError) as error:
                problems.append(f"{name}_FILE cannot be read: {type(error).__name__}")
    if problems:
        raise Misconfigured("The environment cannot be used", problems)


def _problem(error: Any) -> str:
    """Names the variable and the error, but never the value: it may be a secret."""
    is_ours = error["type"] == "value_error"
    reason = error["ctx"]["error"] if is_ours else error["msg"].removeprefix("Input ")
    return f"{error['loc'][0]} {reason}"


def _beside(first: str) -> AfterValidator:
    """All credentials of a provider are set, or none."""

    def check(value: str) -> str:
        is_expected = bool(os.environ.get(first))
        if is_expected and not value:
            raise ValueError(f"is missing beside {first}")
        if value and not is_expected:
            raise ValueError(f"needs {first} beside it")
        return value

    return AfterValidator(check)


def _needs_public_url(value: str) -> str:
    if value and not os.environ.get("PUBLIC_URL"):
        raise ValueError("needs PUBLIC_URL, to which payers return")
    return value


def _provider_fields(providers: Iterable[Provider]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for provider in providers:
        if taken := Environment.model_fields.keys() & {*provider.credentials}:
            raise ValueError(f"{provider.name} declares {min(taken)}, which has another meaning")
        first, *others = provider.credentials
        fields[first] = (Annotated[str, AfterValidator(_needs_public_url)], "")
        fields |= {name: (Annotated[str, _beside(first)], "") for name in others}
        fields[provider.api_base_setting] = (HttpUrl, provider.api_base)
    return fields


class Environment(BaseSettings):
    model_config = SettingsConfigDict(
        case_sensitive=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    DEBUG: bool = False
    SECRET_KEY: str = ""
    SECRET_KEY_FALLBACKS: Words = []
    AUDIT_KEY: str = ""
    AUDIT_KEY_FALLBACKS: Words = []
    ALLOWED_HOSTS: Words = ["localhost", "127.0.0.1", "[::1]"]
    CSRF_TRUSTED_ORIGINS: Words = []

    ENABLE_PROMETHEUS: bool = True
    PROMETHEUS_METRICS_PATH: UrlPath = "/metrics/"
    METRICS_TOKEN: str = ""
    METRICS_MAX_TOURNAMENTS: int = Field(default=200, ge=0, le=10_000)
    METRICS_RETIRE_SECONDS: int = Field(default=60, ge=0, le=86_400)
    WS_WARN_CONNECTIONS: int = Field(default=1000, ge=1, le=2**31)
    WORKER_METRICS_HOST: str = "127.0.0.1"
    WORKER_METRICS_PORT: Port = 9808

    SENTRY_DSN: Dsn = ""
    SENTRY_ENVIRONMENT: str = ""
    SENTRY_RELEASE: str = ""
    SENTRY_TRACES_SAMPLE_RATE: Share = None
    SENTRY_PROFILES_SAMPLE_RATE: Share = None
    SENTRY_SEND_USERNAMES: bool = False

    LOG_FORMAT: Literal["json", "console"] | None = None
    LOG_LEVEL: Levels = "INFO"
    LOG_FILE: str = ""
    LOG_AGGREGATION: str = ""
    PUBLIC_URL: Origin = ""
    PAGERDUTY_KEY_FILE: str = ""
    SLACK_URL_FILE: str = ""

    WEB_THREADS: int = Field(default=8, ge=1, le=256)
    DB_HOST: str = ""
    DB_PORT: Port = 5432
    DB_NAME: str = "deltacrown_db"
    DB_USER: str = "deltacrown"
    DB_PASSWORD: str = ""
    DB_POOL_SIZE: int | None = Field(default=None, ge=1, le=1000)
    SQLITE_PATH: str = ""
    REDIS_URL: RedisUrl = ""
    WORKER_TASKS_PER_CHILD: int = Field(default=0, ge=0, le=2**31)

    REGISTRATION_PAY_MINUTES: int = Field(default=30, ge=1, le=10_080)
    PAYMENT_TIMEOUT_SECONDS: int = Field(default=10, ge=1, le=60)
    PAYMENT_GIVE_UP_MINUTES: int = Field(default=20, ge=1, le=10_000)
    API_TOKEN_DAYS: int = Field(default=30, ge=1, le=366)
    SIGN_IN_FAILURES: int = Field(default=10, ge=1, le=1000)
    SIGN_IN_LOCK_MINUTES: int = Field(default=15, ge=1, le=1440)
    RATE_LIMIT_SIGN_UP: Rate = "3000/hour"
    RATE_LIMIT_SIGN_IN: Rate = "3000/hour"
    RATE_LIMIT_WRITES: Rate = "1200/minute"
    RATE_LIMIT_SYNC: Rate = "30/minute"

    SECURE_COOKIES: bool = False
    SECURE_SSL_REDIRECT: bool = False
    SECURE_HSTS_SECONDS: int = Field(default=0, ge=0, le=2**31)
    BEHIND_TLS_PROXY: bool = False
    TRUSTED_PROXIES: int | None = Field(default=None, ge=0, le=10)
    STATIC_ROOT: str = ""

    @field_validator("SECRET_KEY", "AUDIT_KEY")
    @classmethod
    def _key(cls, value: str, info: ValidationInfo) -> str:
        is_required = info.field_name == "SECRET_KEY"
        if info.data.get("DEBUG", True):  # absent where it is invalid
            return value or ("development-only" if is_required else "")
        if not value and is_required:
            raise ValueError("is missing")
        if value and len(value) < MIN_KEY:
            raise ValueError(f"has fewer than {MIN_KEY} characters")
        if value == KNOWN_KEY and os.environ.get("PUBLIC_URL"):
            raise ValueError("is the publicly known default of docker-compose.yml")
        return value

    @field_validator("ALLOWED_HOSTS")
    @classmethod
    def _hosts(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if "*" in value and not info.data.get("DEBUG", True):
            raise ValueError("has *, which accepts any Host and any origin of a WebSocket")
        return value
