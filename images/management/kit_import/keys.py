"""Keys of imported rows, and the remote files that are in use."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.crypto import salted_hmac

from images.models import FILE_ID, Image, ImportedRow
from mediabackend.db.ids import first_uuid7


def imported_key(source: str, created_at: datetime) -> UUID:
    """Return a UUIDv7 of that moment, the same for each run of the import.

    Its last bits depend on SECRET_KEY, so nobody can compute the id of an image from
    the id that it had at kit-backend. The twelve bits after the milliseconds are a
    fraction of a millisecond (RFC 9562, section 6.2, method 3).
    """
    digest = salted_hmac("images.kit_import", source, algorithm="sha256").digest()
    fraction = created_at.microsecond % 1000 * 4096 // 1000
    noise = int.from_bytes(digest[:8]) >> 2
    return UUID(int=first_uuid7(created_at).int | fraction << 64 | noise)


def known_keys(sources: Iterable[str]) -> dict[str, UUID]:
    """Return the keys of those sources that were imported before."""
    rows = ImportedRow.objects.filter(source__in=list(sources))
    return dict(rows.values_list("source", "id"))


def used_files(file_ids: Iterable[str]) -> set[str]:
    """Return those of the ids of remote files that images here have."""
    images = Image.objects.annotate(remote_id=FILE_ID)
    used = images.filter(remote_id__in=list(file_ids))
    return set(used.values_list("remote_id", flat=True))


def note_imported(keys: dict[str, UUID]) -> None:
    """Note the keys of imported sources, in the transaction that adds their rows."""
    ImportedRow.objects.bulk_create(
        ImportedRow(id=key, source=source) for source, key in keys.items()
    )
