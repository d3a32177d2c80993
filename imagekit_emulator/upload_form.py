"""Reading of multipart uploads, straight to disk."""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO

from werkzeug.exceptions import HTTPException
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
)
from werkzeug.wrappers import Request

from imagekit_emulator.blobs import BlobStore
from imagekit_emulator.errors import ApiError

CHUNK = 64 * 1024
MAX_BUFFER = 1024 * 1024
MAX_FIELD_BYTES = 256 * 1024
# The limit of the free plan.
MAX_FILE_BYTES = 25 * 1024 * 1024
MAX_PARTS = 100
BASE64_CHUNK = 4 * 16 * 1024


@dataclass
class UploadForm:
    """The text fields of an upload, and its file as an open temporary file."""

    fields: dict[str, str] = field(default_factory=dict)
    file: IO[bytes] | None = None
    file_is_text: bool = False


@contextmanager
def read_form(request: Request, blobs: BlobStore) -> Iterator[UploadForm]:
    """Read the form; its temporary file is removed at the end of the context."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary.isascii():
        raise ApiError(400, "The request is not multipart/form-data.")
    with ExitStack() as stack:
        reader = _FormReader(stack, blobs)
        try:
            _decode(request, boundary.encode(), reader)
        except (ValueError, HTTPException) as error:
            raise ApiError(400, "The form data cannot be read.") from error
        form = reader.form
        if form.file and form.file_is_text:
            form.file = _from_text(form.file, stack.enter_context(blobs.scratch()))
            check_size(form.file.tell())
        yield form


def check_size(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise ApiError(400, f"The file is larger than {MAX_FILE_BYTES} bytes.")


def _decode(request: Request, boundary: bytes, reader: "_FormReader") -> None:
    decoder = MultipartDecoder(boundary, MAX_BUFFER, max_parts=MAX_PARTS)
    event: Event = NeedData()
    while not isinstance(event, Epilogue):
        decoder.receive_data(request.stream.read(CHUNK) or None)
        event = decoder.next_event()
        while not isinstance(event, Epilogue | NeedData):
            reader.take(event)
            event = decoder.next_event()


class _FormReader:
    """Builds an `UploadForm` from the events of the decoder."""

    def __init__(self, stack: ExitStack, blobs: BlobStore) -> None:
        self.form = UploadForm()
        self._stack = stack
        self._blobs = blobs
        self._name = ""
        self._text = bytearray()
        self._target: IO[bytes] | None = None
        self._left = 0

    def take(self, event: Event) -> None:
        if isinstance(event, Field | File):
            self._start(event)
        elif isinstance(event, Data):
            self._write(event.data)
            if not event.more_data:
                self._finish()

    def _start(self, part: Field | File) -> None:
        # The annotation says `str`, but a part may have no name.
        self._name = part.name or ""
        self._text = bytearray()
        is_file = isinstance(part, File)
        # A browser sends an empty file name when no file was chosen.
        chosen = is_file and bool(part.filename)  # type: ignore[union-attr]
        if self._name != "file" or (is_file and not chosen):
            self._target = None
            self._left = MAX_FIELD_BYTES
            return
        self._target = self._stack.enter_context(self._blobs.scratch())
        # Base64 takes four bytes for three, with line breaks a little more.
        self._left = MAX_FILE_BYTES if is_file else MAX_FILE_BYTES * 3 // 2 + 1024
        self.form.file = self._target
        self.form.file_is_text = not is_file

    def _write(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0 and self._target:
            check_size(MAX_FILE_BYTES + 1)
        if self._left < 0:
            raise ApiError(400, f"The {self._name} parameter is too long.")
        if self._target:
            self._target.write(data)
        else:
            self._text += data

    def _finish(self) -> None:
        if not self._target and self._name != "file":
            self.form.fields[self._name] = self._text.decode("utf-8", "replace")


def _from_text(source: IO[bytes], target: IO[bytes]) -> IO[bytes]:
    """Decode base64 or a data URI; 400 for a URL to fetch the file from."""
    source.seek(0)
    head = source.read(2048)
    if re.match(rb"\s*https?://", head, re.IGNORECASE):
        raise ApiError(400, "This emulator does not fetch files from a URL.")
    uri = re.match(rb"\s*data:[^,]{0,1000};base64,", head)
    source.seek(uri.end() if uri else 0)
    rest = b""
    try:
        while chunk := source.read(BASE64_CHUNK):
            rest += re.sub(rb"\s", b"", chunk)
            whole = len(rest) // 4 * 4
            target.write(base64.b64decode(rest[:whole], validate=True))
            rest = rest[whole:]
        target.write(base64.b64decode(rest, validate=True))
    except binascii.Error as error:
        raise ApiError(400, "The file parameter is not valid base64.") from error
    if not target.tell():
        raise ApiError(400, "Missing file parameter for upload.")
    return target
