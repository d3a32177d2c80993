from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from images.admin.images import ImageAdmin
from images.models import Decision, Image
from images.outbox.models import PendingDeletion
from images.services.renditions import build_urls
from mediabackend.admin import BoundedPaginator
from mediabackend.db.ids import first_uuid7

pytestmark = pytest.mark.django_db
LIST = "/admin/images/image/"


def delete(admin, page, reason: str = "copyright", note: str = "") -> object:
    """Send the form of the page that asks for the reason."""
    items = [str(item["value"]) for item in page.context["items"]]
    form = {"action": "delete", "item": items, "reason": reason, "note": note}
    return admin.post("/admin/images/decision/many/", form)


def test_list__shows_thumbnails(admin, stored_image):
    image = stored_image(caption="Sea", width=300, height=200)
    response = admin.get(LIST)
    assert response.status_code == 200
    thumbnail = escape(build_urls(image)[1]["thumbnail"])
    assert f'src="{thumbnail}"' in response.content.decode()
    assert "300\u00a0×\u00a0200" in response.content.decode()


def test_list__costs_the_same_however_many_images(
    admin, stored_image, make_user, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    stored_image()
    with CaptureQueriesContext(
        connection,
    ) as few:
        admin.get(LIST)
    for number in range(5):
        stored_image(owner=make_user(f"user{number}@example.com"))
    with django_assert_num_queries(len(few)):
        admin.get(LIST)


def test_list__counts_the_table_once(admin, stored_image):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    stored_image()
    with CaptureQueriesContext(connection) as queries:
        admin.get(LIST)
    counts = [q["sql"] for q in queries if "COUNT(*)" in q["sql"]]
    assert len(counts) == 1


@pytest.mark.parametrize(
    "query", ["q=sea", "visibility__exact=unlisted", "q=ann@example.com"]
)
def test_list__searches_and_filters(admin, stored_image, stranger, query):
    stored_image(caption="The SEA")
    stored_image(owner=stranger, caption="other", visibility="public")
    response = admin.get(f"{LIST}?{query}")
    assert response.status_code == 200
    assert [image.caption for image in response.context["cl"].result_list] == [
        "The SEA"
    ]


def test_list__filters_by_open_reports(admin, stored_image):
    stored_image()
    reported = stored_image()
    Image.objects.filter(pk=reported.pk).update(open_reports=1)
    listed = admin.get(f"{LIST}?reports=open").context["cl"].result_list
    assert list(listed) == [reported]


def test_list__ends_at_a_depth(admin, stored_image, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "DEPTH", 2)
    monkeypatch.setattr(ImageAdmin, "list_per_page", 1)
    images = [stored_image() for _ in range(3)]
    # Filtered, for of the whole table PostgreSQL has an estimate.
    url = f"{LIST}?visibility__exact=unlisted"
    first, second, third = (admin.get(f"{url}&p={page}") for page in (1, 2, 3))
    assert first.context["cl"].result_count == 2
    assert list(second.context["cl"].result_list) == [images[1]]
    assert third.status_code == 302


def test_actions__on_all_are_on_no_more_than_the_list_shows(
    admin, stored_image, monkeypatch
):
    monkeypatch.setattr(BoundedPaginator, "DEPTH", 2)
    images = [stored_image() for _ in range(2)]
    on_all = {
        "action": "delete_selected",
        "select_across": "1",
        "_selected_action": [str(images[0].pk)],
    }
    # Filtered, as above.
    url = f"{LIST}?visibility__exact=unlisted"
    assert len(admin.post(url, on_all).context["items"]) == 2
    stored_image()
    refused = admin.post(url, on_all, follow=True)
    assert "There are more than 2." in refused.content.decode()
    assert "items" not in refused.context
    one = admin.post(url, on_all | {"select_across": "0"})
    assert len(one.context["items"]) == 1


@pytest.mark.parametrize(("days", "number"), [("1", 1), ("7", 2), ("x", 3)])
def test_list__is_filtered_by_age(admin, stored_image, days, number):
    image = stored_image()
    for age in (5, 500):
        made = timezone.now() - timedelta(days=age)
        image.pk = first_uuid7(made)
        image.save(force_insert=True)
    response = admin.get(f"{LIST}?created={days}")
    assert response.context["cl"].result_count == number


def test_list__has_one_order(admin, stored_image):
    """Any other one would sort the whole table."""
    images = [stored_image(caption=caption) for caption in "ba"]
    assert list(admin.get(f"{LIST}?o=2").context["cl"].result_list) == images[::-1]


def test_captions__are_shown_escaped(admin, stored_image):
    hostile = "<script>alert(1)</script>\"'>"
    image = stored_image(caption=hostile, alt_text=hostile)
    for url in (LIST, f"{LIST}{image.pk}/change/", f"{LIST}{image.pk}/delete/"):
        assert b"<script>alert(1)" not in admin.get(url).content


def test_delete__of_one_removes_the_remote_file(
    admin, stored_image, remote_paths, django_capture_on_commit_callbacks
):
    image = stored_image()
    with django_capture_on_commit_callbacks(execute=True):
        delete(admin, admin.get(f"{LIST}{image.pk}/delete/"))
    assert not Image.objects.exists()
    assert remote_paths() == set()


def test_delete__in_bulk_removes_the_remote_files(
    admin, user, stored_image, remote_paths, django_capture_on_commit_callbacks
):
    keys = [str(stored_image().pk) for _ in range(3)]
    kept = stored_image()
    with django_capture_on_commit_callbacks(execute=True):
        form = {"action": "delete_selected", "_selected_action": keys}
        delete(admin, admin.post(LIST, form))
    assert list(Image.objects.all()) == [kept]
    assert len(remote_paths()) == 1
    page = admin.get("/admin/images/pendingdeletion/").content.decode()
    assert page.count("waits for the end of the purge") == len(keys)
    user.refresh_from_db()
    assert user.item_count == 1


def test_delete__purges_the_copies_of_the_cdn(
    admin, stored_image, emulator, django_capture_on_commit_callbacks
):
    image = stored_image(visibility="public")
    with django_capture_on_commit_callbacks(execute=True):
        delete(admin, admin.get(f"{LIST}{image.pk}/delete/"))
    assert len(emulator.purges()) == 1


def test_delete__asks_for_a_reason_and_is_logged(admin, user, stored_image):
    image = stored_image()
    page = admin.get(f"{LIST}{image.pk}/delete/")
    assert admin.post(f"{LIST}{image.pk}/delete/", {"post": "yes"}).status_code == 200
    assert delete(admin, page, reason="").status_code == 400
    assert Image.objects.get() == image
    assert delete(admin, page, note="Asked for by mail").status_code == 302
    entry = Decision.objects.get()
    assert (entry.action, entry.reason) == ("delete", "copyright")
    assert (entry.image_id, entry.user_id) == (image.pk, user.pk)
    assert entry.note == "Asked for by mail"
    assert entry.moderator is not None
    assert PendingDeletion.objects.get().reason == "by_staff"


def test_delete__leaves_alone_what_was_replaced_meanwhile(admin, stored_image):
    image = stored_image()
    page = admin.get(f"{LIST}{image.pk}/delete/")
    Image.objects.filter(pk=image.pk).update(file="u/other.jpg")
    delete(admin, page)
    assert Image.objects.exists()
    assert not Decision.objects.exists()


def test_add__is_not_offered(admin):
    assert admin.get(f"{LIST}add/").status_code == 403
