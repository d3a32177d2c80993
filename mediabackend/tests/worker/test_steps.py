"""`manage.py run_worker --once` does all that is due."""

from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import SentMail
from images.models import (
    Decision,
    IdempotencyKey,
    Image,
    OwnerNotice,
    State,
    UploadTicket,
)
from images.outbox.models import DeletionReceipt, PendingDeletion, PurgeCount
from images.outbox.schedule import delete_in_background
from images.tests.changes import create_image
from images.tests.pictures import make_image
from mediabackend.models import Worker
from mediabackend.worker.steps import STEPS

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timezone.now() - timedelta(days=400)


def once() -> None:
    call_command("run_worker", "--once")


@pytest.fixture
def queue(settings) -> dict:
    """Let tasks wait in the database; return the setting without that."""
    immediate = settings.TASKS
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    return immediate


@pytest.fixture
def image(user) -> Image:
    return create_image(owner=user, file=make_image(), visibility="public")


def pending(**fields) -> PendingDeletion:
    return PendingDeletion.objects.create(
        **{"name": "u/gone.jpg", "reason": "deleted", **fields}
    )


@pytest.mark.parametrize("reason", PendingDeletion.Reason)
def test_once__deletes_due_files(reason):
    pending(reason=reason)
    later = pending(due_at=timezone.now() + timedelta(hours=1))
    once()
    assert list(PendingDeletion.objects.all()) == [later]


def test_once__deletes_more_than_one_batch():
    for _ in range(45):
        pending(reason="orphaned")
    once()
    assert not PendingDeletion.objects.exists()


def test_once__sends_mails_to_owners_that_were_left(user, mailoutbox):
    decision = Decision.objects.create(action="reinstate", user_id=user.pk)
    OwnerNotice.objects.create(decision=decision)
    once()
    (mail,) = mailoutbox
    assert mail.to == [user.email]


def test_once__orders_purges_and_follows_them(queue, settings, image):
    settings.IMAGEKIT_PURGE_ON = "delete"
    image.delete()
    DBTaskResult.objects.all().delete()
    once()
    assert PendingDeletion.objects.get().purge_ordered_at
    for _ in range(2):
        PendingDeletion.objects.update(due_at=timezone.now())
        once()
    assert not PendingDeletion.objects.exists()


def test_once__quarantines_what_was_taken_down(image):
    Image.objects.update(state=State.TAKEN_DOWN, state_since=timezone.now())
    once()
    image.refresh_from_db()
    assert image.quarantined_at


def test_once__deletes_what_was_in_quarantine_for_too_long(image):
    Image.objects.update(state=State.TAKEN_DOWN, state_since=LONG_AGO)
    once()
    assert not Image.objects.exists()


def test_once__relists_images(image):
    Image.objects.update(listed=False)
    once()
    image.refresh_from_db()
    assert image.listed


def test_once__recounts_reports(image):
    Image.objects.update(open_reports=3)
    once()
    image.refresh_from_db()
    assert image.open_reports == 0


def test_once__fetches_previews(image):
    Image.objects.update(perceptual_hash=None)
    once()
    image.refresh_from_db()
    assert image.perceptual_hash is not None


def test_once__runs_tasks_until_none_is_left(queue):
    for _ in range(3):
        delete_in_background.enqueue()
    once()
    assert DBTaskResult.objects.successful().count() == 3
    assert not DBTaskResult.objects.ready().exists()


def test_once__runs_a_task_again_whose_worker_was_killed(queue):
    delete_in_background.enqueue()
    started_at = timezone.now() - timedelta(minutes=16)
    DBTaskResult.objects.update(status="RUNNING", started_at=started_at)
    once()
    assert DBTaskResult.objects.successful().count() == 1


@pytest.mark.parametrize(
    "times",
    [{"started_at": timedelta(minutes=14)}, {"enqueued_at": timedelta(days=2)}],
    ids=["may still run", "has killed workers for a day"],
)
def test_once__leaves_a_task_alone_that(queue, times):
    delete_in_background.enqueue()
    ages = {
        "started_at": timedelta(hours=2),
        "enqueued_at": timedelta(hours=2),
        **times,
    }
    before = {name: timezone.now() - age for name, age in ages.items()}
    DBTaskResult.objects.update(status="RUNNING", **before)
    once()
    assert DBTaskResult.objects.get().status == "RUNNING"


def test_once__leaves_the_queue_alone_when_tasks_are_immediate(queue, settings):
    delete_in_background.enqueue()
    settings.TASKS = queue
    once()
    assert DBTaskResult.objects.ready().count() == 1


def test_once__deletes_old_rows(queue, user):
    later = timezone.now() + timedelta(days=1)
    delete_in_background.enqueue()
    once()
    DBTaskResult.objects.update(finished_at=LONG_AGO)
    IdempotencyKey.objects.create(
        user=user, key="x", created_at=LONG_AGO, claimed_at=LONG_AGO
    )
    UploadTicket.objects.create(
        owner=user, size=1, expires_at=LONG_AGO, reservation=pending(due_at=later)
    )
    DeletionReceipt.objects.create(user=user, row_removed=LONG_AGO)
    PurgeCount.objects.create(month=date(2020, 1, 1), scope="all")
    SentMail.objects.create(
        kind="x", recipient="y", sent_at=LONG_AGO, valid_until=LONG_AGO
    )
    BrowserSession.objects.create(session_key="x", expire_date=LONG_AGO)
    Worker.objects.update(seen_at=LONG_AGO)
    once()
    for model in (DBTaskResult, IdempotencyKey, UploadTicket, DeletionReceipt):
        assert not model.objects.exists(), model
    for model in (PurgeCount, SentMail, BrowserSession):
        assert not model.objects.exists(), model
    assert Worker.objects.count() == 1


def test_steps__have_names_of_their_own():
    assert len({step.name for step in STEPS}) == len(STEPS)
