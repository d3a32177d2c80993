"""The name and the URL of the service, for all templates."""

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from accounts.services.one_time_links import find_site


def name_service(request: HttpRequest) -> dict[str, str]:
    """Return what the pages have at their top and bottom, as mails have it."""
    try:
        url = find_site(request)
    except DisallowedHost:
        # The page tells about this very error.
        url = ""
    return {"service_name": settings.SITE_NAME, "service_url": url}
