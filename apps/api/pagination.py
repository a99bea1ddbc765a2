"""Cursor pagination by primary key, newest first."""

from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Query, Schema
from pydantic import ConfigDict, Field

from apps.api.schemas import Id, Input

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


class PageQuery(Input):
    model_config = ConfigDict(strict=False)

    cursor: Id | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


PageParams = Query[PageQuery]


class Page(Schema, Generic[Item]):
    items: list[Item]
    next: str | None


def newest(rows: QuerySet[Row], cursor: int | None, limit: int) -> tuple[list[Row], int | None]:
    """One page of rows, and the cursor of the next page: its last id, so inserts do not shift
    pages."""
    if cursor:
        rows = rows.filter(pk__lt=cursor)
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    return shown, shown[-1].pk if len(found) > limit else None


def page(rows: QuerySet[Any], query: PageQuery) -> dict[str, Any]:
    shown, cursor = newest(rows, query.cursor, query.limit)
    return {"items": shown, "next": None if cursor is None else str(cursor)}
