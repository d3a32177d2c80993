"""ImageKit's clock. Signed URLs and tickets need one that agrees with ours."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from images.imagekit.client import ClientOptions, remote_call


def measure_offset(options: ClientOptions) -> float | None:
    """Return how many seconds our clock is ahead of ImageKit's, to the second.

    None if the answer does not tell the time. Raises StorageError, for example when
    ImageKit refuses the keys.
    """
    with remote_call(options, "clock") as clients:
        client = clients.imagekit.with_options(max_retries=0)
        before = datetime.now(UTC)
        answer = client.assets.with_raw_response.list(limit=1)
        after = datetime.now(UTC)
    try:
        date = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return None
    return round((before + (after - before) / 2 - date).total_seconds())
