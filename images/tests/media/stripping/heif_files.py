"""Parts of HEIC and AVIF files for the tests, and the way to strip one."""

import io

from images.media.formats import inspect_image
from images.media.stripping import strip_metadata
from images.tests.media.formats.heif_boxes import box
from images.tests.media.formats.heif_samples import coded
from images.tests.media.stripping.photographs import decoded

SECRET = b"a secret of 24 letters.."
PICTURE = coded("av01")
FILM = box(b"ftyp", b"mp42", bytes(4)) + box(b"mdat", SECRET) + box(b"moov")


def strip(content, keep=()):
    info = inspect_image(io.BytesIO(content), max_pixels=10**6, max_frames=9)
    stripped = strip_metadata(io.BytesIO(content), info.format, keep)
    assert list(decoded(stripped.read())) == list(decoded(content))
    stripped.seek(0)
    return stripped
