"""`manage.py import_kit_backend`: import users and images from kit-backend.

Each batch of users, each batch of images that are left in place and each copied image
is one transaction, which also notes the imported rows. So an import that was stopped
goes on where it was when it is started again.
"""

import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from tqdm import tqdm

from images.imagekit.aliases import KIT_BACKEND, imagekit_storage
from images.imagekit.errors import StorageError
from images.management.arguments import count
from images.management.kit_import.candidates import choose_candidates
from images.management.kit_import.images import add_in_place, copy_files
from images.management.kit_import.remote_files import (
    RemoteFiles,
    Use,
    schedule_old_files,
)
from images.management.kit_import.report import Problem, Report
from images.management.kit_import.source import (
    KitBackend,
    KitImage,
    opening_kit_backend,
)
from images.management.kit_import.users import (
    SameEmail,
    import_users,
    refuse_same_emails,
)


class Command(BaseCommand):
    help = (
        "Import the users and images of kit-backend, the FastAPI application, from its "
        "PostgreSQL database. Without --apply nothing is changed. An import that was "
        "stopped goes on when it is started again, and a second one imports only what "
        "is new. Exits with 0 if there are no problems, with 1 if some are listed, and "
        "with 2 if the import could not finish. See docs/from-kit-backend.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--database-url",
            required=True,
            metavar="URL",
            help="The database of kit-backend: postgresql://user@host/name. Leave the "
            "password to PGPASSWORD or ~/.pgpass, as others can see this argument.",
        )
        parser.add_argument(
            "--apply", action="store_true", help="Import; otherwise only report."
        )
        parser.add_argument(
            "--same-email",
            choices=list(map(str, SameEmail)),
            default=str(SameEmail.FAIL),
            help="If emails of users differ only in case: import nothing at all "
            "(fail, the default), none of these users (skip), or the oldest.",
        )
        parser.add_argument(
            "--leave-in-place",
            action="store_true",
            help="Do not copy the files from KIT_BACKEND_FOLDER; they keep metadata.",
        )
        parser.add_argument(
            "--delete-old-files",
            action="store_true",
            help="At the end, schedule the deletion of the files that were copied. "
            "kit-backend then shows no pictures any more.",
        )
        parser.add_argument(
            "--jobs",
            type=count,
            default=4,
            metavar="N",
            help="How many files are copied at the same time; 4 by default.",
        )
        parser.add_argument(
            "--problems", metavar="FILE", help="Write all problems to this CSV file."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._options, self._apply = options, options["apply"]
        _refuse(options)
        path = options["problems"]
        with open(path, "w", newline="") if path else nullcontext() as listing:
            self._report = Report(listing)
            try:
                with opening_kit_backend(options["database_url"]) as backend:
                    self._import(backend)
            except (StorageError, DatabaseError, psycopg.Error) as error:
                raise CommandError(
                    f"Could not finish: {str(error).strip()}\n"
                    "Start the import again: it goes on where it was.",
                    returncode=2,
                ) from error
            finally:
                self._print()
        if self._report.problems:
            sys.exit(1)

    def _import(self, backend: KitBackend) -> None:
        """Import, or with a dry run only count and report.

        Raises CommandError before any change, StorageError and psycopg.Error.
        """
        report = self._report
        users, images = backend.counts()
        with (
            _bar(" files") as files_bar,
            _bar(" users", users) as users_bar,
            _bar(" images", images) as images_bar,
            closing(RemoteFiles()) as files,
        ):
            decision = SameEmail(self._options["same_email"])
            refused = refuse_same_emails(backend, decision, report)
            if refused and self._apply and decision is SameEmail.FAIL:
                raise CommandError(
                    "Nothing was imported: decide with --same-email.", returncode=2
                )
            # First, as an error of ImageKit is likelier than one of the database.
            for number in files.fill(imagekit_storage(KIT_BACKEND).walk()):
                report.counts["files"] += number
                files_bar.update(number)
            for number in import_users(backend, refused, report, apply=self._apply):
                users_bar.update(number)
            for batch in backend.images():
                for number in self._import_images(batch, refused, files):
                    images_bar.update(number)
            if self._options["delete_old_files"]:
                schedule_old_files(files, report, apply=self._apply)
            report.counts["unused_files"] = files.count(Use.UNUSED)

    def _import_images(
        self, batch: list[KitImage], refused: set[str], files: RemoteFiles
    ) -> Iterator[int]:
        """Import a batch; yields the number of images in each step."""
        chosen = choose_candidates(batch, refused, files, self._report)
        yield len(batch) - len(chosen)
        if not self._apply:
            files.mark([one.file.file_id for one in chosen], Use.IMPORTED)
            self._report.counts["images"] += len(chosen)
            yield len(chosen)
        elif self._options["leave_in_place"]:
            add_in_place(chosen, files, self._report)
            yield len(chosen)
        else:
            yield from copy_files(chosen, self._options["jobs"], files, self._report)

    def _print(self) -> None:
        write, report, counts = self.stdout.write, self._report, self._report.counts
        for kind in Problem:
            if number := report.problems[kind]:
                write(f"{kind!s:<16} {number:>7}  {kind.value}")
                examples = report.examples[kind]
                for example in examples:
                    write(f"    {example}")
                if number > len(examples):
                    write(f"    ... and {number - len(examples)} more: see --problems")
        verb = "Imported" if self._apply else "Dry run. To import"
        write(
            f"{verb}: {counts['users']} users, {counts['images']} images. Imported "
            f"before: {counts['users_before']} users, {counts['images_before']} images."
        )
        write(
            f"Files in kit-backend's folder: {counts['files']}, of which no row names "
            f"{counts['unused_files']}."
        )
        if self._options["delete_old_files"]:
            verb = "scheduled for deletion" if self._apply else "to delete"
            write(f"Old files {verb}: {counts['old_files']}.")


def _refuse(options: dict[str, Any]) -> None:
    """Raise CommandError if the options or the two folders do not go together."""
    if options["leave_in_place"] and options["delete_old_files"]:
        raise CommandError("--leave-in-place needs the old files.", returncode=2)
    old, new = imagekit_storage(KIT_BACKEND), imagekit_storage()
    if old.is_inside(new.remote_path("a")) or new.is_inside(old.remote_path("a")):
        raise CommandError(
            "KIT_BACKEND_FOLDER and IMAGEKIT_FOLDER must not contain each other.",
            returncode=2,
        )


def _bar(unit: str, total: int | None = None) -> tqdm:
    """Return a bar that is shown on a terminal only."""
    return tqdm(total=total, unit=unit, file=sys.stderr, disable=None)
