"""The list of images as a gallery, if the browser has chosen that."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from images.models import Image, State
from images.moderation.admin.moderated_images import ModeratedImagesAdmin
from images.moderation.admin.thumbnails import thumbnail_of

_COOKIE, _GALLERY = "images_view", "gallery"
_A_YEAR = 365 * 24 * 60 * 60


def is_gallery(request: HttpRequest) -> bool:
    """Say whether the browser has chosen the gallery."""
    return request.COOKIES.get(_COOKIE) == _GALLERY


class GalleryAdmin(ModeratedImagesAdmin):
    """Shows the list of images as rows, or as large thumbnails to select."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.choose_view)
        return [path("view/", view, name="images_image_view"), *super().get_urls()]

    @method_decorator(require_POST)
    def choose_view(self, request: HttpRequest) -> HttpResponseBase:
        """Keep the chosen view in a cookie, and go back to the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        following = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(following, allowed_hosts=None):
            following = reverse("admin:images_image_changelist")
        response = redirect(following)
        response.set_cookie(
            _COOKIE,
            _GALLERY if request.POST.get("view") == _GALLERY else "list",
            max_age=_A_YEAR,
            path=reverse("admin:index"),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"gallery": is_gallery(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_list_display(self, request: HttpRequest) -> Any:
        if is_gallery(request):
            return ("tile", "badges", "caption_start")
        return super().get_list_display(request)

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        if is_gallery(request):
            return ("caption_start",)
        return super().get_list_display_links(request, list_display)

    @admin.display(description="picture")
    def tile(self, image: Image) -> SafeString | str:
        if image.is_confidential:
            return format_html('<span class="private">{}</span>', "Private")
        return thumbnail_of(image, 320)

    @admin.display(description="state")
    def badges(self, image: Image) -> SafeString:
        """Return the state, unless it is the usual one, and the open reports."""
        words = [image.get_visibility_display()]
        if image.state != State.VISIBLE:
            words.append(image.get_state_display())
        if image.open_reports:
            words.append(f"Open reports: {image.open_reports}")
        page = reverse("admin:images_decision_image", args=[image.pk])
        return format_html('<a href="{}">{}</a>', page, ", ".join(words))
