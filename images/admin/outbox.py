"""The admin of the deletions that are still to be made at ImageKit."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from images.outbox.models import PendingDeletion
from images.outbox.schedule import delete_soon
from mediabackend.admin import IsSetFilter, ReadOnlyAdmin


class FileDeletedFilter(IsSetFilter):
    heading = "file deleted"


class PurgeStartedFilter(IsSetFilter):
    heading = "purge started"


@admin.register(PendingDeletion)
class PendingDeletionAdmin(ReadOnlyAdmin):
    """Shows the deletions, and tries them again on request."""

    list_display = (
        "name",
        "reason",
        "created_at",
        "due_at",
        "attempts",
        "waits_for",
        "last_error",
    )
    list_filter = (
        "reason",
        "purge",
        ("file_deleted_at", FileDeletedFilter),
        ("purge_ordered_at", PurgeStartedFilter),
        "purge_waits",
    )
    search_fields = ("name", "last_error")
    ordering = ("due_at",)
    actions = ("retry",)

    @admin.display(description="waits for")
    def waits_for(self, row: PendingDeletion) -> str:
        if row.file_deleted_at is None:
            return "the deletion"
        if row.purge_waits:
            return "the budget of purges"
        if row.purge_ordered_at is None:
            return "the start of the purge"
        return "the end of the purge"

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
