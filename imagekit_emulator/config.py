"""What one emulated account looks like."""

from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class EmulatorConfig:
    """The keys, limits and addresses of the one account that is emulated.

    `url_endpoint` is the base of the URLs in answers: absolute, or only a path when
    the emulator is mounted in another site. `purge_pending_polls` is how often the
    state of a purge is answered with "Pending" before it is "Completed".
    """

    root: Path
    private_key: str
    public_key: str
    url_endpoint: str = "http://127.0.0.1:8001/demo"
    imagekit_id: str = "demo"
    max_upload_bytes: int = 25 * MEGABYTE
    # The service allows 100 megapixels in and out; a laptop drawing several at once
    # runs out of memory first, so the limit of what is drawn is lower here.
    max_input_pixels: int = 100_000_000
    max_output_pixels: int = 40_000_000
    purge_pending_polls: int = 1
    cdn_cache: bool = False
