"""Taking the metadata out of an image, without touching a pixel.

The structure is walked as `images.formats` does it, and what is needed to show the
picture is planned; all else goes. Nothing is decoded and nothing copied: the file
that results reads from the original one.
"""

import io
from collections.abc import Collection
from typing import IO

from django.core.files.base import File

from images.media.formats.polyglot import refuse_polyglot
from images.media.formats.reader import Reader
from images.media.stripping.gif import plan_gif
from images.media.stripping.jpeg import plan_jpeg
from images.media.stripping.kinds import Kind
from images.media.stripping.plan import Plan, PlannedFile
from images.media.stripping.png import plan_png
from images.media.stripping.webp import plan_webp

__all__ = ["Kind", "StrippedFile", "strip_metadata"]

_PLANNERS = {"jpeg": plan_jpeg, "png": plan_png, "gif": plan_gif, "webp": plan_webp}

# Many a piece is shorter than what is asked for at once.
_BUFFER = 64 * 1024


class StrippedFile(File):
    """An image without its metadata, to be read while the original is open."""

    size: int
    content_type: str
    removed: list[str]
    """The kinds of metadata that are gone, sorted; see `Kind`."""

    def __init__(self, original: IO[bytes], plan: Plan, content_type: str) -> None:
        super().__init__(io.BufferedReader(PlannedFile(original, plan), _BUFFER))
        self.size = plan.size
        self.content_type = content_type
        self.removed = sorted(kind.value for kind in plan.removed)


def strip_metadata(
    file: IO[bytes] | File, image_format: str, keep: Collection[str] = ()
) -> StrippedFile:
    """Return the image without metadata, and without data behind its end.

    `file` is seekable, of the format that `inspect_image` has found, and must stay
    open and unchanged. `keep` are kinds of metadata that stay: `copyright`, `c2pa`.
    Raises InvalidImage for files that `inspect_image` refuses as damaged, and where
    what is left is also another kind of document: parts move to the front.
    """
    reader = Reader(file)
    plan = Plan(reader.size, keep)
    _PLANNERS[image_format](reader, plan)
    if reader.position < reader.size:
        plan.removed.add(Kind.TRAILING_DATA)
    stripped = StrippedFile(file, plan, f"image/{image_format}")
    refuse_polyglot(Reader(stripped), stripped.size)
    stripped.seek(0)
    return stripped
