"""Admin pages for large tables, and the one of background tasks."""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import Model, QuerySet
from django.forms import BooleanField
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from mediabackend.models import BackgroundTask


def show_time(moment: datetime) -> str:
    """Return a time as the lists show it: short enough for a narrow column."""
    return date_format(moment, "j M Y, H:i")


class BoundedPaginator(Paginator):
    """Counts and shows at most the first `DEPTH` rows of a list.

    So a page costs about the same however large the table is; filters find the rows
    further down. PostgreSQL's statistics tell the size of a whole table. For a filtered
    list, and on SQLite, a count of `DEPTH` means that many or more.
    """

    DEPTH = 5000

    @cached_property
    def count(self) -> int:
        # Counted in the order of the list, so that one index serves both.
        rows: Any = self.object_list[: self.DEPTH]
        return self._estimate() or int(rows.count())

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, self.DEPTH // self.per_page)

    def _estimate(self) -> int:
        objects: Any = self.object_list
        connection = connections[objects.db]
        if connection.vendor != "postgresql" or objects.query.where:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass",
                [f'"{objects.model._meta.db_table}"'],
            )
            estimate = int(cursor.fetchone()[0])
        # A smaller table is counted exactly.
        return estimate if estimate > self.DEPTH else 0


class BoundedAdmin(admin.ModelAdmin):
    """Shows bounded lists, and acts on no more rows than they show."""

    paginator = BoundedPaginator
    show_full_result_count = False

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Refuse an action on all rows of a list that is not shown to its end."""
        depth = BoundedPaginator.DEPTH
        on_all = BooleanField().to_python(request.POST.get("select_across"))
        if on_all and queryset.order_by()[depth : depth + 1].exists():
            text = f"There are more than {depth}. Filter the list and select again."
            self.message_user(request, text, messages.ERROR)
            return None
        return super().response_action(request, queryset, *args, **kwargs)


class IsSetFilter(admin.EmptyFieldListFilter):
    """Filters by whether a column has a value, in words that subclasses choose."""

    heading = ""
    unset = "No"
    set = "Yes"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = self.heading

    def choices(self, changelist: Any) -> Iterator[Any]:
        labels = ("All", self.unset, self.set)
        for label, choice in zip(labels, super().choices(changelist), strict=True):
            yield {**choice, "display": label}


class UnchangedAdmin(BoundedAdmin):
    """Shows rows that nobody adds or changes here, superusers included."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


class ReadOnlyAdmin(UnchangedAdmin):
    """Shows rows that nobody deletes here either."""

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


# Its pages have names that only programmers know.
admin.site.unregister(DBTaskResult)


@admin.register(BackgroundTask)
class BackgroundTaskAdmin(BoundedAdmin, DBTaskResultAdmin):
    list_display: Any = (
        "task_name",
        "status",
        "enqueued_at",
        "finished_at",
        "queue_name",
    )
