"""The page of a signed-in person: their sign-ins, and the export of their data.

It gives nothing that the API does not give to the same session. The second factor is
for the admin, as in the API.
"""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts.models import User
from accounts.tokens.sessions import alive_sessions, end_all_sessions, end_sessions


@method_decorator(never_cache, name="dispatch")
class _OwnPage(LoginRequiredMixin):
    """Asks to sign in first, and leads to the account from there."""

    def handle_no_permission(self) -> HttpResponseRedirect:
        return redirect_to_login(reverse("account"))


class AccountPage(_OwnPage, TemplateView):
    template_name = "accounts/account.html"
    http_method_names = ["get", "head"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sessions = alive_sessions(cast(User, self.request.user))
        return super().get_context_data(sessions=sessions, **kwargs)


class EndSession(_OwnPage, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        sessions = alive_sessions(cast(User, request.user))
        session = get_object_or_404(sessions, pk=pk)
        end_sessions(sessions.filter(pk=session.pk))
        messages.success(request, "The sign-in has ended.")
        return redirect("account")


class EndAllSessions(_OwnPage, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        end_all_sessions(cast(User, request.user))
        logout(request)
        return redirect("signed-out")
