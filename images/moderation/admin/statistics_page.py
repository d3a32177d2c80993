"""The page with the statistics in the admin."""

from datetime import UTC, datetime, timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.timesince import timesince
from django.views.decorators.http import require_GET

from images.models import Action, Decision
from images.moderation.admin.charts import HEIGHT, WIDTH, draw_chart
from images.moderation.permissions import MODERATE
from images.moderation.statistics import collect_statistics

_DAYS = 30
_CHARTS = {
    "Uploads": "uploads",
    "Uploaded bytes": "uploaded_bytes",
    "Reports": "reports",
    "Decisions": "decisions",
}


@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """Show the figures of the last 30 days, including today."""
    if not request.user.has_perm(MODERATE):
        raise PermissionDenied
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


def _in_words(wait: timedelta | None) -> str:
    if wait is None:
        return "—"
    start = datetime(2000, 1, 1, tzinfo=UTC)
    short = wait < timedelta(minutes=1)
    return "less than a minute" if short else timesince(start, start + wait)
