"""Where the admin may be opened from: ADMIN_ALLOWED_NETWORKS."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from mediabackend.http.client_ip import client_address, is_inside
from mediabackend.http.error_responses import page_not_found


class AdminNetworksMiddleware:
    """Answer 404 for the whole admin to those who are not in an allowed network.

    It decides before anything else of the admin runs, so that neither the sign-in
    page nor a redirect tells that there is one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        networks = settings.ADMIN_ALLOWED_NETWORKS
        if networks and _is_admin(request.path) and not _is_in(networks, request):
            return page_not_found(request, Http404())
        return self.get_response(request)


def _is_admin(path: str) -> bool:
    # With the slash added, as the redirect to the real address would do.
    return f"{path}/".startswith(reverse("admin:index"))


def _is_in(networks: Any, request: HttpRequest) -> bool:
    # Without an address (a Unix socket) nobody can say where the client is.
    return is_inside(client_address(request) or "", networks)
