"""The costs of many rows: calls, statements and memory."""

import gc
import tracemalloc

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from images.imagekit.files import ImageKitFiles
from images.management.kit_import.source import KitBackend
from images.models import Image, ImportedRow
from images.reconciliation.database import wrong_counts
from images.tests.kit_import.many import fill_kit_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def fill(kit, settings):
    """Fill the database of kit-backend; a stand-in lists its files."""
    stand_in = {"transport": "images.tests.kit_import.many.listing_transport"}
    old = settings.STORAGES["kit_backend"]
    storage = {**old, "OPTIONS": old["OPTIONS"] | stand_in}
    settings.STORAGES = {**settings.STORAGES, "kit_backend": storage}
    return lambda users, images: fill_kit_backend(kit.connection, users, images)


@pytest.mark.deep
def test_many_rows__in_few_statements(fill, import_):
    fill(1000, 10_000)
    with CaptureQueriesContext(connection) as queries:
        outcome = import_("--leave-in-place")
    assert outcome.code == 0
    assert "Imported: 1000 users, 10000 images" in outcome.text
    assert (User.objects.count(), Image.objects.count()) == (1000, 10_000)
    assert list(wrong_counts()) == []
    # SQLite takes 999 values a statement, so that number depends on the columns.
    inserts = [one for one in queries if one["sql"].startswith("INSERT")]
    # Transactions count as queries too.
    assert len(queries) - len(inserts) <= 11 * 12
    with CaptureQueriesContext(connection) as queries:
        assert import_("--leave-in-place").code == 0
    assert len(queries) <= 11 * 5


def peak_of_a_run(import_) -> int:
    gc.collect()
    gc.freeze()
    tracemalloc.start()
    try:
        assert import_("--leave-in-place").code == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()


@pytest.fixture
def small_steps(monkeypatch) -> None:
    """Make pages and batches small compared to the number of rows."""

    def tidily(read):
        # Answers of the HTTP client, and images with their files, are cycles, and
        # stay until they are found.
        return lambda *args, **kwargs: (gc.collect(), read(*args, **kwargs))[1]

    monkeypatch.setattr(ImageKitFiles, "search", tidily(ImageKitFiles.search))
    monkeypatch.setattr(KitBackend, "_fetch", tidily(KitBackend._fetch))
    monkeypatch.setattr("images.imagekit.listing._PAGE", 100)
    monkeypatch.setattr("images.management.kit_import.source.BATCH", 100)
    monkeypatch.setattr("images.management.kit_import.remote_files._BATCH", 100)


@pytest.mark.deep
def test_memory__does_not_grow_with_the_number(fill, import_, small_steps):
    peaks = []
    # The first run fills caches.
    for number in (500, 500, 5000):
        Image.objects.all().delete()
        User.objects.all().delete()
        ImportedRow.objects.all().delete()
        fill(number // 10, number)
        peaks.append(peak_of_a_run(import_))
    assert peaks[2] < peaks[1] + 512 * 1024
