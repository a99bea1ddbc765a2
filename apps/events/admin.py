"""The audit trail, to be searched. Each search goes by an index, and no page counts the table."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from apps.events.models import Checkpoint, EventRecord

MOST_COUNTED = 10_000
MAX_ID = 2**63 - 1


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs alone
    """For what only services may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic in its stubs alone
    """Its last page is at MOST_COUNTED rows: a narrower search shows what is older."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[EventRecord] = self.object_list  # type: ignore[assignment]  # or a list
        return len(rows.order_by("-pk").values_list("pk")[:MOST_COUNTED])


class Field(admin.SimpleListFilter):
    """A field to type into, instead of a list of all values that there are."""

    template = "web/admin_field.html"
    kind: ClassVar[str] = "search"
    lookup: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]  # a filter without any would not be shown

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        mine = self.parameter_name
        others = [(k, v) for k, v in changelist.get_filters_params().items() if k != mine]
        yield {"value": self.value() or "", "others": [(k, v[-1]) for k, v in others]}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        try:
            return queryset.filter(**{self.lookup: self.read(text)})
        except ValueError:
            messages.warning(request, f"{self.title}: {text[:100]!r} is none.")
            return queryset.none()

    def read(self, text: str) -> Any:
        if "\x00" in text:
            raise ValueError
        return text


class ByStream(Field):
    title, parameter_name, lookup = "stream", "in", "stream_id"


class ByName(Field):
    title, parameter_name, lookup = "event", "event", "name"


class ByActor(Field):
    title, parameter_name, lookup = "actor's id", "by", "actor_id"

    def read(self, text: str) -> int:
        if not 0 < int(text) <= MAX_ID:
            raise ValueError
        return int(text)


class ByRequest(Field):
    title, parameter_name, lookup = "request id", "request", "request_id"


class ByAddress(Field):
    title, parameter_name, lookup = "address", "from", "address"


class Since(Field):
    title, parameter_name, lookup, kind = "from day", "since", "at__gte", "date"

    def read(self, text: str) -> datetime:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)


class Until(Since):
    title, parameter_name, lookup = "to day", "until", "at__lt"

    def read(self, text: str) -> datetime:
        try:
            return super().read(text) + timedelta(days=1)
        except OverflowError:
            raise ValueError from None


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnlyAdmin):
    list_display = ("id", "stream_id", "seq", "name", "actor", "address", "at", "request_id")
    list_filter = (ByStream, ByName, ByActor, ByRequest, ByAddress, Since, Until)
    list_select_related = ("actor",)
    ordering = ("-id",)
    sortable_by = ()
    paginator = BoundedPaginator
    show_full_result_count = False


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    list_display = ("stream_id", "seq", "at", "export")
    ordering = ("-id",)
    sortable_by = ()
    show_full_result_count = False
