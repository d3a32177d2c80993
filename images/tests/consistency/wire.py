"""Record which files were asked to be deleted, and by how many calls."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

import httpx

from imagekit_emulator.transport import InProcessTransport


@dataclass
class Deletions:
    """Per file id, how often it was named, and how often it was deleted.

    The emulator's own log counts the ids of a bulk call, but keeps none.
    """

    named: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)
    bulk_calls: int = 0

    def add(self, request: httpx.Request, status: int) -> None:
        if request.method == "DELETE":
            ids = [request.url.path.rpartition("/")[2]]
        elif request.url.path.endswith("/batch/deleteByFileIds"):
            ids = json.loads(request.content)["fileIds"]
            self.bulk_calls += 1
        else:
            return
        self.named.update(ids)
        if status in (200, 204):
            self.deleted.update(ids)

    def repeated(self) -> dict[str, int]:
        """Return the ids that more than one call has named."""
        return {key: times for key, times in self.named.items() if times > 1}


@contextmanager
def recorded_deletions() -> Iterator[Deletions]:
    """Record the calls of all threads of this process."""
    original = InProcessTransport.handle_request
    deletions, lock = Deletions(), threading.Lock()

    def handle(self: InProcessTransport, request: httpx.Request) -> httpx.Response:
        response = original(self, request)
        with lock:
            deletions.add(request, response.status_code)
        return response

    with patch.object(InProcessTransport, "handle_request", handle):
        yield deletions
