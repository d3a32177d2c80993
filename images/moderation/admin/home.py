"""The part of the home page that says what waits for moderators and operators."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Sum
from django.http import HttpRequest

from accounts.models import User
from images.models import Report
from images.moderation.desk.queue import reported_images
from images.moderation.permissions import MODERATE
from images.moderation.quarantine import awaiting_quarantine
from images.outbox.budget import ordered_this_month
from images.outbox.state import (
    failed_deletions,
    refusal_of_keys,
    removals_to_confirm,
)
from images.services.renditions import build_urls

_SEE_DELETIONS = "images.view_pendingdeletion"
_THUMBNAILS = 6
# Seconds. The sum reads all users.
_KEEP_SUM = 600


def collect_home(request: HttpRequest) -> dict[str, Any]:
    """Return the template context of what the user of the request may see."""
    context: dict[str, Any] = {}
    if request.user.has_perm(MODERATE):
        context["reported"] = _reported()
    if request.user.has_perm(_SEE_DELETIONS):
        context["operations"] = _operations()
    return context


def _reported() -> dict[str, Any]:
    opened = Report.objects.filter(closed_at=None).order_by("pk")
    return {
        "number": reported_images().count(),
        "images": [
            (image, build_urls(image)[1]["thumbnail"])
            for image in reported_images()[:_THUMBNAILS]
        ],
        "oldest": opened.values_list("created_at", flat=True).first(),
    }


def _operations() -> dict[str, Any]:
    return {
        "keys_refused": refusal_of_keys(),
        "failed": failed_deletions().count(),
        "removals": removals_to_confirm().count() + awaiting_quarantine().count(),
        "stored_bytes": cache.get_or_set("home_stored_bytes", _sum_stored, _KEEP_SUM),
        "purges": ordered_this_month(),
        "most_purges": settings.PURGES_PER_MONTH,
    }


def _sum_stored() -> int:
    return User.objects.aggregate(sum=Sum("stored_bytes"))["sum"] or 0
