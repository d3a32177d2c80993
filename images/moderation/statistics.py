"""Figures for operators and moderators, with one query for each.

Days are days in UTC. Deleted images are not counted as uploads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber, TruncDate

from images.models import Action, Decision, Image, Report
from mediabackend.db.ids import first_uuid7

# An image's id is made a moment before or after its time of creation.
_SLACK = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """The figures of one day."""

    day: date
    uploads: int = 0
    uploaded_bytes: int = 0
    reports: int = 0
    decisions: int = 0


@dataclass(frozen=True)
class Statistics:
    """The figures of a period; the days are in order, and none is left out."""

    since: datetime
    until: datetime
    days: Sequence[Day]
    decisions: dict[str, int]
    waiting: int
    stored_images: int
    stored_bytes: int
    median_wait: timedelta | None


def collect_statistics(since: datetime, until: datetime) -> Statistics:
    """Count what happened from `since` until just before `until`."""
    period = {"created_at__gte": since, "created_at__lt": until}
    # Filtered by the primary key, which grows with time and has an index.
    uploads = Image.objects.filter(pk__gte=first_uuid7(since - _SLACK), **period)
    stored = Image.objects.aggregate(images=Count("pk"), bytes=Sum("size"))
    by_action = _by(Decision.objects.filter(**period), F("action"), Count("pk"))
    return Statistics(
        since=since,
        until=until,
        days=_days(since, until, uploads, period),
        decisions={str(action): by_action.get(action, 0) for action in Action},
        waiting=Image.objects.filter(open_reports__gt=0).count(),
        stored_images=stored["images"],
        stored_bytes=stored["bytes"] or 0,
        median_wait=median_wait(since, until),
    )


def median_wait(since: datetime, until: datetime) -> timedelta | None:
    """Return the median time from a report to its closing, of those closed meanwhile.

    None when no report was closed in the period. PostgreSQL and SQLite have no common
    function for a median, so this picks the rows in the middle by their rank.
    """
    closed = Report.objects.filter(closed_at__gte=since, closed_at__lt=until)
    wait = F("closed_at") - F("created_at")
    ranked = closed.order_by().annotate(
        wait=wait,
        twice=Window(RowNumber(), order_by=wait) * 2,
        total=Window(Count("pk")),
    )
    middle = ranked.filter(twice__gte=F("total"), twice__lte=F("total") + 2)
    waits = list(middle.values_list("wait", flat=True))
    return sum(waits, timedelta()) / len(waits) if waits else None


def _days(
    since: datetime, until: datetime, uploads: QuerySet[Any], period: dict[str, Any]
) -> list[Day]:
    day = TruncDate("created_at")
    count = Count("pk")
    uploaded = {
        row["day"]: row
        for row in uploads.order_by()
        .annotate(day=day)
        .values("day")
        .annotate(number=count, bytes=Sum("size"))
    }
    reports = _by(Report.objects.filter(**period), day, count)
    decisions = _by(Decision.objects.filter(**period), day, count)
    last = (until - timedelta(microseconds=1)).date()
    dates = [since.date() + timedelta(n) for n in range((last - since.date()).days + 1)]
    return [
        Day(
            day=date,
            uploads=uploaded[date]["number"] if date in uploaded else 0,
            uploaded_bytes=uploaded[date]["bytes"] if date in uploaded else 0,
            reports=reports.get(date, 0),
            decisions=decisions.get(date, 0),
        )
        for date in dates
    ]


def _by(rows: QuerySet[Any], key: Any, number: Any) -> dict[Any, int]:
    grouped = rows.order_by().annotate(key=key).values("key").annotate(number=number)
    return dict(grouped.values_list("key", "number"))
