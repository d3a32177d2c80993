"""Programs that a test can kill, and start again on the same port."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from e2e.servers import wait_until
from scripts.processes import running


@dataclass
class Part:
    """A program. As a context manager it starts, and stops at the end."""

    command: tuple[str, ...]
    cwd: Path
    environ: Mapping[str, str]
    log: Path
    is_ready: Callable[[], bool]
    url: str = ""
    process: subprocess.Popen[bytes] | None = None
    _end: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        program = running(self.command, self.cwd, self.environ, self.log)
        self.process = self._end.enter_context(program)
        wait_until(self.is_ready, self.process, self.log)

    def stop(self) -> None:
        """Ask it to end, and wait until it ends."""
        self._end.close()

    def kill(self) -> None:
        """Kill it and all processes that it has started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.stop()

    def children(self) -> set[psutil.Process]:
        return set(psutil.Process(self.process.pid).children())
