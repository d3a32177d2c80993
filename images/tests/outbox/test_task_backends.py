"""Deletion in the background, by each of the queues that can be configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

# Notes a file that is not there: deleting it is a success, and forgets the row.
NOTE = (
    "from django.db import transaction\n"
    "from images.models import PendingDeletion\n"
    "from images.outbox.schedule import schedule_deletion\n"
    "with transaction.atomic():\n"
    "    schedule_deletion('u/gone.jpg', reason=PendingDeletion.Reason.DELETED)\n"
)
COUNT = (
    "from images.models import PendingDeletion\nprint(PendingDeletion.objects.count())"
)


@pytest.fixture
def manage(tmp_path):
    """Run `manage.py` as processes of their own, on a database of their own."""

    def run(*arguments: str, **env: str) -> str:
        environ = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
            "IMAGEKIT_EMULATOR_ROOT": str(tmp_path / "imagekit"),
            **env,
        }
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("migrate", "--verbosity=0")
    return run


def test_immediate__deletes_when_the_transaction_is_committed(manage):
    manage("shell", "--verbosity=0", "-c", NOTE)
    assert manage("shell", "--verbosity=0", "-c", COUNT).strip() == "0"


def test_worker__deletes_what_was_noted(manage):
    env = {"TASKS_BACKEND": "database"}
    manage("shell", "--verbosity=0", "-c", NOTE, **env)
    assert manage("shell", "--verbosity=0", "-c", COUNT, **env).strip() == "1"
    manage("db_worker", "--batch", "--no-startup-delay", "--no-reload", **env)
    assert manage("shell", "--verbosity=0", "-c", COUNT, **env).strip() == "0"
