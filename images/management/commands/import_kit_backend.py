"""`manage.py import_kit_backend`: import users and images from kit-backend."""

import sys
from contextlib import nullcontext
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from tqdm import tqdm

from images.imagekit.aliases import KIT_BACKEND, imagekit_storage
from images.imagekit.errors import StorageError
from images.management.arguments import count
from images.management.kit_import.report import Problem, Report
from images.management.kit_import.run import KitImport, Options
from images.management.kit_import.source import KitBackend, opening_kit_backend
from images.management.kit_import.users import SameEmail


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
        wanted = Options(
            apply=options["apply"],
            same_email=SameEmail(options["same_email"]),
            leave_in_place=options["leave_in_place"],
            delete_old_files=options["delete_old_files"],
            jobs=options["jobs"],
        )
        _refuse(wanted)
        path = options["problems"]
        with open(path, "w", newline="") if path else nullcontext() as listing:
            report = Report(listing)
            try:
                with opening_kit_backend(options["database_url"]) as backend:
                    self._run(backend, wanted, report)
            except (StorageError, DatabaseError, psycopg.Error) as error:
                raise CommandError(
                    f"Could not finish: {str(error).strip()}\n"
                    "Start the import again: it goes on where it was.",
                    returncode=2,
                ) from error
            finally:
                self._print(report, wanted)
        if report.problems:
            sys.exit(1)

    def _run(self, backend: KitBackend, options: Options, report: Report) -> None:
        users, images = backend.counts()
        # Shown on a terminal only.
        with (
            tqdm(unit=" files", file=sys.stderr, disable=None) as files_bar,
            tqdm(
                total=users, unit=" users", file=sys.stderr, disable=None
            ) as users_bar,
            tqdm(total=images, unit=" images", file=sys.stderr, disable=None) as bar,
        ):
            bars = {"files": files_bar, "users": users_bar, "images": bar}
            KitImport(
                backend, options, report, lambda what, n: bars[what].update(n)
            ).run()

    def _print(self, report: Report, options: Options) -> None:
        write, counts = self.stdout.write, report.counts
        for kind in Problem:
            if number := report.problems[kind]:
                write(f"{kind!s:<16} {number:>7}  {kind.value}")
                examples = report.examples[kind]
                for example in examples:
                    write(f"    {example}")
                if number > len(examples):
                    write(f"    ... and {number - len(examples)} more: see --problems")
        verb = "Imported" if options.apply else "Dry run. To import"
        write(
            f"{verb}: {counts['users']} users, {counts['images']} images. Imported "
            f"before: {counts['users_before']} users, {counts['images_before']} images."
        )
        write(
            f"Files in kit-backend's folder: {counts['files']}, of which no row names "
            f"{counts['unused_files']}."
        )
        if options.delete_old_files:
            verb = "scheduled for deletion" if options.apply else "to delete"
            write(f"Old files {verb}: {counts['old_files']}.")


def _refuse(options: Options) -> None:
    """Raise CommandError if the options or the two folders do not go together."""
    if options.leave_in_place and options.delete_old_files:
        raise CommandError("--leave-in-place needs the old files.", returncode=2)
    old, new = imagekit_storage(KIT_BACKEND), imagekit_storage()
    if old.is_inside(new.remote_path("a")) or new.is_inside(old.remote_path("a")):
        raise CommandError(
            "KIT_BACKEND_FOLDER and IMAGEKIT_FOLDER must not contain each other.",
            returncode=2,
        )
