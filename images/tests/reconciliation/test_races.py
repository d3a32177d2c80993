"""Changes by others between the walk, the confirmation and the repair."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from images.models import Image
from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion
from images.reconciliation import run
from images.tests.changes import create_image, replace_file
from images.tests.pictures import make_image
from images.tests.reconciliation.conftest import file_id
from images.tests.reconciliation.library import (
    SIZE,
    drop_files,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def before(monkeypatch):
    """Do something once, before a step of the run, which is a method or a function."""

    def hook(owner: object, name: str, action) -> None:
        original = getattr(owner, name)
        actions = [action]

        def hooked(*args, **kwargs):
            if actions:
                actions.pop()()
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, hooked)

    return hook


STEPS = {
    "the confirmation": (run.Reconciliation, "_confirm_orphans"),
    "the repair": (run, "repair"),
}


def take_over(orphan, user) -> None:
    """Make a row name the file, as if its upload had just been committed."""
    key = orphan.path.rpartition("/")[2][:36]
    Image.objects.create(
        pk=key, owner=user, file=orphan.name, size=SIZE, width=1, height=1
    )
    User.objects.filter(pk=user.pk).update(item_count=1, stored_bytes=SIZE)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_file_that_is_named_before(orphan, user, reconcile, before, step):
    before(*step, lambda: take_over(orphan, user))
    reconcile("--fix")
    assert not PendingDeletion.objects.exists()
    assert reconcile().counts == {}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_file_that_is_pending_before(orphan, reconcile, before, step):
    before(*step, lambda: PendingDeletion.objects.create(name=orphan.name))
    reconcile("--fix")
    assert PendingDeletion.objects.count() == 1


def test_replaced_file__that_is_swept_before_the_confirmation(
    stored_image, reconcile, before
):
    """The file is listed; then its PendingDeletion and the file are deleted."""
    replace(stored_image())
    before(run.Reconciliation, "_confirm_orphans", delete_due_files)
    outcome = reconcile("--fix")
    assert (outcome.report["remote_files"], outcome.counts) == (2, {})
    assert not PendingDeletion.objects.exists()


def test_file_that_is_swept_while_it_is_a_suspicion(
    emulator, orphan, reconcile, before
):
    before(
        run.Reconciliation,
        "_confirm_orphans",
        lambda: drop_files(emulator, [orphan.file_id]),
    )
    assert reconcile("--fix").counts == {}
    assert not PendingDeletion.objects.exists()


def replace(image: Image) -> None:
    file = make_image(9, 9)
    replace_file(image=image, file=file)


def test_image_that_is_replaced_before_the_confirmation(
    images, emulator, reconcile, before
):
    drop_files(emulator, [file_id(images[0])])
    before(run.Reconciliation, "_confirm_rows", lambda: replace(images[0]))
    outcome = reconcile("--fix")
    assert outcome.counts == {}
    assert not Image.objects.exclude(missing_since=None).exists()


def test_image_that_is_replaced_before_the_repair(images, emulator, reconcile, before):
    drop_files(emulator, [file_id(images[0]), file_id(images[1])])
    before(run, "repair", lambda: replace(images[0]))
    outcome = reconcile("--fix")
    assert outcome.counts == {"missing": 2}
    assert outcome.report["findings"]["missing"]["fixed"] == 1
    assert Image.objects.exclude(missing_since=None).get() == images[1]


def test_image_that_another_run_marks_before_the_repair(
    images, emulator, reconcile, before
):
    drop_files(emulator, [file_id(images[0])])
    first = timezone.now() - timedelta(hours=1)
    row = Image.objects.filter(pk=images[0].pk)
    before(run, "repair", lambda: row.update(missing_since=first))
    reconcile("--fix")
    assert row.get().missing_since == first


def test_image_that_is_deleted_before_the_confirmation(
    images, emulator, reconcile, before
):
    def delete_and_sweep() -> None:
        Image.objects.filter(pk=images[0].pk).delete()
        delete_due_files()

    drop_files(emulator, [file_id(images[0])])
    before(run.Reconciliation, "_confirm_rows", delete_and_sweep)
    assert reconcile("--fix").counts == {}


def test_mark_of_an_image_that_is_missing_again(images, emulator, reconcile, before):
    Image.objects.filter(pk=images[0].pk).update(missing_since=timezone.now())
    lost = [file_id(images[0])]
    before(run.Reconciliation, "_confirm_rows", lambda: drop_files(emulator, lost))
    assert reconcile("--fix").counts == {}
    assert Image.objects.exclude(missing_since=None).get() == images[0]


def test_images_that_come_and_go_while_pages_are_read(
    images, emulator, user, reconcile, before_call, small_pages, monkeypatch
):
    """Uploads, a replacement and a deletion between two pages are no findings."""
    monkeypatch.setattr("images.reconciliation.database._CHUNK", 2)

    def change() -> None:
        for _ in range(3):
            file = make_image(8, 8)
            create_image(owner=user, file=file)
        replace(images[4])
        replace(images[1])
        Image.objects.filter(pk=images[2].pk).delete()
        delete_due_files()

    before_call(1, change)
    assert reconcile("--fix").counts == {}
    assert not Image.objects.exclude(missing_since=None).exists()
