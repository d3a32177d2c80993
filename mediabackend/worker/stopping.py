"""End a worker between two steps."""

import signal
import time
from types import FrameType

# Sleeps are this short because a signal does not end them.
_SLICE = 0.25


class Stop:
    """Whether the process was asked to end. The second signal ends it at once."""

    def __init__(self) -> None:
        self.asked = False

    def listen(self) -> None:
        """Let SIGTERM and Ctrl-C ask."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(number, signal.SIG_DFL)

    def sleep(self, seconds: float) -> None:
        """Wait for this time, or until the process is asked to end."""
        end = time.monotonic() + seconds
        while not self.asked and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))
