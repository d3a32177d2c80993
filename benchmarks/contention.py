"""How much longer a read takes while the server is full of uploads."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from benchmarks.cases import profile_load, upload_load
from benchmarks.measure import Load
from benchmarks.pictures import UploadBody, photo
from benchmarks.sites import Site

# The p99 beside uploads may be this many times that without.
LIMIT = 3
_CLIENTS = 8


@dataclass(frozen=True)
class Contention:
    """The p99 of the profile in seconds: without uploads, and beside them."""

    alone: float
    beside: float
    uploads_per_second: float

    @property
    def ratio(self) -> float:
        return self.beside / self.alone

    @property
    def sentence(self) -> str:
        met = "met" if self.ratio <= LIMIT else "not met"
        return (
            f"The p99 of the profile is {self.alone * 1000:.1f} ms, and "
            f"{self.beside * 1000:.1f} ms beside {self.uploads_per_second:.0f} uploads "
            f"of 1 MB a second by {_CLIENTS} clients: {self.ratio:.1f} times "
            f"({LIMIT} times: {met})."
        )


def measure_contention(site: Site, seconds: float, rounds: int) -> Contention:
    """Read the profile with and without uploads in turn; return the medians."""
    uploads = upload_load(UploadBody(photo(2000, 1500, 1_000_000)), _CLIENTS)
    alone, beside, rates = [], [], []
    for _ in range(rounds):
        alone.append(profile_load(site, seconds).p99)
        read, uploaded = _at_once(
            lambda: profile_load(site, seconds),
            # Longer, so that no read is without them.
            lambda: uploads(site, seconds + 0.5),
        )
        beside.append(read.p99)
        rates.append(uploaded.requests / uploaded.seconds)
    return Contention(median(alone), median(beside), median(rates))


def _at_once(read: Callable[[], Load], upload: Callable[[], Load]) -> tuple[Load, Load]:
    uploaded: list[Load] = []
    thread = threading.Thread(target=lambda: uploaded.append(upload()))
    thread.start()
    found = read()
    thread.join()
    return found, uploaded[0]
