"""The admin site: closed to sessions without the second factor."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from accounts.pages.second_factor import CodePage, SetUpPage
from accounts.services.second_factor import has_second_factor
from mediabackend.models import Worker


class StaffAdminSite(AdminSite):
    """Asks staff who have set up a second factor for it.

    Every page of the admin asks `has_permission`, wherever the session comes from.

    Apps append functions to `home_parts` that return context for the home page.
    """

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.home_parts: list[Callable[[HttpRequest], dict[str, Any]]] = []

    def has_permission(self, request: HttpRequest) -> bool:
        return self.has_first_factor(request) and has_second_factor(request)

    def has_first_factor(self, request: HttpRequest) -> bool:
        """Say whether the request is of active staff who have given a password."""
        return super().has_permission(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for the password, or for the code if that is what is missing."""
        if (
            request.method == "GET"
            and self.has_first_factor(request)
            and not has_second_factor(request)
        ):
            following = request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index"))
            return redirect_to_login(following, reverse("admin:second-factor"))
        return super().login(request, extra_context)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the home page, which tells when a worker was last seen."""
        context: dict[str, Any] = {"worker": Worker.objects.state()}
        for part in self.home_parts:
            context |= part(request)
        return super().index(request, context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        code = CodePage.as_view(admin_site=self)
        set_up = SetUpPage.as_view(admin_site=self)
        return [
            path("second-factor/", code, name="second-factor"),
            path("second-factor/setup/", set_up, name="second-factor-setup"),
            *super().get_urls(),
        ]
