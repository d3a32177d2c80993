"""The name and the URL of the service, for all templates."""

from django.conf import settings
from django.http import HttpRequest

from accounts.services.link_urls import find_site


def name_service(request: HttpRequest) -> dict[str, str]:
    """Return what the pages have at their top and bottom, as mails have it."""
    return {"service_name": settings.SITE_NAME, "service_url": find_site(request)}
