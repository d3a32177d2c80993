"""Headers by which browsers restrict an answer."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

# An answer that is not a page loads nothing, even if a browser shows it as a page
# (OWASP REST Security Cheat Sheet, "Security headers").
_STRICT = "default-src 'none'; frame-ancestors 'none'"


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """Sends the policy of the settings with pages, and a strict one with the rest."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _STRICT)
        return response


class PermissionsPolicyMiddleware(MiddlewareMixin):
    """Sends the `Permissions-Policy` of the settings."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response
