"""The log of decisions and the reports in the admin, and the URLs of the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from accounts.models import User
from images.models import Decision, Image, OwnerNotice, Report
from images.moderation.admin.bulk_decisions import decide_on_many
from images.moderation.admin.statistics_page import statistics
from images.moderation.admin.thumbnails import thumbnail_of
from images.moderation.desk import pages as desk
from images.moderation.permissions import SEE_EMAILS
from mediabackend.admin import IsSetFilter, ReadOnlyAdmin, show_time


class LogAdmin(ReadOnlyAdmin):
    """Shows the rows of a log, newest first."""

    actions = None
    list_per_page = 50
    ordering = ("-id",)

    class Media:
        css = {"all": ["images/admin.css"]}


class MailFilter(admin.ChoicesFieldListFilter):
    """Filters decisions by the state of the mail to the owner."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "mail to the owner"


@admin.register(Decision)
class DecisionAdmin(LogAdmin):
    list_display = ("decided", "action_and_reason", "about", "by", "note_start")
    list_filter = ("action", "reason", ("notice__state", MailFilter), "created_at")
    search_fields = ("=image_id", "=user_id", "note")
    search_help_text = "The id of an image or of a user, or part of a note."
    fields = (
        *("created_at", "action", "reason", "legal_ground", "note", "by", "about"),
        *("user_link", "mail"),
    )
    readonly_fields = ("by", "about", "user_link", "mail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        images = Image.objects.filter(pk=OuterRef("image_id"))
        return super().get_queryset(request).annotate(image_exists=Exists(images))

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            view = self.admin_site.admin_view(view)
            return path(route, view, name=f"images_decision_{name}")

        image, user = "image/<uuid:pk>/", "user/<uuid:pk>/"
        return [
            page("queue/", desk.queue, "queue"),
            page("statistics/", statistics, "statistics"),
            page(image, require_GET(desk.image_page), "image"),
            page(f"{image}decide/", desk.decide_on_image, "on_image"),
            page(f"{image}open/", desk.open_picture, "open"),
            page(user, require_GET(desk.user_page), "user"),
            page(f"{user}decide/", desk.decide_on_user, "on_user"),
            page("many/", decide_on_many, "on_many"),
            *super().get_urls(),
        ]

    @admin.display(description="time")
    def decided(self, decision: Decision) -> str:
        return show_time(decision.created_at)

    @admin.display(description="decision")
    def action_and_reason(self, decision: Decision) -> str:
        action, reason = decision.get_action_display(), decision.get_reason_display()
        return f"{action}, {reason}" if reason else action

    @admin.display(description="about")
    def about(self, decision: Any) -> SafeString | str:
        if decision.image_id is None:
            return self.user_link(decision)
        if not decision.image_exists:
            return f"image {decision.image_id}, deleted"
        url = reverse("admin:images_decision_image", args=[decision.image_id])
        return format_html('<a href="{}">image {}</a>', url, decision.image_id)

    @admin.display(description="user")
    def user_link(self, decision: Decision) -> SafeString:
        url = reverse("admin:images_decision_user", args=[decision.user_id])
        return format_html('<a href="{}">user {}</a>', url, decision.user_id)

    @admin.display(description="decided by")
    def by(self, decision: Decision) -> str:
        return decision.moderator_name or "the number of reports"

    @admin.display(description="mail to the owner")
    def mail(self, decision: Decision) -> str:
        notice = OwnerNotice.objects.filter(pk=decision.pk).first()
        if notice is None:
            return "None"
        when = notice.finished_at and f", {notice.finished_at:%Y-%m-%d %H:%M} UTC"
        error = f", last error: {notice.last_error}" if notice.last_error else ""
        return f"{notice.get_state_display()}{when or ''}{error}"

    @admin.display(description="note")
    def note_start(self, decision: Decision) -> str:
        note = decision.note
        return note[:60] + "…" if len(note) > 60 else note or "—"


class ClosedFilter(IsSetFilter):
    heading = "state"
    unset = "Open"
    set = "Closed"


@admin.register(Report)
class ReportAdmin(LogAdmin):
    list_display = ("picture", "reason_and_details", "by", "reported", "is_open")
    list_display_links = None
    list_filter = ("reason", ("closed_at", ClosedFilter), "created_at")
    search_fields = ("=image__id", "details")
    search_help_text = "The id of an image, or part of the details."
    fields = ("created_at", "reason", "details", "about", "by", "closed_at")
    readonly_fields = ("about", "by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        # Staff who may not see emails get the display name.
        column = "email" if request.user.has_perm(SEE_EMAILS) else "display_name"
        name = User.objects.filter(pk=OuterRef("reporter")).values(column)
        reports = super().get_queryset(request).select_related("image")
        return reports.annotate(reporter_name=Subquery(name))

    @admin.display(description="picture")
    def picture(self, report: Report) -> SafeString:
        page = reverse("admin:images_decision_image", args=[report.image_id])
        return format_html('<a href="{}">{}</a>', page, thumbnail_of(report.image, 80))

    @admin.display(description="report")
    def reason_and_details(self, report: Report) -> SafeString:
        url = reverse("admin:images_report_change", args=[report.pk])
        reason, details = report.get_reason_display(), report.details
        return format_html('<a href="{}">{}</a><br>{}', url, reason, details)

    @admin.display(description="reported", ordering="created_at")
    def reported(self, report: Report) -> str:
        return show_time(report.created_at)

    @admin.display(description="image")
    def about(self, report: Report) -> SafeString:
        url = reverse("admin:images_decision_image", args=[report.image_id])
        return format_html('<a href="{}">{}</a>', url, report.image_id)

    @admin.display(description="reported by")
    def by(self, report: Any) -> str:
        if report.reporter_id is None:
            return "the comparison with removed pictures"
        return report.reporter_name or f"User {report.reporter_id}"

    @admin.display(description="open", boolean=True)
    def is_open(self, report: Report) -> bool:
        return report.closed_at is None
