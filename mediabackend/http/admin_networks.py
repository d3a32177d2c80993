"""Access to the admin from ADMIN_ALLOWED_NETWORKS only."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from mediabackend.http.client_ip import client_ip, is_inside
from mediabackend.http.error_responses import page_not_found


class AdminNetworksMiddleware(MiddlewareMixin):
    """Answers 404 for the whole admin to clients outside the allowed networks.

    This happens before any other code of the admin runs, so neither the sign-in page
    nor a redirect shows that the admin exists.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        networks = settings.ADMIN_ALLOWED_NETWORKS
        if networks and _is_admin(request.path) and not _is_in(networks, request):
            return page_not_found(request, Http404())
        return None


def _is_admin(path: str) -> bool:
    # With a slash added, as the redirect to the real URL would do.
    return f"{path}/".startswith(reverse("admin:index"))


def _is_in(networks: Any, request: HttpRequest) -> bool:
    # A client without an IP address (a Unix socket without a proxy) is in no network.
    return is_inside(client_ip(request) or "", networks)
