"""Search in the audit trail. Each filter uses an index, and no page counts the whole table."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from apps.events.models import Checkpoint, EventRecord

MAX_COUNT = 10_000
TEXT = forms.CharField().clean
ID = forms.IntegerField(min_value=1, max_value=2**63 - 1).clean


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
    parse: ClassVar[Callable[[str], Any]]

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
            return queryset.filter(**{self.lookup: type(self).parse(text)})
        except (ValueError, OverflowError, ValidationError):
            messages.warning(request, f"{self.title}: {text[:100]!r} is not valid.")
            return queryset.none()


def input_filter(
    title: str, parameter: str, lookup: str, parse: Callable[[str], Any], kind: str = "search"
) -> type[InputFilter]:
    attributes = {"title": title, "parameter_name": parameter, "lookup": lookup}
    return type("Filter", (InputFilter,), attributes | {"parse": parse, "input_type": kind})


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), UTC)


def _next_day(text: str) -> datetime:
    return _day(text) + timedelta(days=1)


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnlyAdmin):
    list_display = ("id", "stream_id", "seq", "name", "actor", "address", "at", "request_id")
    list_filter = (
        input_filter("stream", "in", "stream_id", TEXT),
        input_filter("event", "event", "name", TEXT),
        input_filter("actor ID", "by", "actor_id", ID),
        input_filter("request ID", "request", "request_id", TEXT),
        input_filter("IP address", "from", "address", TEXT),
        input_filter("from day", "since", "at__gte", _day, "date"),
        input_filter("to day", "until", "at__lt", _next_day, "date"),
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
