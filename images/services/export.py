"""Export a user's data as a ZIP archive that is made while it is sent."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from zipstream import ZipStream

from accounts.models import User
from images.imagekit.errors import StorageError
from images.models import Format, Image, State

_ROWS = 500


def export_archive(user: User, profile: dict[str, Any]) -> Iterator[bytes]:
    """Yield the archive; `profile` goes into its manifest.

    One file at a time is held, on disk if it is larger than 1 MiB.
    """
    # Without compression: pictures are compressed already.
    archive = ZipStream()
    entries: list[dict[str, Any]] = []
    for image in _images(user):
        entry = _entry(image)
        entries.append(entry)
        if image.state == State.TAKEN_DOWN:
            # The API does not give its owner the file either.
            entry["file"] = None
            continue
        try:
            # Fetched completely before it is sent, so that a slow client does not
            # occupy one of the few connections to ImageKit.
            file = image.storage.open(str(image.file.name))
        except StorageError:
            entry["file"] = None
            continue
        with file:
            digest = hashlib.sha256()
            archive.add(_hashed(file.chunks(), digest), entry["file"])
            yield from archive.file()
        entry["sha256"] = digest.hexdigest()
    manifest = {
        "exported_at": timezone.now(),
        "profile": profile,
        "images": entries,
    }
    text = json.dumps(manifest, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
    archive.add(text.encode(), "manifest.json")
    yield from archive.finalize()


def _images(user: User) -> Iterator[Image]:
    """Yield the images, oldest first, in pages instead of with an open cursor."""
    rows = Image.objects.of_owner(user.pk).order_by("pk")
    page = list(rows[:_ROWS])
    while page:
        yield from page
        page = list(rows.filter(pk__gt=page[-1].pk)[:_ROWS])


def _entry(image: Image) -> dict[str, Any]:
    facts = ("id", "caption", "alt_text", "visibility", "width", "height", "size")
    names = (*facts, "created_at", "updated_at")
    entry = {name: getattr(image, name) for name in names}
    return entry | {"file": f"images/{image.pk}.{Format(image.format).extension}"}


def _hashed(chunks: Iterator[bytes], digest: Any) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
