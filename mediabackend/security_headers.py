"""Headers that tell browsers what an answer may do."""

from collections.abc import Callable

from csp.constants import NONE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

# What is no page has nothing to load, even where a browser takes it for one
# (OWASP REST Security Cheat Sheet, "Security headers").
_NO_PAGE = {"default-src": [NONE], "frame-ancestors": [NONE]}


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """Send the policy of the settings with pages, and a bare one with the rest."""

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        kind = response.headers.get("Content-Type", "")
        if not report_only and not kind.startswith("text/html"):
            parts.config = _NO_PAGE
        return parts


class PermissionsPolicyMiddleware:
    """Send the `Permissions-Policy` of the settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response
