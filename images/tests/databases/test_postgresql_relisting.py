import threading
import time

import pytest
from django.db import connection, transaction

from accounts.models import User
from images.management.seeding import seed
from images.models import Image
from images.services.relisting import relist_images

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for_a_lock() -> None:
    """Return when another connection waits for a lock of this one."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> "
                "pg_backend_pid()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waits.")


def test_relist__leaves_the_images_of_who_is_reinstated_at_this_moment():
    seed(images=20, users=1)
    User.objects.update(is_active=False)

    def sweep() -> None:
        relist_images()
        connection.close()

    thread = threading.Thread(target=sweep)
    with transaction.atomic():
        User.objects.update(is_active=True)
        # It sees a suspended user, for this is not committed.
        thread.start()
        wait_for_a_lock()
    thread.join(10)
    assert not Image.objects.filter(listed=False).exists()
