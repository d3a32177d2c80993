"""The list of images as a gallery."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from images.models import Image, Report
from images.services.renditions import build_urls

pytestmark = pytest.mark.django_db
LIST = "/admin/images/image/"


def choose(client, view: str, following: str = LIST):
    return client.post(f"{LIST}view/", {"view": view, "next": following})


def test_gallery__is_remembered_until_the_list_is_chosen(admin, stored_image):
    image = stored_image(caption="Sea", alt_text="Waves")
    assert b"field-tile" not in admin.get(LIST).content
    back = choose(admin, "gallery", f"{LIST}?q=Sea")
    assert back["Location"] == f"{LIST}?q=Sea"
    page = admin.get(LIST).content.decode()
    assert f'src="{escape(build_urls(image)[1]["thumbnail"])}"' in page
    assert 'alt="Waves"' in page
    assert ">Sea</a>" in page
    choose(admin, "list")
    assert b"field-tile" not in admin.get(LIST).content


def test_gallery__shows_state_and_reports(admin, stored_image):
    stored_image()
    Image.objects.update(state="hidden", open_reports=2)
    choose(admin, "gallery")
    page = admin.get(LIST).content.decode()
    assert ">Unlisted, Hidden until reviewed, Open reports: 2</a>" in page


def test_gallery__hides_private_pictures(admin, stored_image):
    image = stored_image(visibility="private")
    choose(admin, "gallery")
    page = admin.get(LIST).content.decode()
    assert '<span class="private">Private</span>' in page
    assert str(image.file) not in page


def test_gallery__costs_the_same_however_many(
    admin, stored_image, make_user, django_assert_num_queries
):
    stored_image()
    choose(admin, "gallery")
    with CaptureQueriesContext(connection) as queries:
        admin.get(LIST)
    for number in range(4):
        stored_image(owner=make_user(f"user{number}@example.com"))
    with django_assert_num_queries(len(queries)):
        admin.get(LIST)


def test_choice__leads_to_pages_of_this_site_only(admin):
    assert choose(admin, "gallery", "https://evil.example/")["Location"] == LIST


def test_reports__show_thumbnails_and_whole_details(
    admin, stored_image, django_assert_num_queries
):
    private = stored_image(visibility="private")
    shown = stored_image(alt_text="Waves")
    details = "word " * 100
    for image in (private, shown):
        Report.objects.create(image=image, reason="spam", details=details)
    url = "/admin/images/report/"
    with CaptureQueriesContext(connection) as queries:
        page = admin.get(url).content.decode()
    assert 'alt="Waves"' in page
    assert ">Private</a>" in page
    assert str(private.file) not in page
    assert page.count(details.strip()) == 2
    Report.objects.create(image=stored_image(), reason="spam")
    with django_assert_num_queries(len(queries)):
        admin.get(url)
