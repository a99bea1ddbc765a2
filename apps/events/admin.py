"""Search in the audit trail. Each filter uses an index, and no page counts the whole table."""

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

MAX_COUNT = 10_000
MAX_ID = 2**63 - 1


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs only
    """For rows that only services may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic in its stubs only
    """Ends after MAX_COUNT rows."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[EventRecord] = self.object_list  # type: ignore[assignment]  # or a list
        return len(rows.order_by("-pk").values_list("pk")[:MAX_COUNT])


class InputFilter(admin.SimpleListFilter):
    """A text field. Django's own filters list all values."""

    template = "admin/input_filter.html"
    input_type: ClassVar[str] = "search"
    lookup: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]  # Django hides a filter without lookups

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        params = changelist.get_filters_params().items()
        others = [(name, values[-1]) for name, values in params if name != self.parameter_name]
        yield {"value": self.value() or "", "others": others}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        try:
            return queryset.filter(**{self.lookup: self.parse(text)})
        except ValueError:
            messages.warning(request, f"{self.title}: {text[:100]!r} is not valid.")
            return queryset.none()

    def parse(self, text: str) -> Any:
        if "\x00" in text:
            raise ValueError
        return text


class StreamFilter(InputFilter):
    title, parameter_name, lookup = "stream", "in", "stream_id"


class NameFilter(InputFilter):
    title, parameter_name, lookup = "event", "event", "name"


class ActorFilter(InputFilter):
    title, parameter_name, lookup = "actor ID", "by", "actor_id"

    def parse(self, text: str) -> int:
        if not 0 < int(text) <= MAX_ID:
            raise ValueError
        return int(text)


class RequestFilter(InputFilter):
    title, parameter_name, lookup = "request ID", "request", "request_id"


class AddressFilter(InputFilter):
    title, parameter_name, lookup = "IP address", "from", "address"


class SinceFilter(InputFilter):
    title, parameter_name, lookup, input_type = "from day", "since", "at__gte", "date"

    def parse(self, text: str) -> datetime:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)


class UntilFilter(SinceFilter):
    title, parameter_name, lookup = "to day", "until", "at__lt"

    def parse(self, text: str) -> datetime:
        try:
            return super().parse(text) + timedelta(days=1)
        except OverflowError:
            raise ValueError from None


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnlyAdmin):
    list_display = ("id", "stream_id", "seq", "name", "actor", "address", "at", "request_id")
    list_filter = (
        StreamFilter,
        NameFilter,
        ActorFilter,
        RequestFilter,
        AddressFilter,
        SinceFilter,
        UntilFilter,
    )
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
