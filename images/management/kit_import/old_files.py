"""Schedule the deletion of files that were copied."""

from django.db import transaction

from images.imagekit.aliases import KIT_BACKEND
from images.imagekit.listing import RemoteFile
from images.management.kit_import.keys import used_files
from images.management.kit_import.remote_files import RemoteFiles
from images.management.kit_import.report import Report
from images.outbox.models import PendingDeletion


def schedule_old_files(files: RemoteFiles, report: Report, *, apply: bool) -> None:
    """Give the old files of imported images to the outbox; the worker deletes them.

    Not those that an image which was left in place still has. The CDN's copies are not
    purged: ImageKit limits purges, and one of the whole folder does it too.
    """
    for batch in files.imported():
        with transaction.atomic():
            old = _without_used(batch)
            report.counts["old_files"] += len(old)
            if apply:
                PendingDeletion.objects.bulk_create(
                    PendingDeletion(
                        name=file.stored_name,
                        storage=KIT_BACKEND,
                        reason=PendingDeletion.Reason.REPLACED,
                    )
                    for file in old
                )


def _without_used(batch: list[RemoteFile]) -> list[RemoteFile]:
    """Leave out files that an image or a row of the outbox names."""
    used = used_files(file.file_id for file in batch)
    rows = PendingDeletion.objects.filter(
        storage=KIT_BACKEND, name__in=[file.stored_name for file in batch]
    )
    scheduled = set(rows.values_list("name", flat=True))
    return [
        file
        for file in batch
        if file.file_id not in used and file.stored_name not in scheduled
    ]
