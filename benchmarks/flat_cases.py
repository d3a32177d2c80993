"""The requests of `benchmarks.flat`; import it only after Django is set up."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.models import User
from accounts.tokens.sessions import start_session
from images.management.seeding import seeded_email
from images.models import Image
from images.services.relisting import relist_images
from mediabackend.admin import BoundedPaginator

PAGE = 20


@dataclass(frozen=True)
class Case:
    """A GET request; `headers` have the user's token or cookie."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


def suspend_newest(number: int) -> None:
    """Give the newest images to a suspended user, all of them public."""
    spammer = User.objects.get(email=seeded_email(1))
    newest = Image.objects.order_by("-pk").values("pk")[:number]
    Image.objects.filter(pk__in=newest).update(owner=spammer, visibility="public")
    User.objects.filter(pk=spammer.pk).update(is_active=False)
    # As the sweep does.
    relist_images()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def all_cases() -> dict[str, Case]:
    """Return the cases by their names, for a database that is filled."""
    largest = User.objects.get(email=seeded_email(0))
    other = User.objects.get(email=seeded_email(2))
    own = {"Authorization": f"Bearer {_token(largest)}"}
    images = Image.objects.order_by("-pk")
    mine, public = images.filter(owner=largest), images.filter(visibility="public")
    feed, theirs = "/api/v1/feed/", f"/api/v1/users/{largest.pk}/images/"
    admin, staff = "/admin/images/image/", _staff()
    last_page = min(images.count(), BoundedPaginator.DEPTH) // 50
    return {
        "own list, first page": Case("/api/v1/images/", own),
        "own list, last page": Case(f"/api/v1/images/{_end_of(mine)}", own),
        "feed, first page": Case(feed),
        "feed, last page": Case(f"{feed}{_end_of(public)}"),
        "largest user's images, first page": Case(theirs),
        "largest user's images, last page": Case(
            f"{theirs}{_end_of(public.filter(owner=largest))}"
        ),
        "another user's images": Case(f"/api/v1/users/{other.pk}/images/"),
        "profile": Case("/api/v1/users/me/", own),
        "admin, first page": Case(admin, staff),
        "admin, last page": Case(f"{admin}?p={last_page}", staff),
        "admin, hidden images": Case(f"{admin}?state__exact=hidden", staff),
        "admin, past 365 days": Case(f"{admin}?created=365", staff),
    }


def _token(user: Any) -> str:
    return start_session(user, Request(APIRequestFactory().post("/")))["access"]


def _staff() -> dict[str, str]:
    """Return the cookie of a superuser who has signed in."""
    root = User.objects.create_superuser("root@example.com", "correct horse 9")
    client = Client()
    client.force_login(root)
    name = settings.SESSION_COOKIE_NAME
    return {"Cookie": f"{name}={client.cookies[name].value}"}


def _end_of(images: Any) -> str:
    """Return the query string of the last page of these images, newest first."""
    first = images.reverse()[PAGE]
    return "?" + urlencode({"cursor": b64encode(f"p={first.pk}".encode()).decode()})
