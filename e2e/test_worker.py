"""`manage.py run_worker` in a process of its own."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from e2e.parts import Part
from e2e.servers import laptop_environ
from scripts.postgres import Cluster, find_binaries, throwaway_cluster
from scripts.waiting import wait_for

pytestmark = pytest.mark.e2e
# Files that are not at ImageKit any more.
ADD_FILES = """
from images.outbox.models import PendingDeletion
PendingDeletion.objects.bulk_create(
    PendingDeletion(name=f"u/{n}.jpg", reason="orphaned") for n in range(60)
)
"""
ADD_TASKS = """
from images.outbox.schedule import delete_in_background
for _ in range(40):
    delete_in_background.enqueue()
"""
SLOW_IMAGEKIT = """
from imagekit_emulator.faults import Fault
from imagekit_emulator.transport import get_app
get_app().services.faults.add(Fault("list", "latency", seconds=0.8, every=1))
"""


@dataclass(frozen=True)
class Installation:
    """The code, its database, its environment, and the folder of its logs."""

    code: Path
    database_url: str
    environ: Mapping[str, str]
    folder: Path

    def manage(self, *arguments: str) -> None:
        command = (sys.executable, "manage.py", *arguments)
        subprocess.run(command, cwd=self.code, env=self.environ, check=True)

    def shell(self, text: str) -> None:
        self.manage("shell", "--verbosity=0", "-c", text)

    def worker(self, name: str = "a") -> Part:
        log = self.folder / f"worker-{name}.log"
        return Part(
            command=(sys.executable, "manage.py", "run_worker"),
            cwd=self.code,
            environ=self.environ,
            log=log,
            is_ready=lambda: "The worker runs." in log.read_text(),
        )

    def asked(self, query: str) -> Any:
        """Return the first value that the database answers."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(query).fetchone()[0]

    def has_no_tasks(self) -> bool:
        query = (
            "SELECT count(*) FROM django_tasks_database_dbtaskresult"
            " WHERE status IN ('READY', 'RUNNING')"
        )
        return self.asked(query) == 0

    def is_idle(self) -> bool:
        files = self.asked("SELECT count(*) FROM images_pendingdeletion")
        return files == 0 and self.has_no_tasks()


def end(part: Part, by: signal.Signals = signal.SIGTERM) -> float:
    """End the worker, which must succeed; return how many seconds it took."""
    start = time.monotonic()
    part.process.send_signal(by)
    assert part.process.wait(30) == 0
    return time.monotonic() - start


def complaints(part: Part) -> list[str]:
    words = ("Traceback", " ERROR ", "failed")
    return [
        line
        for line in part.log.read_text().splitlines()
        if any(word in line for word in words)
    ]


def outages(part: Part) -> int:
    return part.log.read_text().count("The database does not work")


def installation(code: Path, folder: Path, url: str, **variables: str) -> Installation:
    environ = laptop_environ(folder) | {"DATABASE_URL": url} | variables
    return Installation(code, url, environ, folder)


@pytest.fixture
def laptop(code: Path, tmp_path: Path) -> Installation:
    laptop = installation(code, tmp_path, f"sqlite:///{tmp_path / 'db.sqlite3'}")
    laptop.manage("migrate", "--verbosity=0")
    return laptop


@pytest.fixture
def postgres() -> Iterator[Cluster]:
    if find_binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with throwaway_cluster() as cluster:
        yield cluster


@pytest.fixture
def site(code: Path, tmp_path: Path, postgres: Cluster) -> Installation:
    """Return a site on an empty PostgreSQL."""
    return installation(
        code,
        tmp_path,
        postgres.url,
        TASKS_BACKEND="database",
        IMAGEKIT_EMULATOR_ROOT=str(tmp_path / "imagekit"),
    )


_SIGINT = pytest.param(signal.SIGINT, marks=pytest.mark.deep)


@pytest.mark.parametrize("number", [signal.SIGTERM, _SIGINT])
def test_worker__ends_at_once_when_it_has_nothing_to_do(laptop, number):
    with laptop.worker() as worker:
        assert end(worker, number) < 5
    assert "The worker has ended." in worker.log.read_text()
    assert complaints(worker) == []
    with closing(sqlite3.connect(laptop.folder / "db.sqlite3")) as database:
        query = "SELECT stopped_at FROM mediabackend_worker"
        (row,) = database.execute(query).fetchall()
    assert row[0]


@pytest.mark.deep
def test_worker__survives_a_restart_of_postgresql(site, postgres):
    site.manage("migrate", "--verbosity=0")
    with site.worker() as worker:
        for number in (1, 2):
            postgres.stop()
            wait_for(lambda number=number: outages(worker) == number)
            postgres.start()
            site.shell(ADD_TASKS)
            wait_for(site.has_no_tasks)
        end(worker)
    # One line for each outage, and nothing else.
    assert len(complaints(worker)) == outages(worker) == 2
    assert worker.log.read_text().count("The database works again.") == 2


@pytest.mark.deep
def test_worker__started_before_the_tables_are_there_waits_for_them(site):
    with site.worker() as worker:
        wait_for(lambda: outages(worker))
        site.manage("migrate", "--verbosity=0")
        site.shell(ADD_FILES + ADD_TASKS)
        wait_for(site.is_idle)


@pytest.mark.deep
def test_workers__share_the_work(site):
    site.manage("migrate", "--verbosity=0")
    site.shell(ADD_FILES + ADD_TASKS)
    with site.worker("a") as a, site.worker("b") as b:
        wait_for(site.is_idle)
        wait_for(lambda: site.asked("SELECT count(*) FROM mediabackend_worker") == 2)
        assert end(a) < 5
        assert end(b) < 5
    run_once = site.asked(
        "SELECT count(*) FROM django_tasks_database_dbtaskresult"
        " WHERE status = 'SUCCESSFUL' AND jsonb_array_length(worker_ids) = 1"
    )
    assert run_once == 40
    assert complaints(a) == complaints(b) == []


@pytest.mark.deep
def test_worker__ends_between_two_batches_when_imagekit_is_slow(site):
    site.manage("migrate", "--verbosity=0")
    site.shell(SLOW_IMAGEKIT + ADD_FILES)
    left = "SELECT count(*) FROM images_pendingdeletion"
    with site.worker() as worker:
        wait_for(lambda: 0 < site.asked(left) < 60)
        assert end(worker) < 10
    # What it had claimed is done: nothing has to wait for a claim to expire.
    claimed = (
        "SELECT count(*) FROM images_pendingdeletion WHERE attempted_at IS NOT NULL"
    )
    assert site.asked(claimed) == 0
