"""The costs of many files: calls, queries and memory."""

import gc
import tracemalloc

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from images.imagekit.files import ImageKitFiles
from images.models import Image
from images.outbox.models import PendingDeletion
from images.tests.reconciliation.conftest import file_id, run_command
from images.tests.reconciliation.library import (
    add_files,
    add_images,
    drop_files,
    new_file,
)

pytestmark = pytest.mark.django_db
MIB = 1024 * 1024


@pytest.fixture
def many_users(db) -> list[User]:
    users = [User(email=f"{number}@example.com") for number in range(50)]
    return User.objects.bulk_create(users)


@pytest.mark.deep
def test_ten_thousand__in_a_call_and_few_queries_a_thousand(emulator, many_users):
    add_images(emulator, many_users, 10_000)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        outcome = run_command("--json")
    assert (outcome.code, outcome.report["rows"]) == (0, 10_000)
    assert emulator.requests.counts() == {"list": 11}
    assert len(queries) <= 10_000 / 1000 + 5


def test_two_thousand_repairs__in_few_queries(emulator, many_users):
    add_images(emulator, many_users, 3_000)
    gone = Image.objects.order_by("pk")[:1000]
    drop_files(emulator, [file_id(image) for image in gone])
    add_files(emulator, [new_file("x") for _ in range(1000)])
    with CaptureQueriesContext(connection) as queries:
        outcome = run_command("--json", "--fix", "--force")
    assert outcome.code == 0
    assert outcome.counts == {"orphans": 1000, "missing": 1000}
    assert PendingDeletion.objects.count() == 1000
    assert Image.objects.exclude(missing_since=None).count() == 1000
    inserts = [one for one in queries if one["sql"].startswith("INSERT")]
    # SQLite takes 999 values a statement, so this depends on the number of columns.
    assert len(inserts) <= 18
    # Transactions and savepoints count as queries too.
    assert len(queries) - len(inserts) <= 38
    calls = emulator.requests.counts()
    assert calls["list"] <= 4 + 10
    assert calls["details"] == 1000


def peak_of_a_run() -> int:
    # Lets the collector pass over what is there already, which takes long.
    gc.collect()
    gc.freeze()
    tracemalloc.start()
    try:
        assert run_command("--json", "--fix", "--force").code == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()


@pytest.fixture
def small_steps(monkeypatch) -> None:
    """Make pages and batches small compared to the number of files."""
    monkeypatch.setattr("images.imagekit.listing._PAGE", 100)
    monkeypatch.setattr("images.reconciliation.database._CHUNK", 100)
    monkeypatch.setattr("images.reconciliation.run._ORPHANS_A_BATCH", 100)
    monkeypatch.setattr("images.reconciliation.repairs._BATCH", 100)
    monkeypatch.setattr("images.reconciliation.repairs._SPOOL_BYTES", 1000)
    search = ImageKitFiles.search

    def search_tidily(*args, **kwargs):
        # Answers of the HTTP client are cycles, and stay until they are found.
        gc.collect()
        return search(*args, **kwargs)

    monkeypatch.setattr(ImageKitFiles, "search", search_tidily)


@pytest.mark.deep
def test_memory__does_not_grow_with_the_number(emulator, many_users, small_steps):
    """Every file is suspicious here; the suspicions must not fill the memory."""

    def everything_wrong(count: int) -> None:
        add_images(emulator, many_users, count)
        add_files(emulator, (new_file("x") for _ in range(count)))

    everything_wrong(500)
    # The first run fills caches.
    peak_of_a_run()
    everything_wrong(500)
    small = peak_of_a_run()
    everything_wrong(3_000)
    large = peak_of_a_run()
    assert PendingDeletion.objects.count() == 4_000
    assert large < small + MIB
