"""URLs of links in mails: to the front end if there is one, else to our pages."""

from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from rest_framework.request import Request


def find_site(request: Request | HttpRequest | None = None) -> str:
    """Return the base URL of links; empty if none is known."""
    site: str = settings.FRONTEND_URL or settings.SITE_URL
    if not site and request and settings.MAIL_LINKS_FROM_REQUEST:
        site = f"{request.scheme}://{request.get_host()}{settings.SCRIPT_NAME}"
    return site


def build_link(site: str, page: str, **parts: str) -> str:
    """Return the URL of a page: of the front end if there is one, else of ours."""
    if settings.FRONTEND_URL:
        return f"{site}/{page}?{urlencode(parts)}"
    # Both have the path of SCRIPT_NAME.
    return urljoin(site, reverse(page, args=list(parts.values())))
