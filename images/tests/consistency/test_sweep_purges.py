"""Purges of the CDN are part of a deletion, and never delay it."""

import pytest
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.imagekit.names import StoredName
from images.outbox.models import PendingDeletion
from images.tests.consistency.faults import KINDS
from images.tests.consistency.operations import OPERATIONS, make_scene
from images.tests.consistency.sides import (
    assert_sides_are_equal,
    remote_files,
    sweep_to_the_end,
)
from images.tests.consistency.sweeping import make_due, sweep
from images.tests.consistency.wire import recorded_deletions

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("impatience"),
]


@pytest.mark.parametrize("purge_on", ["never", "takedown", "delete"])
@pytest.mark.parametrize("name", ["delete", "replace", "visibility"])
def test_purge__of_what_its_owner_removes(settings, emulator, name, purge_on):
    # What is made private is withdrawn, as by a moderator.
    wanted = {"delete", "takedown"} if name == "visibility" else {"delete"}
    settings.IMAGEKIT_PURGE_ON = purge_on
    scene = OPERATIONS[name].prepare()
    path = StoredName.parse(scene.images[0].file.name).path
    OPERATIONS[name].call(scene)
    urls = [purge["url"] for purge in emulator.purges()]
    assert len(urls) == PendingDeletion.objects.count() == (purge_on in wanted)
    # The star takes all renditions along.
    assert all(url.endswith(f"/{path}*") for url in urls)
    sweep_to_the_end()
    assert len(emulator.purges()) == len(urls), "it was ordered twice"
    assert_sides_are_equal()


@pytest.mark.parametrize(
    ("purge_on", "purge"), [("never", False), ("takedown", True), ("delete", True)]
)
def test_purge__of_what_a_moderator_takes_down(settings, purge_on, purge):
    from images.outbox.schedule import wants_purge

    settings.IMAGEKIT_PURGE_ON = purge_on
    assert wants_purge(PendingDeletion.Reason.TAKEN_DOWN) is purge


def test_purge__of_an_upload_that_failed_is_not_wanted(settings, emulator):
    settings.IMAGEKIT_PURGE_ON = "delete"
    emulator.faults.add(Fault("upload", every=1, **KINDS["lost"]))
    OPERATIONS["upload"].call(make_scene(()))
    emulator.faults.clear()
    make_due()
    sweep()
    assert emulator.purges() == []
    assert_sides_are_equal()


@pytest.mark.parametrize("kind", ["403", "429", "500", "time-out", "garbage"])
def test_purge__that_fails_is_kept_and_the_file_goes(settings, emulator, kind):
    settings.IMAGEKIT_PURGE_ON = "delete"
    scene = OPERATIONS["bulk_delete"].prepare()
    emulator.faults.add(Fault("purge", every=1, **KINDS[kind]))
    with recorded_deletions() as deletions:
        assert OPERATIONS["bulk_delete"].call(scene).status_code == 200
        assert len(remote_files()) == 1
        left = PendingDeletion.objects.all()
        assert [(row.purge, row.file_deleted_at is None) for row in left] == [
            (True, False)
        ] * 2
        assert all(row.due_at > timezone.now() for row in left)
        for _ in range(2):
            make_due()
            assert "deleted 0, purged 0, failed 2" in sweep()
        emulator.faults.clear()
        make_due()
        assert "deleted 0, purged 0, failed 0, purges ordered 2" in sweep()
        sweep_to_the_end()
    assert set(deletions.named.values()) == {1}, "a file was deleted twice"
    assert_sides_are_equal()
