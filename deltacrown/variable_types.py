"""Types of environment variables. Their errors do not repeat the value, which may be a secret."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from limits import parse
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode
from sentry_sdk.utils import BadDsn
from sentry_sdk.utils import Dsn as SentryDsn

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def read_levels(levels: str) -> dict[str, str]:
    """`INFO,apps.payments=DEBUG` by logger; the entry without a name is for all others."""
    by_logger: dict[str, str] = {}
    for number, entry in enumerate(levels.split(","), 1):
        name, equals, level = (part.strip() for part in entry.rpartition("="))
        if level.upper() not in LOG_LEVELS:
            raise ValueError(f"has no level of {', '.join(LOG_LEVELS)} in entry {number}")
        if equals and not name:
            raise ValueError(f"names no logger before the = of entry {number}")
        if name in by_logger:
            raise ValueError(f"has a second level for the same logger in entry {number}")
        by_logger[name] = level.upper()
    return by_logger


def words(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [word.strip() for word in value.split(",") if word.strip()]


def rate(value: str) -> str:
    """A limit such as 20/hour or 5/10 minutes; 0 turns it off."""
    if value == "0":
        return ""
    try:
        parse(value)
    except ValueError:
        raise ValueError("is not a rate: write 20/hour") from None
    return value


def url(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            is_valid = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_valid = False
        if value and not is_valid:
            raise ValueError(f"is not a {' or '.join(schemes)} URL")
        return value

    return AfterValidator(check)


def origin(value: str) -> str:
    parts = urlsplit(value.removesuffix("/"))
    if parts.path or parts.query or parts.fragment:
        raise ValueError("has more than scheme, host and port")
    return value.removesuffix("/")


def dsn(value: str) -> str:
    try:
        if value:
            SentryDsn(value)
    except BadDsn:
        raise ValueError("is not a DSN: https://KEY@HOST/NUMBER") from None
    return value


def path(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError("does not begin with /")
    return value


Words = Annotated[list[str], NoDecode, BeforeValidator(words)]
Rate = Annotated[str, AfterValidator(rate)]
HttpUrl = Annotated[str, url("http", "https")]
Share = Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Levels = Annotated[str, AfterValidator(read_levels)]
Origin = Annotated[HttpUrl, AfterValidator(origin)]
Dsn = Annotated[HttpUrl, AfterValidator(dsn)]
UrlPath = Annotated[str, AfterValidator(path)]
RedisUrl = Annotated[str, url("redis", "rediss")]
