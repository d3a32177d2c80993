"""The state of all parts of the installation, and what is wrong with it."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Sum
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from images.imagekit.aliases import imagekit_storage
from images.imagekit.clock import measure_offset
from images.imagekit.errors import StorageError
from images.moderation.notices import failed_mails
from images.outbox.models import PendingDeletion
from images.outbox.state import outbox_state, stuck_rows
from mediabackend import __version__
from mediabackend.models import MISSING_AFTER, Worker
from mediabackend.status.checks import check_cache

# Seconds that our clock may differ from ImageKit's.
_CLOCK_TOLERANCE = 60
# A step that has failed this often in a row needs an operator.
_MANY_FAILURES = 3


@dataclass
class Status:
    """Facts by part, and problems in plain words."""

    parts: dict[str, Mapping[str, Any]]
    problems: list[str] = field(default_factory=list)


def collect_status() -> Status:
    """Ask each part how it is; this calls ImageKit once.

    When the database does not answer, the parts that need it have no facts.
    """
    status = Status(dict.fromkeys(_PARTS, {}))
    for name, collect in _PARTS.items():
        try:
            status.parts[name] = collect(status.problems)
        except (DatabaseError, InterfaceError) as error:
            # All parts after the database need it too.
            status.problems.append(f"{name}: {' '.join(str(error).split())}")
            break
    return status


def _versions(problems: list[str]) -> dict[str, Any]:
    return {
        "mediabackend": __version__,
        "django": django.get_version(),
        "python": platform.python_version(),
    }


def _database(problems: list[str]) -> dict[str, Any]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    unapplied = [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
    if unapplied:
        problems.append(
            f"database: {len(unapplied)} migrations are not applied. Run "
            "manage.py migrate."
        )
    return {
        "vendor": connection.vendor,
        "version": ".".join(map(str, connection.get_database_version())),
        "unapplied_migrations": unapplied,
    }


def _cache(problems: list[str]) -> dict[str, Any]:
    try:
        return {"backend": check_cache()}
    except Exception as error:
        # Each backend raises errors of its own.
        problems.append(f"cache: {error}")
        return {}


def _imagekit(problems: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {"emulator": settings.IMAGEKIT_EMULATOR is not None}
    try:
        offset = measure_offset(imagekit_storage().client_options)
    except (StorageError, ImproperlyConfigured) as error:
        problems.append(f"imagekit: {error}")
        return facts
    facts["clock_offset_seconds"] = offset
    if offset and abs(offset) > _CLOCK_TOLERANCE:
        side = "ahead of" if offset > 0 else "behind"
        problems.append(
            f"imagekit: our clock is {abs(offset)} seconds {side} ImageKit's."
        )
    return facts


def _outbox(problems: list[str]) -> dict[str, Any]:
    state = outbox_state()
    if stuck := stuck_rows().count():
        problems.append(
            f"outbox: {stuck} files have been waiting for more than a day. See "
            "Deletions at ImageKit in the admin."
        )
    return {
        "files": PendingDeletion.objects.count(),
        "oldest_seconds": round(state.oldest_seconds),
        "waiting_purges": state.waiting,
    }


def _tasks(problems: list[str]) -> dict[str, Any]:
    return {
        "backend": settings.TASKS_BACKEND,
        "waiting": DBTaskResult.objects.ready().count(),
        "failed": DBTaskResult.objects.failed().count(),
    }


def _mails(problems: list[str]) -> dict[str, Any]:
    failed = failed_mails()
    if failed:
        problems.append(
            f"mails: {failed} mails to owners about decisions were given up in the "
            "last 30 days. Run manage.py tell_owners --failed."
        )
    return {"failed": failed}


def _worker(problems: list[str]) -> dict[str, Any]:
    state = Worker.objects.state()
    if state.is_missing:
        minutes = round(MISSING_AFTER.total_seconds() / 60)
        problems.append(
            f"worker: none was seen in the last {minutes} minutes. Start "
            "manage.py run_worker."
        )
    running = Worker.objects.running().order_by("started_at")
    return {
        "last_seen": state.last_seen,
        "running": [_one_worker(worker, problems) for worker in running],
    }


def _one_worker(worker: Worker, problems: list[str]) -> dict[str, Any]:
    for name, step in worker.steps.items():
        if step["failures"] >= _MANY_FAILURES:
            problems.append(
                f"worker: on {worker.host} the step '{name}' has failed "
                f"{step['failures']} times in a row: {step['error']}"
            )
    return {
        "host": worker.host,
        "version": worker.version,
        "started_at": worker.started_at,
        "seen_seconds": round((timezone.now() - worker.seen_at).total_seconds()),
    }


def _counts(problems: list[str]) -> dict[str, Any]:
    # The users' own counters: images are many more.
    sums = User.objects.aggregate(
        users=Count("pk"), images=Sum("item_count"), bytes=Sum("stored_bytes")
    )
    return {name: number or 0 for name, number in sums.items()}


_PARTS: dict[str, Callable[[list[str]], dict[str, Any]]] = {
    "versions": _versions,
    "cache": _cache,
    "imagekit": _imagekit,
    "database": _database,
    "outbox": _outbox,
    "tasks": _tasks,
    "mails": _mails,
    "worker": _worker,
    "counts": _counts,
}
