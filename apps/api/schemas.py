"""Field types and schemas that all endpoints share."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field

MAX_ID = 2**63 - 1


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL")
    return text


def _require_text(moment: object) -> object:
    """Pydantic would read a number as seconds."""
    if moment is not None and not isinstance(moment, str):
        raise ValueError("must be an RFC 3339 string")
    return moment


def _in_this_century(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 2100:
        raise ValueError("must be between 2000 and 2099")
    return moment


Text = Annotated[str, AfterValidator(_without_nul)]
Moment = Annotated[
    AwareDatetime,
    Field(strict=False),
    AfterValidator(_in_this_century),
    BeforeValidator(_require_text),
]
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Seq = Annotated[int, Field(ge=0, le=MAX_ID)]


class Input(Schema):
    """A request body: exact types, and no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)


class ErrorBody(Schema):
    code: str
    message: str
    fields: dict[str, str] | None = None


class ErrorOut(Schema):
    error: ErrorBody
