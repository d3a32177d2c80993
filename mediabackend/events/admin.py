"""The admin of events."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mediabackend.admin import ReadOnlyAdmin
from mediabackend.events.models import Event
from mediabackend.events.queue import send_again


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Shows the events, and sends them again on request."""

    list_display = ("created_at", "kind", "subject", "progress")
    list_filter = ("state", "kind")
    search_fields = ("=subject", "=owner")
    search_help_text = "The id of an image or of a user."
    ordering = ("-id",)
    sortable_by = ()
    actions = ("send_again",)

    def progress(self, event: Event) -> SafeString:
        return format_html(
            "{}<br><small>attempts: {}</small><br>{}",
            event.get_state_display(),
            event.attempts,
            event.last_error,
        )

    @admin.action(description="Send again", permissions=["view"])
    def send_again(
        self, request: HttpRequest, queryset: models.QuerySet[Event]
    ) -> None:
        number = send_again(queryset)
        self.message_user(request, f"Events that are sent again: {number}.")
