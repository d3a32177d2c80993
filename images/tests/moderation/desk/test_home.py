"""The home page of the admin: what waits, for those who may see it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.models import Report
from images.moderation import decisions
from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion

pytestmark = pytest.mark.django_db
HOME = "/admin/"


@pytest.fixture(autouse=True)
def _no_old_sum():
    cache.clear()


def test_home__shows_moderators_the_reports(desk, stored_image, report):
    assert "No reported images" in desk.get(HOME).content.decode()
    image = stored_image(alt_text="A lake")
    report(image)
    report(image)
    Report.objects.update(created_at=timezone.now() - timedelta(days=3))
    page = desk.get(HOME).content.decode()
    assert "1 reported image to decide on" in page
    assert "The oldest open report is 3\u00a0days old." in page
    assert 'alt="A lake"' in page
    assert f"/admin/images/decision/image/{image.pk}/" in page
    assert "Storage used" not in page


def test_home__costs_the_same_however_many_reports(
    desk, stored_image, report, django_assert_num_queries
):
    report(stored_image())
    desk.get(HOME)
    with CaptureQueriesContext(connection) as queries:
        desk.get(HOME)
    for _ in range(4):
        report(stored_image())
    with django_assert_num_queries(len(queries)):
        desk.get(HOME)


def test_home__shows_operators_what_failed(browser_of, root, stored_image, emulator):
    image = stored_image()
    taken = stored_image()
    decisions.take_down_image(image=taken.pk, by=root, seen=0, reason="spam")
    PendingDeletion.objects.all().delete()
    image.delete()
    page = browser_of(root).get(HOME).content.decode()
    assert "ImageKit refuses the keys" not in page
    assert "at ImageKit failed" not in page
    emulator.faults.add(Fault("delete", "status", status=401, every=1))
    delete_due_files()
    page = browser_of(root).get(HOME).content.decode()
    assert "ImageKit refuses the keys." in page
    assert "1 deletion at ImageKit failed" in page
    listed = browser_of(root).get("/admin/images/pendingdeletion/?show=failed")
    assert listed.context["cl"].result_count == 1
    assert "ImageKit has not confirmed yet that the pictures are gone" in page
    assert "of 500" in page


def test_home__names_things_for_people(browser_of, root):
    page = browser_of(root).get(HOME).content.decode()
    for name in ("Failed sign-ins", "Background tasks", "Deletions at ImageKit"):
        assert f">{name}</a>" in page


def test_sidebar__leads_to_the_queue(desk, browser_of, make_user):
    page = desk.get("/admin/images/image/").content.decode()
    assert '<a href="/admin/images/decision/queue/">Queue</a>' in page
    clerk = make_user("clerk@example.com", is_staff=True)
    other = browser_of(clerk).get("/admin/password_change/").content.decode()
    assert "/admin/images/decision/queue/" not in other
