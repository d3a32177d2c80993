"""Admin pages over huge tables."""

from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.forms import BooleanField
from django.http import HttpRequest, HttpResponse


class BoundedPaginator(Paginator):
    """Counts and shows no more than the first `DEPTH` rows of a list.

    Each costs about the same however many there are, and who looks for one further
    down finds it by a filter. How large a whole table is comes from PostgreSQL's
    statistics; of a filtered list, or on SQLite, `DEPTH` stands for more as well.
    """

    DEPTH = 5000

    @cached_property
    def count(self) -> int:
        # In the order of the list: the index that it is read by serves both.
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
        # Below, counting is exact.
        return estimate if estimate > self.DEPTH else 0


class BoundedAdmin(admin.ModelAdmin):
    """Shows lists by that paginator, and acts on no more rows than they show."""

    paginator = BoundedPaginator
    show_full_result_count = False

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Refuse an action on all of a list whose end was not shown."""
        depth = BoundedPaginator.DEPTH
        on_all = BooleanField().to_python(request.POST.get("select_across"))
        if on_all and queryset.order_by()[depth : depth + 1].exists():
            text = f"There are more than {depth}. Filter the list, and choose again."
            self.message_user(request, text, messages.ERROR)
            return None
        return super().response_action(request, queryset, *args, **kwargs)
