"""Visitors, who use a site all the time and record the writes that it acknowledges."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from e2e.api_client import Member
from e2e.pictures import quarters

IMAGES = "/api/v1/images/"
# Seconds between two requests, and between two tries of one.
_PAUSE = 0.1
# Longer than the 90 seconds for which the Idempotency-Key of a request that broke off
# stays in use.
_PATIENCE = 120


@dataclass(frozen=True)
class Failure:
    """A request with an unexpected answer."""

    at: float
    request: str
    status: int
    text: str


@dataclass
class Visitor:
    """A member who uploads, changes, reads and deletes, and repeats failed requests.

    `captions` is the ledger: the last caption that the site acknowledged, by image.
    """

    member: Member
    leaving: threading.Event
    captions: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    rounds: int = 0
    picture: bytes = field(default_factory=lambda: quarters(size=(64, 48)))

    def stay(self) -> None:
        """Go round after round until `leaving` is set."""
        while not self.leaving.is_set():
            self.go_round()
            self.rounds += 1

    def go_round(self) -> None:
        caption = f"round {self.rounds}"
        image = self.upload(caption)
        changed = f"{caption}, changed"
        self._insist("PATCH", f"{IMAGES}{image}/", {200}, json={"caption": changed})
        self.captions[image] = changed
        newest = self._insist("GET", IMAGES, {200}).json()["results"][0]
        assert (newest["id"], newest["caption"]) == (image, changed)
        if self.rounds % 3:
            self._delete(next(iter(self.captions)))

    def upload(self, caption: str) -> str:
        image = self._insist(
            "POST",
            IMAGES,
            {201},
            headers={"Idempotency-Key": uuid.uuid4().hex},
            files={"file": ("picture.jpg", self.picture, "image/jpeg")},
            data={"caption": caption},
        ).json()["id"]
        self.captions[image] = caption
        return image

    def _delete(self, image: str) -> None:
        url = f"{IMAGES}{image}/"
        there = self._insist("GET", url, {200}).json()
        assert there["caption"] == self.captions[image]
        # Not found: an earlier try, by nginx or by us, worked and its answer was lost.
        self._insist("DELETE", url, {204, 404})
        del self.captions[image]
        self.deleted.add(image)

    def _insist(
        self, method: str, path: str, expected: set[int], **content: Any
    ) -> httpx.Response:
        """Repeat a request until its answer has an expected status."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                answer = self.member.http.request(method, path, **content)
                status, text = answer.status_code, answer.text[:300]
            except httpx.TransportError as error:
                status, text = 0, repr(error)
            if status in expected:
                self.leaving.wait(_PAUSE)
                return answer
            now = time.monotonic()
            failure = Failure(now, f"{method} {path}", status, text)
            self.failures.append(failure)
            assert now < deadline, failure
            self.leaving.wait(_PAUSE)


@dataclass(frozen=True)
class Crowd:
    """Visitors of a site."""

    visitors: list[Visitor]
    tasks: list[Future[None]]
    leaving: threading.Event

    def failures(self) -> list[Failure]:
        return sorted(
            (one for visitor in self.visitors for one in visitor.failures),
            key=lambda failure: failure.at,
        )

    def watch_rounds(self, number: int) -> None:
        """Wait until every visitor has gone so many whole rounds from now on."""
        # The current round of a visitor does not count.
        goals = [(one, one.rounds + 1 + number) for one in self.visitors]
        self._wait_until(lambda: all(one.rounds >= goal for one, goal in goals))

    def watch_failure(self) -> None:
        """Wait until a visitor meets a failure."""
        before = len(self.failures())
        self._wait_until(lambda: len(self.failures()) > before)

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.failures()[-3:]
            for task in self.tasks:
                if task.done():
                    task.result()
            time.sleep(0.02)


@contextmanager
def crowd(members: list[Member]) -> Iterator[Crowd]:
    """Let members visit at the same time; at the end their last rounds are finished."""
    leaving = threading.Event()
    visitors = [Visitor(member, leaving) for member in members]
    with ThreadPoolExecutor(len(visitors)) as pool:
        tasks = [pool.submit(visitor.stay) for visitor in visitors]
        try:
            yield Crowd(visitors, tasks, leaving)
        finally:
            leaving.set()
    for task in tasks:
        task.result()
