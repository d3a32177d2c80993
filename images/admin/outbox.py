"""The admin of the deletions that are still to be made at ImageKit."""

from collections.abc import Sequence

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from images.outbox.models import PendingDeletion
from images.outbox.schedule import delete_soon
from images.outbox.state import failed_deletions, removals_to_confirm
from mediabackend.admin import IsSetFilter, ReadOnlyAdmin, show_time


class FileDeletedFilter(IsSetFilter):
    heading = "file deleted"


class PurgeStartedFilter(IsSetFilter):
    heading = "purge started"


class SelectionFilter(admin.SimpleListFilter):
    """Offers the rows that the home page counts."""

    title = "selection"
    parameter_name = "show"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> Sequence[tuple[str, str]]:
        return [("failed", "Failed"), ("removals", "Removals by staff")]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[PendingDeletion]
    ) -> models.QuerySet[PendingDeletion]:
        if self.value() == "failed":
            return queryset & failed_deletions()
        if self.value() == "removals":
            return queryset & removals_to_confirm()
        return queryset


@admin.register(PendingDeletion)
class PendingDeletionAdmin(ReadOnlyAdmin):
    """Shows the deletions, and tries them again on request."""

    list_display = ("name", "reason", "due", "progress")
    list_filter = (
        SelectionFilter,
        "reason",
        "purge",
        ("file_deleted_at", FileDeletedFilter),
        ("purge_ordered_at", PurgeStartedFilter),
        "purge_waits",
    )
    search_fields = ("name", "last_error")
    ordering = ("due_at",)
    actions = ("retry",)

    @admin.display(description="due", ordering="due_at")
    def due(self, row: PendingDeletion) -> SafeString:
        due, noted = (show_time(when) for when in (row.due_at, row.created_at))
        return format_html("{}<br><small>noted {}</small>", due, noted)

    @admin.display(description="progress")
    def progress(self, row: PendingDeletion) -> SafeString:
        attempts = f"attempts: {row.attempts}" if row.attempts else ""
        return format_html(
            "<span>waits for {}</span><br><small>{}</small><br>{}",
            _awaited(row),
            attempts,
            row.last_error,
        )

    @admin.action(description="Try again now", permissions=["view"])
    def retry(
        self, request: HttpRequest, queryset: models.QuerySet[PendingDeletion]
    ) -> None:
        # Without reservations: their uploads may still be running.
        retried = queryset.exclude(reason=PendingDeletion.Reason.RESERVATION)
        waiting = retried.filter(purge_waits=True)
        # As wanted by staff: like a take-down.
        waiting.update(purge_allowed=True)
        count = retried.update(due_at=timezone.now())
        delete_soon()
        self.message_user(request, f"Deletions that are tried again now: {count}.")


def _awaited(row: PendingDeletion) -> str:
    if row.file_deleted_at is None:
        return "the deletion"
    if row.purge_waits:
        return "the budget of purges"
    if row.purge_ordered_at is None:
        return "the start of the purge"
    return "the end of the purge"
