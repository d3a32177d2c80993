from datetime import timedelta

import pytest
from django.utils import timezone

from images.outbox.models import PendingDeletion

pytestmark = pytest.mark.django_db


def test_pending_deletions__can_be_tried_again(
    admin, stored_image, emulator, remote_paths, django_capture_on_commit_callbacks
):
    stored_image().delete()
    later = timezone.now() + timedelta(hours=6)
    PendingDeletion.objects.update(due_at=later)
    reservation = PendingDeletion.objects.create(
        name="u/b.jpg", reason="reservation", due_at=later
    )
    keys = [str(row.pk) for row in PendingDeletion.objects.all()]
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(
            "/admin/images/pendingdeletion/",
            {"action": "retry", "_selected_action": keys},
        )
    assert remote_paths() == set()
    assert PendingDeletion.objects.get() == reservation


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "the deletion"),
        ({"file_deleted_at": timezone.now()}, "the start of the purge"),
        (
            {"file_deleted_at": timezone.now(), "purge_ordered_at": timezone.now()},
            "the end of the purge",
        ),
    ],
    ids=["file", "start", "end"],
)
def test_pending_deletions__say_what_they_wait_for(admin, fields, text):
    PendingDeletion.objects.create(name="u/a.jpg", reason="taken_down", **fields)
    page = admin.get("/admin/images/pendingdeletion/").content.decode()
    assert f"<span>waits for {text}</span>" in page


def test_pending_deletions__are_filtered_by_what_is_done(admin):
    PendingDeletion.objects.create(name="u/a.jpg", reason="deleted")
    PendingDeletion.objects.create(
        name="u/b.jpg", reason="deleted", file_deleted_at=timezone.now()
    )
    url = "/admin/images/pendingdeletion/?file_deleted_at__isempty="
    for value, name in (("1", "u/a.jpg"), ("0", "u/b.jpg")):
        listed = admin.get(f"{url}{value}").context["cl"]
        assert [row.name for row in listed.result_list] == [name]
        (shown,) = (
            spec
            for spec in listed.filter_specs
            if "isempty" in str(spec.used_parameters)
        )
        labels = [choice["display"] for choice in shown.choices(listed)]
        assert (shown.title, labels) == ("file deleted", ["All", "No", "Yes"])


def test_pending_deletions__are_read_only(admin):
    row = PendingDeletion.objects.create(name="u/a.jpg", reason="deleted")
    url = "/admin/images/pendingdeletion/"
    assert b"u/a.jpg" in admin.get(url).content
    assert admin.get(f"{url}add/").status_code == 403
    admin.post(f"{url}{row.pk}/change/", {"name": "x"})
    admin.post(f"{url}{row.pk}/delete/", {"post": "yes"})
    assert PendingDeletion.objects.get().name == "u/a.jpg"
