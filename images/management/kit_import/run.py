"""Import users and images from kit-backend.

Each batch of users, each batch of images that are left in place and each copied image
is one transaction, which also notes the imported rows. So an import that was stopped
goes on where it was when it is started again.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from django.core.management.base import CommandError

from images.imagekit.aliases import KIT_BACKEND, imagekit_storage
from images.management.kit_import.candidates import choose_candidates
from images.management.kit_import.images import add_in_place, copy_files
from images.management.kit_import.old_files import schedule_old_files
from images.management.kit_import.remote_files import RemoteFiles, Use
from images.management.kit_import.report import Report
from images.management.kit_import.source import KitBackend
from images.management.kit_import.users import (
    SameEmail,
    import_users,
    refuse_same_emails,
)

# Called with the name of what was read, and how many.
Progress = Callable[[str, int], object]


@dataclass(frozen=True)
class Options:
    """The options of an import."""

    apply: bool = False
    same_email: SameEmail = SameEmail.FAIL
    leave_in_place: bool = False
    delete_old_files: bool = False
    jobs: int = 4


@dataclass(frozen=True)
class KitImport:
    """One run of the import."""

    backend: KitBackend
    options: Options
    report: Report
    progress: Progress

    def run(self) -> None:
        """Import, or with a dry run only count and report.

        Raises CommandError before any change, StorageError and psycopg.Error.
        """
        decision = self.options.same_email
        refused = refuse_same_emails(self.backend, decision, self.report)
        if refused and self.options.apply and decision is SameEmail.FAIL:
            raise CommandError(
                "Nothing was imported: decide with --same-email.", returncode=2
            )
        with closing(RemoteFiles()) as files:
            # First, as an error of ImageKit is likelier than one of the database.
            for number in files.fill(imagekit_storage(KIT_BACKEND).walk()):
                self.report.counts["files"] += number
                self.progress("files", number)
            self._import_users(refused)
            self._import_images(refused, files)
            if self.options.delete_old_files:
                schedule_old_files(files, self.report, apply=self.options.apply)
            self.report.counts["unused_files"] = files.count(Use.UNUSED)

    def _import_users(self, refused: set[str]) -> None:
        apply = self.options.apply
        for number in import_users(self.backend, refused, self.report, apply=apply):
            self.progress("users", number)

    def _import_images(self, refused: set[str], files: RemoteFiles) -> None:
        jobs = self.options.jobs
        for batch in self.backend.images():
            chosen = choose_candidates(batch, refused, files, self.report)
            self.progress("images", len(batch) - len(chosen))
            if not self.options.apply:
                files.mark([one.file.file_id for one in chosen], Use.IMPORTED)
                self.report.counts["images"] += len(chosen)
                self.progress("images", len(chosen))
            elif self.options.leave_in_place:
                add_in_place(chosen, files, self.report)
                self.progress("images", len(chosen))
            else:
                for number in copy_files(chosen, jobs, files, self.report):
                    self.progress("images", number)
