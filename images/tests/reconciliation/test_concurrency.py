"""Repairs while others write, each in a thread and a transaction of its own."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from images.models import Image
from images.outbox.models import PendingDeletion
from images.reconciliation import repairs
from images.tests.changes import create_image
from images.tests.pictures import make_image
from images.tests.reconciliation.conftest import run_command
from images.tests.reconciliation.library import add_files, new_file


@pytest.mark.django_db(transaction=True)
def test_counts__are_right_with_uploads_at_the_same_time(user):
    """The count waits for running uploads, and uploads wait for the count."""
    rounds, start = 12, threading.Barrier(3)

    def upload() -> None:
        start.wait()
        for _ in range(rounds):
            file = make_image(8, 8)
            create_image(owner=user, file=file)
        connection.close()

    def correct() -> None:
        start.wait()
        for number in range(rounds * 3):
            if number % 5 == 0:
                User.objects.filter(pk=user.pk).update(item_count=number)
            repairs._correct_count(user.pk)
        connection.close()

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(upload), pool.submit(upload), pool.submit(correct)]
        for future in done:
            future.result()
    user.refresh_from_db()
    assert Image.objects.count() == rounds * 2
    assert user.item_count == rounds * 2


@pytest.mark.django_db(transaction=True)
def test_counts__wait_for_an_upload_that_is_about_to_commit(user):
    """Without the lock, the image that is not committed yet would not be counted."""
    counted = threading.Event()

    def correct() -> None:
        repairs._correct_count(user.pk)
        counted.set()
        connection.close()

    User.objects.filter(pk=user.pk).update(item_count=5)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        # What `creating_image` does, in its order.
        User.objects.filter(pk=user.pk).update(item_count=F("item_count") + 1)
        Image.objects.create(owner=user, file="u/a.jpg", size=1, width=1, height=1)
        future = pool.submit(correct)
        assert not counted.wait(0.5)
        transaction.on_commit(lambda: future.result(10))
    user.refresh_from_db()
    assert user.item_count == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once__note_each_orphan_once(emulator, user, monkeypatch):
    add_files(emulator, [new_file(user.pk) for _ in range(60)])
    start = threading.Barrier(3)
    bulk_create = PendingDeletion.objects.bulk_create

    def create_slowly(*args):
        time.sleep(0.2)
        return bulk_create(*args)

    monkeypatch.setattr(PendingDeletion.objects, "bulk_create", create_slowly)

    def fix() -> int:
        start.wait()
        try:
            return run_command("--fix", "--force").code
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        codes = [future.result() for future in [pool.submit(fix) for _ in range(3)]]
    assert codes == [0, 0, 0]
    assert PendingDeletion.objects.count() == 60
