"""Add rows of images whose files stay where they are."""

from django.db import transaction

from images.management.kit_import.candidates import Candidate
from images.management.kit_import.keys import note_imported, used_files
from images.management.kit_import.remote_files import RemoteFiles, Use
from images.management.kit_import.report import Problem, Report
from images.management.kit_import.totals import count_imported, lock_accounts
from images.models import Image


def add_in_place(
    candidates: list[Candidate], files: RemoteFiles, report: Report
) -> None:
    """Add the rows, in one transaction, and mark the files."""
    with transaction.atomic():
        accounts = lock_accounts(one.owner for one in candidates)
        used = used_files(one.file.file_id for one in candidates)
        images: dict[str, Image] = {}
        for one in candidates:
            if one.owner not in accounts:
                report.add(Problem.NO_ACCOUNT, one.source, one.row.owner_source)
            elif one.file.file_id in used:
                # Two images with one file would lose it with the first deletion.
                report.add(Problem.FILE_SHARED, one.source, one.row.url)
            else:
                used.add(one.file.file_id)
                images[one.source] = one.image_in_place()
        Image.objects.bulk_create(images.values())
        note_imported({source: image.pk for source, image in images.items()})
        count_imported(list(images.values()))
    added = [one.file.file_id for one in candidates if one.source in images]
    files.mark(added, Use.IMPORTED)
    report.counts["images"] += len(images)
