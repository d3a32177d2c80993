"""The sides of the benchmark: servers, their members, and requests to them."""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode

from benchmarks.load import Connection, head
from benchmarks.pictures import UploadBody, photo
from benchmarks.servers import Server

PASSWORD = "correct horse battery 9"  # noqa: S105  (of people who do not exist)
OWN_IMAGES = 1000
WRITERS = 32
WRITERS_IMAGES = 10
T = TypeVar("T")
R = TypeVar("R")
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Paths:
    sign_up: str
    sign_in: str
    profile: str
    images: str
    image: str


REFERENCE = Paths("/signup", "/login", "/me", "/images", "/images/{}")
PROJECT = Paths(
    "/api/v1/auth/signup/",
    "/api/v1/auth/login/",
    "/api/v1/users/me/",
    "/api/v1/images/",
    "/api/v1/images/{}/",
)


@dataclass(frozen=True)
class Member:
    """Somebody with an account and images."""

    email: str
    headers: dict[str, str] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """A side. The first member reads 1,000 images; the others have ten, and write."""

    server: Server
    paths: Paths
    members: list[Member]

    @property
    def reader(self) -> Member:
        return self.members[0]

    @property
    def writers(self) -> list[Member]:
        return self.members[1:]

    def sign_up_request(self, email: str) -> list[bytes]:
        body = json.dumps({"email": email, "password": PASSWORD}).encode()
        return [head("POST", self.paths.sign_up, _JSON, len(body)) + body]

    def sign_in_request(self, member: Member) -> list[bytes]:
        body = urlencode({"username": member.email, "password": PASSWORD}).encode()
        return [head("POST", self.paths.sign_in, _FORM, len(body)) + body]

    def caption_request(self, member: Member, number: int) -> list[bytes]:
        body = json.dumps({"caption": f"At the sea {number}"}).encode()
        path = self.paths.image.format(member.images[number % len(member.images)])
        headers = _JSON | member.headers
        return [head("PATCH", path, headers, len(body)) + body]

    def upload_request(self, member: Member, body: UploadBody) -> list[bytes]:
        headers = {"Content-Type": body.content_type, **member.headers}
        start = head("POST", self.paths.images, headers, len(body))
        return [start, body.fresh()]


def fill(server: Server, paths: Paths) -> Site:
    """Sign people up and upload their images, through the API."""
    site = Site(server, paths, [])
    emails = [f"member{number}@example.com" for number in range(1 + WRITERS)]
    site.members.extend(_at_once(partial(_join, site), emails))
    body = UploadBody(photo(640, 480, 20_000))
    counts = [OWN_IMAGES] + [WRITERS_IMAGES] * WRITERS
    for member, count in zip(site.members, counts, strict=True):
        uploads = [site.upload_request(member, body) for _ in range(count)]
        answers = _at_once(partial(_ask, site), uploads)
        member.images.extend(str(answer["id"]) for answer in answers)
    return site


def _join(site: Site, email: str) -> Member:
    _ask(site, site.sign_up_request(email))
    member = Member(email)
    token = _ask(site, site.sign_in_request(member))["access_token"]
    member.headers["Authorization"] = f"Bearer {token}"
    return member


def _ask(site: Site, pieces: list[bytes]) -> dict[str, Any]:
    connection = Connection(site.server.port)
    try:
        status, body = connection.ask(pieces)
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise RuntimeError(f"{status} instead of success: {body[:300]!r}")
    answer: dict[str, Any] = json.loads(body)
    return answer


def _at_once(do: Callable[[T], R], values: Iterable[T]) -> list[R]:
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(do, values))
