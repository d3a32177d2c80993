"""`manage.py seed_images`: fill a database with many users and images."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from tqdm import tqdm

from accounts.models import User
from images.management.arguments import count
from images.management.seeding import seed, seeded_email
from images.models import Image


class Command(BaseCommand):
    help = (
        "Fill a PostgreSQL database that has no images with users and images, for "
        "demonstrations and load tests. There are no files, so no picture opens. Use "
        "a database that you delete afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--images", type=count, default=100_000, metavar="N")
        parser.add_argument("--users", type=count, default=1000, metavar="N")
        parser.add_argument(
            "--largest",
            type=count,
            metavar="N",
            help=f"How many of the images belong to {seeded_email(0)}; these are the "
            "oldest. The default is one in a hundred.",
        )
        parser.add_argument(
            "--password",
            help="The password of all these users. Without it they cannot sign in.",
        )
        parser.add_argument(
            "--yes", action="store_true", help="Seed even if DEBUG is off."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        images, users = options["images"], options["users"]
        largest = options["largest"] or images // 100
        self._refuse(options["yes"])
        if largest > images:
            raise CommandError("--largest is more than --images.")
        with tqdm(total=images, unit=" images", file=sys.stderr, disable=None) as bar:
            seed(images, users, largest, options["password"], bar.update)
        with connection.cursor() as cursor:
            # For the statistics of the planner, and for index-only scans.
            cursor.execute("VACUUM (ANALYZE)")
        self.stdout.write(
            f"Added {images} images without files, and {users} users, "
            f"{seeded_email(0)} to {seeded_email(users - 1)}."
        )
        if options["password"]:
            self.stdout.write("All of them can sign in with the given password.")

    def _refuse(self, sure: bool) -> None:
        """Raise CommandError if rows without files could do harm."""
        if connection.vendor != "postgresql":
            raise CommandError("DATABASE_URL must be a PostgreSQL database.")
        if not settings.DEBUG and not sure:
            raise CommandError(
                "DEBUG is off, so people may be using this database. They would see "
                "images without files. Use --yes if nobody uses it."
            )
        if (
            Image.objects.exists()
            or User.objects.filter(email=seeded_email(0)).exists()
        ):
            raise CommandError("This database has images or seeded users already.")
