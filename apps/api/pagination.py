"""Cursor pagination by primary key, newest first."""

from collections.abc import Callable
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


def page(
    rows: QuerySet[Row], query: PageQuery, show: Callable[[Row], Any] = lambda row: row
) -> dict[str, Any]:
    """One page of rows. The cursor is the last row's id, so inserts do not shift pages."""
    if query.cursor is not None:
        rows = rows.filter(pk__lt=query.cursor)
    fetched = list(rows.order_by("-pk")[: query.limit + 1])
    shown = fetched[: query.limit]
    has_more = len(fetched) > query.limit
    return {"items": [show(row) for row in shown], "next": str(shown[-1].pk) if has_more else None}
