"""`manage.py seed_images`: a database with many images, to load and to look at."""

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
        "demonstrations and load tests. There are no files: every picture is a "
        "broken one. Use a database that is thrown away afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--images", type=count, default=100_000, metavar="N")
        parser.add_argument("--users", type=count, default=1000, metavar="N")
        parser.add_argument(
            "--largest",
            type=count,
            metavar="N",
            help=f"How many of the images, the oldest, are of {seeded_email(0)}; the "
            "default is one in a hundred.",
        )
        parser.add_argument(
            "--password",
            help="Of all these users. Without it nobody can sign in as one.",
        )
        parser.add_argument(
            "--yes", action="store_true", help="Do it without DEBUG as well."
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
            # Statistics for the planner, and what index-only scans need.
            cursor.execute("VACUUM (ANALYZE)")
        self.stdout.write(
            f"Added {images} images without files, and {users} users, "
            f"{seeded_email(0)} to {seeded_email(users - 1)}."
        )
        if options["password"]:
            self.stdout.write("Sign in as any of them with the password given.")

    def _refuse(self, sure: bool) -> None:
        """Raise CommandError where rows without files could hurt."""
        if connection.vendor != "postgresql":
            raise CommandError("It needs PostgreSQL: DATABASE_URL names another.")
        if not settings.DEBUG and not sure:
            raise CommandError(
                "DEBUG is off, so this may be a database that people use. They "
                "would see pictures that are not there. --yes says that it is not."
            )
        if (
            Image.objects.exists()
            or User.objects.filter(email=seeded_email(0)).exists()
        ):
            raise CommandError("This database has images or seeded users already.")
