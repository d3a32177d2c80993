"""Invitations in the admin."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.models import Invitation
from accounts.services.invitations import (
    DEFAULT_DAYS,
    MAX_DAYS,
    issue_token,
    revoke_invitations,
)
from accounts.services.mails import enqueue_mail, mail_invitation
from accounts.services.one_time_links import build_link, find_site
from mediabackend.admin import BoundedAdmin

_SHOWN = (
    "created_at",
    "email",
    "state",
    "mailed_at",
    "expires_at",
    "used_at",
    "used_by",
)


class InvitationForm(forms.ModelForm):
    days = forms.IntegerField(
        label="Days until it expires",
        min_value=1,
        max_value=MAX_DAYS,
        initial=DEFAULT_DAYS,
    )
    by_mail = forms.BooleanField(
        label="Mail the link",
        required=False,
        help_text="The e-mail address then counts as verified. Without this the next "
        "page shows the link, once.",
    )

    class Meta:
        model = Invitation
        fields = ("email",)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("by_mail") and not cleaned.get("email"):
            self.add_error("email", "Enter the e-mail address to mail it to.")
        if days := cleaned.get("days"):
            self.instance.expires_at = timezone.now() + timedelta(days=days)
        return cleaned


@admin.register(Invitation)
class InvitationAdmin(BoundedAdmin):
    """Invitations to sign up; nobody changes one."""

    form = InvitationForm
    list_display = ("created_at", "email", "state", "expires_at", "used_by")
    list_filter = ("expires_at",)
    list_select_related = ("used_by",)
    search_fields = ("email", "used_by__email")
    actions = ("revoke",)

    def get_fields(
        self, request: HttpRequest, obj: Invitation | None = None
    ) -> tuple[str, ...]:
        return _SHOWN if obj else ("email", "days", "by_mail")

    def has_change_permission(
        self, request: HttpRequest, obj: Invitation | None = None
    ) -> bool:
        return False

    def response_add(
        self, request: HttpRequest, obj: Invitation, post_url_continue: Any = None
    ) -> HttpResponse:
        """Mail the link, or show it."""
        if settings.SIGNUP == "closed":
            text = "SIGNUP is closed: no invitation works until it is not."
            self.message_user(request, text, messages.WARNING)
        site = find_site(request)
        if "by_mail" not in request.POST:
            site = site or request.build_absolute_uri("/").rstrip("/")
            link = build_link(site, "sign-up", invitation=issue_token(obj))
            context = self.admin_site.each_context(request)
            context |= {"title": "Invitation", "link": link, "invitation": obj}
            # It is shown this once, so there is no redirect.
            return TemplateResponse(request, "accounts/invitation.html", context)
        if not site:
            text = "No mail was sent, because SITE_URL and FRONTEND_URL are not set."
            self.message_user(request, text, messages.ERROR)
        enqueue_mail(mail_invitation, request, str(obj.pk))
        return super().response_add(request, obj, post_url_continue)

    @admin.action(description="Revoke the selected invitations", permissions=["delete"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        revoked = revoke_invitations(queryset)
        self.message_user(request, f"Revoked {revoked} invitations.")
