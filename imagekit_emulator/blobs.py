"""The bytes of files, stored under random names."""

import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

ABANDONED_SECONDS = 24 * 3600
BLOB_NAME = re.compile(r"[0-9a-f]{32}")


class BlobStore:
    """A folder of immutable files with random names, in 256 folders."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spool = root / "spool"
        self.spool.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def _sweep(self) -> None:
        """Remove temporary files of processes that ended during an upload."""
        for file in self.spool.iterdir():
            with suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > ABANDONED_SECONDS:
                    file.unlink()

    def path(self, blob: str) -> Path:
        if not BLOB_NAME.fullmatch(blob):
            raise ValueError(f"not a blob name: {blob!r}")
        return self.root / "blobs" / blob[:2] / blob

    @contextmanager
    def scratch(self) -> Iterator[IO[bytes]]:
        """Open a temporary file, which is removed at the end of the context."""
        # It has a name and is on the file system of the blobs: `keep` renames it.
        file = tempfile.NamedTemporaryFile(dir=self.spool, delete=False)  # noqa: SIM115
        try:
            with file:
                yield file
        finally:
            Path(file.name).unlink(missing_ok=True)

    def keep(self, scratch: IO[bytes]) -> str:
        """Close a file from `scratch` and make it a blob, in one step."""
        scratch.close()
        blob = secrets.token_hex(16)
        target = self.path(blob)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(scratch.name, target)
        return blob

    def copy(self, blob: str) -> str:
        with self.scratch() as file, self.path(blob).open("rb") as source:
            shutil.copyfileobj(source, file)
            return self.keep(file)

    def remove(self, blob: str | None) -> None:
        if blob:
            self.path(blob).unlink(missing_ok=True)

    def clear(self) -> None:
        shutil.rmtree(self.root / "blobs", ignore_errors=True)
