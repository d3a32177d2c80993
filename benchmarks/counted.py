"""Count statements, calls and memory of the main requests, and print them as JSON.

    DATABASE_URL=... python -m benchmarks.counted

`benchmarks.counting` runs it in a process of its own, with the settings of production
and a database that has the tables. So the figures do not depend on the imports, patches
and caches of other tests. The pictures have 20 kB; ImageKit is a stand-in in this
process.
"""

import gc
import json
import secrets
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.test import override_settings
from PIL import Image as Picture

from benchmarks.counters import count_calls, count_memory, count_statements
from benchmarks.in_process import Answer, ask, environ_of
from benchmarks.pictures import UploadBody, photo

_API = "http://127.0.0.1/api/v1"
_PASSWORD = "correct horse battery 9"  # noqa: S105  (of a person who does not exist)
_IMAGES = 25
_WARM_UP = 3
_TRANSPORT = "benchmarks.in_process.StandinTransport"
_WORKERS = "django_tasks_db.DatabaseBackend"


class Person:
    """Somebody with an account and images, and their requests."""

    def __init__(self) -> None:
        self._email = f"{secrets.token_hex(4)}@example.com"
        self._picture = UploadBody(photo(640, 480, 20_000))
        self._headers: dict[str, str] = {}
        account = {"email": self._email, "password": _PASSWORD}
        asked(201, httpx.Request("POST", f"{_API}/auth/signup/", json=account))
        token = json.loads(asked(200, self.sign_in()).body)["access_token"]
        self._headers["Authorization"] = f"Bearer {token}"
        self._images = [self._uploaded() for _ in range(_IMAGES)]
        for image in self._images:
            asked(200, self._change(image, visibility="public"))

    def sign_in(self) -> httpx.Request:
        form = {"username": self._email, "password": _PASSWORD}
        return httpx.Request("POST", f"{_API}/auth/login/", data=form)

    def profile(self) -> httpx.Request:
        return self._request("GET", "users/me/")

    def list(self) -> httpx.Request:
        return self._request("GET", "images/")

    def unchanged_list(self) -> httpx.Request:
        etag = asked(200, self.list()).headers["etag"]
        return self._request("GET", "images/", headers={"If-None-Match": etag})

    def retrieve(self) -> httpx.Request:
        return self._request("GET", f"images/{self._images[0]}/")

    def feed(self) -> httpx.Request:
        return httpx.Request("GET", f"{_API}/feed/")

    def change_caption(self) -> httpx.Request:
        return self._change(self._images[0], caption=secrets.token_hex(8))

    def upload(self) -> httpx.Request:
        return self._upload(self._picture)

    def uploads_of(self, width: int, height: int) -> Callable[[], httpx.Request]:
        """Return a function for uploads of noise, which takes 4 bytes a pixel."""
        pixels = secrets.token_bytes(3 * width * height)
        out = BytesIO()
        Picture.frombytes("RGB", (width, height), pixels).save(
            out, "jpeg", quality=100, subsampling=0
        )
        return partial(self._upload, UploadBody(out.getvalue()))

    def _upload(self, body: UploadBody) -> httpx.Request:
        headers = {"Content-Type": body.content_type}
        return self._request("POST", "images/", headers=headers, content=body.fresh())

    def delete(self) -> httpx.Request:
        return self._request("DELETE", f"images/{self._uploaded()}/")

    def _uploaded(self) -> str:
        return str(json.loads(asked(201, self.upload()).body)["id"])

    def _change(self, image: str, **fields: str) -> httpx.Request:
        return self._request("PATCH", f"images/{image}/", json=fields)

    def _request(self, method: str, path: str, **parts: Any) -> httpx.Request:
        headers = self._headers | parts.pop("headers", {})
        return httpx.Request(method, f"{_API}/{path}", headers=headers, **parts)


def asked(status: int, request: httpx.Request) -> Answer:
    return check(status, ask(environ_of(request)))


def check(status: int, answer: Answer) -> Answer:
    """Return the answer; raise RuntimeError if it has another status."""
    if answer.status != status:
        raise RuntimeError(
            f"{answer.status} instead of {status}: {answer.body[:300]!r}"
        )
    return answer


def counts_of(status: int, make: Callable[[], httpx.Request]) -> dict[str, int]:
    """Count the requests that `make` returns; each call makes a new one."""
    for _ in range(_WARM_UP):
        asked(status, make())
    # They are made first, because making one may take requests.
    environs = iter([environ_of(make()) for _ in range(3)])
    answers: list[Answer] = []

    def run() -> None:
        answers.append(ask(next(environs)))

    counts = {
        "statements": count_statements(run),
        "calls": count_calls(run),
        "bytes": count_memory(run),
    }
    for answer in answers:
        check(status, answer)
    return counts


def main() -> None:
    # bcrypt is written in C, so fewer rounds change no figure.
    BCryptSHA256PasswordHasher.rounds = 4
    storages: dict[str, Any] = settings.STORAGES
    for name in ("default", "private"):
        storages[name]["OPTIONS"]["transport"] = _TRANSPORT
    gc.disable()
    person = Person()
    requests = {
        "profile": (200, person.profile),
        "list of 20": (200, person.list),
        "list, unchanged (304)": (304, person.unchanged_list),
        "retrieve": (200, person.retrieve),
        "feed, anonymous": (200, person.feed),
        "change caption": (200, person.change_caption),
        "upload": (201, person.upload),
        # Django stores files of more than 2.5 MB on disk.
        "upload of 3 MB": (201, person.uploads_of(875, 875)),
        "upload of 8 MB": (201, person.uploads_of(1430, 1430)),
        "delete": (204, person.delete),
        "sign-in": (200, person.sign_in),
    }
    counts = {name: counts_of(*request) for name, request in requests.items()}
    with override_settings(TASKS={"default": {"BACKEND": _WORKERS}}):
        counts["delete, files by a worker"] = counts_of(204, person.delete)
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
