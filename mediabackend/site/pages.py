"""The landing page, the documentation and the root of the browsable API."""

import functools
from pathlib import Path
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control, never_cache
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.routers import APIRootView

from accounts.services.sign_up import SIGNUP_TEXTS
from mediabackend.models import Worker
from mediabackend.status.checks import run_checks

# The policy can allow a style element by the hash of its text (CSP3, section
# 6.7.3.3). ReDoc has two: an empty one, which a script fills, and one for scroll bars.
_REDOC_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)


@never_cache
def landing(request: HttpRequest) -> HttpResponse:
    """Show links to all pages, and the state of the server."""
    checks = run_checks()
    worker = Worker.objects.state() if checks["database"][0] else None
    well = all(succeeded for succeeded, _ in checks.values())
    context = {
        "checks": checks,
        "worker": worker,
        "well": well and not (worker and worker.is_missing),
        "signup": SIGNUP_TEXTS[settings.SIGNUP],
    }
    return render(request, "landing.html", context)


@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect browsers that ask for `/favicon.ico` to the icon."""
    return redirect(static("mediabackend/icon.svg"), permanent=True)


class PageNegotiation(DefaultContentNegotiation):
    """Gives the page to everybody, whatever types `Accept` asks for.

    The 406 would be a page too, and its template would fail on a bad token.
    """

    def select_renderer(self, request: Any, renderers: Any, suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


# OPTIONS would render a template that does not exist.
READ_ONLY = ["get", "head"]

_page: dict[str, Any] = {
    "http_method_names": READ_ONLY,
    "content_negotiation_class": PageNegotiation,
}

docs = SpectacularSwaggerSplitView.as_view(**_page)

# ReDoc's search runs in a worker that is made from a blob.
redoc = csp_update(
    {"style-src": [SELF, *_REDOC_STYLES], "worker-src": [SELF, "blob:"]}
)(SpectacularRedocView.as_view(**_page))


@cache_control(public=True, max_age=86400)
def redoc_bundle(request: HttpRequest) -> HttpResponse:
    """Serve ReDoc's script, with our icon in place of the logo that it would fetch."""
    return HttpResponse(_redoc_script(), content_type="text/javascript")


@functools.cache
def _redoc_script() -> str:
    path = finders.find("drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js")
    script = Path(str(path)).read_text(encoding="utf-8")
    icon = static("mediabackend/icon.svg")
    return script.replace("https://cdn.redoc.ly/redoc/logo-mini.svg", icon)


class APIRoot(APIRootView):
    """Accounts and images. Follow a link, or read the documentation at /docs."""

    permission_classes = (AllowAny,)
    api_root_dict = {
        "signup": "signup",
        "token": "token",
        "token_refresh": "token-refresh",
        "token_verify": "token-verify",
        "login": "login",
        "me": "me",
        "images": "image-list",
        "feed": "feed",
    }
