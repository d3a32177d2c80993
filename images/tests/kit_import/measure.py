"""Time and memory of `import_kit_backend --leave-in-place`.

    python -m images.tests.kit_import.measure 100000 1000000

It starts a PostgreSQL server for both databases. A stand-in in the same process lists
the files, so its time and memory are in the figures.
"""

import argparse
import os
import resource
import sys
import time

import psycopg

from scripts.postgres import throwaway_postgres

MIB = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("users", type=int)
    parser.add_argument("images", type=int)
    given = parser.parse_args()
    with throwaway_postgres() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE kit")
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "mediabackend.settings",
            "DATABASE_URL": url,
            "DEBUG": "true",
            "SECRET_KEY": "measure",
            "IMAGEKIT_PRIVATE_KEY": "",
        }
        measure(url.removesuffix("postgres") + "kit", given.users, given.images)


def measure(kit_url: str, users: int, images: int) -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    # Every query would be kept.
    settings.DEBUG = False
    from images.tests.kit_import.many import fill_kit_backend

    options = settings.STORAGES["kit_backend"]["OPTIONS"]
    options["transport"] = "images.tests.kit_import.many.listing_transport"
    call_command("migrate", verbosity=0)
    with psycopg.connect(kit_url, autocommit=True) as connection:
        fill_kit_backend(connection, users, images)
    for arguments in ([], ["--apply"], ["--apply"]):
        start, before = time.perf_counter(), peak()
        call_command(
            "import_kit_backend",
            f"--database-url={kit_url}",
            "--leave-in-place",
            *arguments,
            stdout=sys.stdout,
        )
        print(  # noqa: T201
            f"{arguments}: {time.perf_counter() - start:.1f} s, peak {peak():.0f} MiB"
            f" ({before:.0f} MiB before)",
            flush=True,
        )


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


if __name__ == "__main__":
    main()
