"""Run the development server and a worker, and end both together.

`python -m scripts.serve 127.0.0.1:8000`
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 10


def main() -> int:
    # As Ctrl-C does, SIGTERM ends the programs below and not only this one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        suppress(KeyboardInterrupt),
        _managing("runserver", "--skip-checks", *sys.argv[1:]) as server,
        _managing("run_worker"),
    ):
        return server.wait()
    return 0


@contextmanager
def _managing(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of manage.py, and end it at the end."""
    process = subprocess.Popen((sys.executable, "manage.py", *arguments), cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
