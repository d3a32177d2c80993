"""The cases of the benchmark, with their targets."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import httpx

from benchmarks.load import Request, client_load, read_load
from benchmarks.measure import Load
from benchmarks.pictures import UploadBody, photo
from benchmarks.sites import Member, Site


@dataclass(frozen=True)
class Case:
    """One line of the table.

    `target` is how many requests the project should answer for one of the reference.
    ImageKit answers after `delay` milliseconds. A case with a `limit` runs on the bare
    handler too: the project may take that many times its CPU time.
    """

    name: str
    load: Callable[[Site, float], Load]
    target: float
    delay: int = 0
    limit: float | None = None


def all_cases() -> list[Case]:
    tiny = UploadBody(photo(320, 240, 5_000))
    small = UploadBody(photo(2000, 1500, 1_000_000))
    large = UploadBody(photo(4000, 3000, 4_000_000))
    return [
        Case("profile", profile_load, 3, limit=2.5),
        Case("list of 20", _list, 2, limit=2.5),
        Case("retrieve", _retrieve, 2, limit=2.5),
        Case("list, unchanged (304)", _unchanged_list, 4),
        Case("change caption", _change_caption, 1.5),
        Case("upload 5 KB", upload_load(tiny, 16), 0.8, limit=1.5),
        Case("upload 1 MB", upload_load(small, 8), 0.45, limit=1.5),
        Case("upload 4 MB, 32 clients", upload_load(large, 32), 0.45),
        Case(
            "upload 1 MB, 32 clients, ImageKit +300 ms",
            upload_load(small, 32),
            0.9,
            300,
        ),
        Case("sign-in", _sign_in, 1),
        Case("sign-up", _sign_up, 1),
    ]


def profile_load(site: Site, seconds: float) -> Load:
    return _get(site, site.paths.profile, seconds)


def _list(site: Site, seconds: float) -> Load:
    return _get(site, site.paths.images, seconds)


def _retrieve(site: Site, seconds: float) -> Load:
    # The image in the middle of the list.
    images = site.reader.images
    return _get(site, site.paths.image.format(images[len(images) // 2]), seconds)


def _unchanged_list(site: Site, seconds: float) -> Load:
    """Send the ETag of the list; the reference has none."""
    url = site.server.url + site.paths.images
    etag = httpx.get(url, headers=site.reader.headers).headers.get("etag")
    return _get(
        site, site.paths.images, seconds, {"If-None-Match": etag} if etag else {}
    )


def _get(
    site: Site, path: str, seconds: float, headers: dict[str, str] | None = None
) -> Load:
    every = {**site.reader.headers, **(headers or {})}
    return read_load(site.server.url + path, every, seconds)


def _change_caption(site: Site, seconds: float) -> Load:
    makers = [partial(site.caption_request, member) for member in site.writers[:16]]
    return client_load(site.server.port, makers, seconds)


def upload_load(body: UploadBody, clients: int) -> Callable[[Site, float], Load]:
    def request_of(site: Site, member: Member) -> Request:
        return lambda number: site.upload_request(member, body)

    def load(site: Site, seconds: float) -> Load:
        makers = [request_of(site, member) for member in site.writers[:clients]]
        return client_load(site.server.port, makers, seconds)

    return load


def _sign_in(site: Site, seconds: float) -> Load:
    def request_of(member: Member) -> Request:
        return lambda number: site.sign_in_request(member)

    makers = [request_of(member) for member in site.writers[:8]]
    return client_load(site.server.port, makers, seconds)


def _sign_up(site: Site, seconds: float) -> Load:
    def request(number: int) -> list[bytes]:
        return site.sign_up_request(f"{secrets.token_hex(8)}@example.com")

    return client_load(site.server.port, [request] * 8, seconds)
