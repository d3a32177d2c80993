"""Time and memory of `reconcile_files`, by the number of images.

    python -m images.tests.reconciliation.measure 100000 [--orphans 1000]

On an SQLite file, or on the database of DATABASE_URL (which is emptied). The
emulator runs in the same process, so its memory is in the figures.
"""

import argparse
import contextlib
import os
import resource
import tempfile
import time
from io import StringIO
from pathlib import Path

MIB = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--orphans", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/db.sqlite3")
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "mediabackend.settings",
            "DEBUG": "true",
            "SECRET_KEY": "measure",
            "IMAGEKIT_PRIVATE_KEY": "",
        }
        fill(given.count, given.orphans, Path(folder))
        measure(Path(folder))


def fill(count: int, orphans: int, folder: Path) -> None:
    """Fill the database in a child process, whose memory is not measured."""
    child = os.fork()
    if child:
        if os.waitpid(child, 0)[1]:
            raise SystemExit("filling failed")
        return
    set_up(folder)
    from django.core.management import call_command

    from accounts.models import User
    from imagekit_emulator.transport import get_app
    from images.tests.reconciliation.library import add_files, add_images, new_file

    call_command("migrate", verbosity=0)
    User.objects.all().delete()
    users = [User(email=f"{n}@example.com") for n in range(max(1, count // 100))]
    User.objects.bulk_create(users)
    add_images(get_app(), users, count)
    add_files(get_app(), (new_file(users[0].pk) for _ in range(orphans)))
    os._exit(0)


def set_up(folder: Path) -> None:
    import django
    from django.conf import settings

    django.setup()
    # Every query would be kept.
    settings.DEBUG = False
    settings.IMAGEKIT_EMULATOR = {**settings.IMAGEKIT_EMULATOR, "ROOT": folder / "ik"}


def measure(folder: Path) -> None:
    set_up(folder)
    from django.core.management import call_command

    from imagekit_emulator.transport import get_app

    out, start, before = StringIO(), time.perf_counter(), peak()
    with contextlib.suppress(SystemExit):
        call_command("reconcile_files", "--older-than=0s", "--json", stdout=out)
    print(out.getvalue())  # noqa: T201
    print(  # noqa: T201
        f"{time.perf_counter() - start:.1f} s, peak {peak():.0f} MiB "
        f"({before:.0f} MiB before), calls {get_app().requests.counts()}"
    )


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


if __name__ == "__main__":
    main()
