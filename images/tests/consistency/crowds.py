"""Run many threads at once, and add many rows at once."""

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from django.db import connections

from imagekit_emulator.database import now_ms
from imagekit_emulator.transport import get_app
from images.imagekit.aliases import imagekit_storage
from images.outbox.models import PendingDeletion

# What a run may take at most: a deadlock that nobody ends takes longer.
LONGEST = 120


def run_at_once(tasks: Sequence[Callable[[], object]]) -> None:
    """Run each task in a thread, all started together; raise what they raise."""
    start = threading.Barrier(len(tasks))
    failures: list[str] = []

    def run(task: Callable[[], object]) -> None:
        try:
            start.wait(LONGEST)
            task()
        except BaseException:
            failures.append(traceback.format_exc())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[one], daemon=True) for one in tasks]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + LONGEST
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    assert not failures, "\n".join(failures)


def add_pending_files(count: int, owner: str = "crowd") -> list[str]:
    """Add empty files to the emulator's index, and schedule their deletion."""
    services, now = get_app().services, now_ms()
    folder = f"/{imagekit_storage().location}/{owner}"
    ids = [f"{number:024x}" for number in range(count)]
    with services.database.write() as connection:
        connection.executemany(
            "INSERT INTO assets (kind, file_id, version_id, folder, name, blob, size,"
            " mime, created_at, updated_at)"
            " VALUES ('file', ?, ?, ?, ?, ?, 1, 'image/jpeg', ?, ?)",
            [
                (one, one, folder, f"{one}.jpg", one.rjust(32, "0"), now, now)
                for one in ids
            ],
        )
    PendingDeletion.objects.bulk_create(
        [
            PendingDeletion(name=f"{owner}/{one}~{one}.jpg", reason="deleted")
            for one in ids
        ],
        batch_size=1000,
    )
    return ids


def count_remote_files() -> int:
    with get_app().services.database.read() as connection:
        query = "SELECT count(*) FROM assets WHERE kind = 'file'"
        return int(connection.execute(query).fetchone()[0])


def root_of_emulator() -> Path:
    return get_app().config.root
