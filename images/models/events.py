"""Events of images."""

from typing import Any

from django.conf import settings

from images.models.choices import State, whole_picture
from mediabackend.events.models import Event, Kind


def image_event(kind: Kind, image: Any) -> Event:
    """Return an event of an image as it is now; it has no texts of people.

    The URL is null unless everybody may fetch the picture.
    """
    url = None
    if image.is_shared and image.state == State.VISIBLE:
        url = image.url(whole_picture(image.format, image.delivered_as_is))
        if url.startswith("/"):
            # The emulator's URLs are paths on this server.
            url = settings.SITE_URL + url
    data = {
        "visibility": image.visibility,
        "state": image.state,
        "version": image.version,
        "url": url,
    }
    return Event(kind=kind, subject=image.pk, owner=image.owner_id, data=data)
