"""Remove the metadata of an image without touching a pixel.

Each format has a planner: it walks the structure and plans the parts that are needed
to show the picture. All other parts go. Nothing is copied: the new file reads from
the original one.
"""

import io
from collections.abc import Collection
from typing import IO

from django.core.files.base import File

from images.media.formats.polyglot import refuse_polyglot
from images.media.formats.reader import Reader
from images.media.stripping.gif import plan_gif
from images.media.stripping.heif import plan_heif
from images.media.stripping.jpeg import plan_jpeg
from images.media.stripping.plan import Kind, Plan, PlannedFile
from images.media.stripping.png import plan_png
from images.media.stripping.webp import plan_webp
from images.media.stripping.wholeness import require_whole

_PLANNERS = {
    "jpeg": plan_jpeg,
    "png": plan_png,
    "gif": plan_gif,
    "webp": plan_webp,
    "heic": plan_heif,
    "avif": plan_heif,
}

# Many pieces of a planned file are short: they are read together.
_BUFFER = 64 * 1024


class StrippedFile(File):
    """An image without its metadata; read it while the original is open."""

    size: int
    content_type: str
    removed: list[str]
    """The kinds of metadata that were removed, sorted; see `Kind`."""

    def __init__(self, original: IO[bytes], plan: Plan, content_type: str) -> None:
        super().__init__(io.BufferedReader(PlannedFile(original, plan), _BUFFER))
        self.size = plan.size
        self.content_type = content_type
        self.removed = sorted(kind.value for kind in plan.removed)


def strip_metadata(
    file: IO[bytes] | File, image_format: str, keep: Collection[str] = ()
) -> StrippedFile:
    """Return the image without metadata, and without data behind its end.

    `file` is seekable, of the format that `inspect_image` found, and must stay open
    and unchanged. `keep` are the kinds of metadata that stay: `copyright`, `c2pa`.
    An end that is missing is added. Raises InvalidImage for files that `inspect_image`
    refuses as damaged, when pixels are missing, and when the new file would also be a
    document of another kind.
    """
    reader = Reader(file)
    plan = Plan(reader.size, keep)
    _PLANNERS[image_format](reader, plan)
    if reader.position < reader.size:
        plan.removed.add(Kind.TRAILING_DATA)
    stripped = StrippedFile(file, plan, f"image/{image_format}")
    if plan.is_completed:
        require_whole(stripped, image_format)
    refuse_polyglot(Reader(stripped))
    stripped.seek(0)
    return stripped
