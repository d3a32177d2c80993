"""The page with the statistics in the admin.

A template draws the bar charts as SVG, without scripts.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.timesince import timesince
from django.views.decorators.http import require_GET

from images.models import Action, Decision
from images.moderation.permissions import MODERATE
from images.moderation.statistics import Day, collect_statistics

_DAYS = 30
_CHARTS = {
    "Uploads": "uploads",
    "Uploaded bytes": "uploaded_bytes",
    "Reports": "reports",
    "Decisions": "decisions",
}
# In units of the drawing; the page scales it.
WIDTH, HEIGHT = 600, 120
_GAP = 0.25


@require_GET
@permission_required(MODERATE, raise_exception=True)
def statistics(request: HttpRequest) -> HttpResponse:
    """Show the figures of the last 30 days, including today."""
    now = timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    figures = collect_statistics(midnight - timedelta(days=_DAYS - 1), now)
    context = {
        **admin.site.each_context(request),
        "title": "Statistics",
        "opts": Decision._meta,
        "figures": figures,
        "wait": _in_words(figures.median_wait),
        "newest_first": figures.days[::-1],
        "decisions": [
            (Action(action).label, number)
            for action, number in figures.decisions.items()
            if number
        ],
        "charts": [
            draw_chart(title, name, figures.days) for title, name in _CHARTS.items()
        ],
        "width": WIDTH,
        "height": HEIGHT,
    }
    return TemplateResponse(request, "admin/moderation/statistics.html", context)


def draw_chart(title: str, name: str, days: Sequence[Day]) -> dict[str, Any]:
    """Draw the field `name` of each day; the highest bar has the full height."""
    numbers = [getattr(day, name) for day in days]
    highest = max(numbers, default=0)
    step = WIDTH / max(1, len(numbers))
    bars = []
    for place, number in enumerate(numbers):
        height = round(HEIGHT * number / highest, 1) if number else 0
        bars.append(
            {
                "x": round(step * (place + _GAP / 2), 1),
                "y": round(HEIGHT - height, 1),
                "width": round(step * (1 - _GAP), 1),
                "height": height,
            }
        )
    return {
        "title": title,
        "bars": bars,
        "highest": highest,
        "total": sum(numbers),
        "is_bytes": name == "uploaded_bytes",
    }


def _in_words(wait: timedelta | None) -> str:
    if wait is None:
        return "—"
    start = datetime(2000, 1, 1, tzinfo=UTC)
    short = wait < timedelta(minutes=1)
    return "less than a minute" if short else timesince(start, start + wait)
