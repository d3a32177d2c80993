"""Admin pages over huge tables."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import connections


class EstimatedPaginator(Paginator):
    """Counts a list without filters from the planner's statistics.

    PostgreSQL keeps an estimate of a table's rows, so the change list of a
    huge table opens without a COUNT over all of it. Below `EXACT_UP_TO` rows,
    on SQLite and with a filter the count is exact.
    """

    EXACT_UP_TO = 100_000

    @cached_property
    def count(self) -> int:
        estimate = self._estimate()
        return estimate if estimate > self.EXACT_UP_TO else super().count

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
            return int(cursor.fetchone()[0])
