"""Headers by which browsers restrict an answer."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# An answer that is not a page loads nothing, even if a browser shows it as a page
# (OWASP REST Security Cheat Sheet, "Security headers").
_STRICT = "default-src 'none'; frame-ancestors 'none'"


class BrowserPoliciesMiddleware(CSPMiddleware):
    """Sends `Permissions-Policy` and `Content-Security-Policy`.

    The policy for contents is that of the settings with pages, and a strict one with
    the rest.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _STRICT)
        return response
