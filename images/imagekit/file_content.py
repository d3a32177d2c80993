"""The contents of files, on their way to and from ImageKit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Self

from django.core.files.base import File

# A larger content is kept on disk.
SPOOL_BYTES = 1024 * 1024
_MODES = {"rb": False, "r": True, "rt": True}


class OpenedFile(File):
    """A downloaded file. It can be closed and opened again, with a new download."""

    def __init__(self, name: str, mode: str, download: Callable[[], IO[bytes]]) -> None:
        self._download = download
        super().__init__(self._content(mode), name=name)
        # The temporary file has another mode.
        self.mode = mode

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> Self:
        """Go to the start, after a download if the file is closed."""
        if self.closed:
            self.file = self._content(mode or self.mode)
            self.mode = mode or self.mode
        self.seek(0)
        return self

    def _content(self, mode: str) -> Any:
        if mode not in _MODES:
            raise ValueError(
                "Files at ImageKit can only be opened for reading: mode 'rb' or 'r'."
            )
        content = self._download()
        return TextIOWrapper(content, encoding="utf-8") if _MODES[mode] else content


@contextmanager
def binary_content(content: File) -> Iterator[Any]:
    """Lend the file to upload; a text is encoded as UTF-8."""
    # Django's File has this attribute if the file in it does.
    if not hasattr(content, "encoding"):
        yield content
        return
    with SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
        for chunk in content.chunks():
            spool.write(chunk.encode())
        yield spool
