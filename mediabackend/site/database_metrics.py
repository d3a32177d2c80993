"""Figures that are read from the database when Prometheus asks for them."""

import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from images.outbox.budget import ordered_this_month
from images.outbox.state import outbox_state
from mediabackend.models import Worker

logger = logging.getLogger(__name__)

# Of the whole server, as its limit is.
_CONNECTIONS = """
SELECT coalesce(sum(numbackends), 0), current_setting('max_connections')::int
FROM pg_stat_database
"""


class DatabaseCollector(Collector):
    """Reads the figures, with one statement for each of four topics.

    When the database does not answer, only `mediabackend_database_up` is told.
    """

    def collect(self) -> Iterator[Metric]:
        try:
            found = [*_figures(), *_connections()]
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The metrics of the database were not read: %s", error)
            found = []
        yield _gauge("database_up", "Whether the database answers.", bool(found))
        yield from found


def _figures() -> Iterator[Metric]:
    state = outbox_state()
    rows = GaugeMetricFamily(
        "mediabackend_outbox_rows", "Remote files to delete.", labels=["state"]
    )
    for name in ("uploading", "pending", "waiting"):
        rows.add_metric([name], getattr(state, name))
    yield rows
    yield _gauge(
        "outbox_oldest_seconds",
        "Age of the oldest pending row; 0 without one.",
        state.oldest_seconds,
    )
    yield _gauge("purges_this_month", "Ordered purges.", ordered_this_month())
    yield _gauge(
        "purges_per_month_limit",
        "The budget, PURGES_PER_MONTH; 0: no limit.",
        settings.PURGES_PER_MONTH,
    )
    last_seen = Worker.objects.last_seen()
    age = timezone.now() - last_seen if last_seen else None
    yield _gauge(
        "worker_last_seen_seconds",
        "Time since a worker was last seen; +Inf: none ever was.",
        age.total_seconds() if age else float("inf"),
    )


def _connections() -> Iterator[Metric]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTIONS)
        used, limit = cursor.fetchone()
    yield _gauge("database_connections", "Connections to the server.", used)
    yield _gauge("database_connections_limit", "The server's max_connections.", limit)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"mediabackend_{name}", text, value=float(value))
