"""The part of the admin of images that moderation adds."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from images.models import Action, Image, State
from images.moderation.admin.bulk_decisions import (
    ask_to_delete,
    image_action,
    owner_action,
)
from images.moderation.desk.decision_requests import Refused
from images.moderation.desk.pages import image_context
from images.moderation.permissions import MODERATE, SEE_EMAILS, SUSPEND, public_name
from mediabackend.admin import BoundedAdmin


class ModeratedImagesAdmin(BoundedAdmin):
    """Lets moderators decide from the list of images and from an image's page.

    Staff without the permission to view users see owners by name and id, and cannot
    search for emails.
    """

    actions = (
        image_action(Action.APPROVE),
        image_action(Action.TAKE_DOWN),
        image_action(Action.RESTORE),
        owner_action(Action.SUSPEND),
        owner_action(Action.REINSTATE),
        image_action(Action.DELETE),
    )

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MODERATE)

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SUSPEND)

    def has_change_permission(
        self, request: HttpRequest, obj: Image | None = None
    ) -> bool:
        # A taken down image stays as it was when the moderator decided on it.
        is_taken_down = obj is not None and obj.state == State.TAKEN_DOWN
        return not is_taken_down and super().has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Select what the list, its search, and all pages of an image may show."""
        images: Any = super().get_queryset(request)
        return images.reviewable_by(request.user)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._without_email(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._without_email(request, super().get_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "owner_name", "moderation")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Search for texts, and for the images of a user whose email is a word.

        A condition on both tables at once could not use the index of the texts.
        """
        texts = []
        for word in search_term.split():
            is_email = "@" in word and request.user.has_perm(SEE_EMAILS)
            owner = User.objects.filter(email=word).first() if is_email else None
            if owner:
                queryset = queryset.filter(owner=owner.pk)
            else:
                texts.append(word)
        return super().get_search_results(request, queryset, " ".join(texts))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        image = self.get_object(request, object_id)
        if image and self.has_moderate_permission(request):
            context |= image_context(request, image, request.path)
        try:
            return super().change_view(request, object_id, form_url, context)
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return redirect(request.get_full_path())

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Ask for the reason; the form is sent to `decide_on_many`."""
        image = self.get_object(request, object_id)
        if not self.has_delete_permission(request, image):
            raise PermissionDenied
        if image is None:
            raise Http404
        return ask_to_delete(request, image)

    def history_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        # The history shows the email of everybody who has changed the image.
        if not request.user.has_perm(SEE_EMAILS):
            raise PermissionDenied
        return super().history_view(request, object_id, *args, **kwargs)

    @admin.display(description="owner")
    def owner_name(self, image: Image) -> str:
        return public_name(image.owner)

    @admin.display(description="moderation")
    def moderation(self, image: Image) -> SafeString:
        text = image.get_state_display()
        if image.open_reports:
            text += f", open reports: {image.open_reports}"
        url = reverse("admin:images_decision_image", args=[image.pk])
        return format_html('<a href="{}">{}</a>', url, text)

    @admin.display(description="visibility")
    def visibility_and_state(self, image: Image) -> SafeString:
        shared = image.get_visibility_display()
        return format_html("{}<br>{}", shared, self.moderation(image))

    def _without_email(self, request: HttpRequest, fields: Any) -> Any:
        if request.user.has_perm(SEE_EMAILS):
            return fields
        return ["owner_name" if field == "owner" else field for field in fields]
