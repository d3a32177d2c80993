"""ETags: what is not sent again, and which changes are refused."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from images.models import Image
from images.reconciliation import repairs
from images.services.exchange import ImageChanged
from images.services.locking import ImageStale
from images.tests.changes import update_image
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"


def url_of(image) -> str:
    return f"{URL}{image.pk}/"


def status(api, url, etag) -> int:
    return api.get(url, HTTP_IF_NONE_MATCH=etag).status_code


def test_unchanged__costs_the_authentication_alone(
    api, stored_image, django_assert_num_queries
):
    for url in (URL, f"{URL}?page_size=5", url_of(stored_image())):
        first = api.get(url)
        assert "Last-Modified" in first
        assert first["Cache-Control"] == "private, no-cache"
        assert {"Accept", "Authorization"} <= set(first["Vary"].split(", "))
        for header in (first["ETag"], f'"other", W/{first["ETag"]}'):
            with django_assert_num_queries(1):
                again = api.get(url, HTTP_IF_NONE_MATCH=header)
            assert (again.status_code, again.content) == (304, b"")
            assert again["ETag"] == first["ETag"]


def create(api, image) -> None:
    api.post(URL, {"file": make_image()}, format="multipart")


def replace(api, image) -> None:
    api.patch(url_of(image), {"file": make_image(9, 9)}, format="multipart")


def rename_the_owner(api, image) -> None:
    api.patch("/api/v1/users/me/", {"display_name": "Anna"})


def rename_the_owner_in_the_admin(api, image) -> None:
    image.owner.display_name = "Anna"
    image.owner.save()


def lose_the_file(api, image) -> None:
    repairs._mark_missing([(str(image.pk), str(image.file.name))])


def edit_the_row(api, image) -> None:
    update_image(image=image, alt_text="edited")


CHANGES = {
    "another image": create,
    "another's deletion": lambda api, image: Image.objects.first().delete(),
    "caption": lambda api, image: api.patch(url_of(image), {"caption": "x"}),
    "visibility": lambda api, image: api.patch(
        url_of(image), {"visibility": "private"}
    ),
    "file": replace,
    "owner's name": rename_the_owner,
    "owner's name in the admin": rename_the_owner_in_the_admin,
    "missing file": lose_the_file,
    "edit": edit_the_row,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_any_change__makes_the_tags_stale(api, stored_image, change):
    image = stored_image()
    stored_image()
    tags = {url: api.get(url)["ETag"] for url in (URL, url_of(image))}
    bodies = {url: api.get(url).json() for url in tags}
    assert {status(api, url, tag) for url, tag in tags.items()} == {304}
    change(api, image)
    assert {status(api, url, tag) for url, tag in tags.items()} == {200}
    assert api.get(URL).json() != bodies[URL]


def test_what_shapes_an_answer__is_in_its_tag(api, stored_image, settings, client_of):
    url = url_of(stored_image(visibility="private"))
    tag = api.get(url)["ETag"]
    assert status(api, f"{url}?x=1", tag) == 200
    assert status(api, URL, tag) == 200
    assert (
        api.get(url, HTTP_IF_NONE_MATCH=tag, HTTP_HOST="localhost").status_code == 200
    )
    with_html = {"HTTP_ACCEPT": "text/html", "HTTP_IF_NONE_MATCH": tag}
    assert api.get(url, **with_html).status_code == 200
    settings.IMAGE_RENDITIONS = {
        **settings.IMAGE_RENDITIONS,
        "small": {"width": 300},
    }
    assert status(api, url, tag) == 200


def test_signed_urls__are_never_kept_beyond_their_expiry(
    api, stored_image, monkeypatch
):
    url = url_of(stored_image(visibility="private"))
    first = api.get(url)
    later = time.time() + 3600
    monkeypatch.setattr("images.imagekit.delivery_urls.time.time", lambda: later)
    assert status(api, url, first["ETag"]) == 200


def test_tags__are_of_one_user(api, stored_image, client_of, stranger):
    image = stored_image()
    other = client_of(stranger)
    assert status(other, URL, api.get(URL)["ETag"]) == 200
    own = api.get(url_of(image))["ETag"]
    assert status(other, url_of(image), own) == 200
    Image.objects.filter(pk=image.pk).update(visibility="private")
    assert status(other, url_of(image), own) == 404


def test_others_images__have_tags_too(anonymous, api, stored_image):
    url = url_of(stored_image())
    tag = anonymous.get(url)["ETag"]
    assert status(anonymous, url, tag) == status(anonymous, url, "*") == 304
    assert anonymous.get(url, HTTP_IF_MATCH='"x"').status_code == 412
    api.patch(url, {"caption": "x"})
    assert status(anonymous, url, tag) == 200


def send(api, method, url, etag):
    if method == "put":
        body = {"file": make_image(9, 9)}
        return api.put(url, body, format="multipart", HTTP_IF_MATCH=etag)
    return getattr(api, method)(url, {"caption": "mine"}, HTTP_IF_MATCH=etag)


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_if_match__lets_through_only_what_was_seen(api, stored_image, emulator, method):
    image = stored_image()
    url = url_of(image)
    seen = api.get(url)["ETag"]
    # What happens to other images is no reason to refuse.
    stored_image()
    api.patch("/api/v1/users/me/", {"display_name": "Anna"})
    current = api.patch(url, {"caption": "theirs"}, HTTP_IF_MATCH=seen)
    assert current.status_code == 200
    uploads = emulator.requests.counts()["upload"]
    for stale in (seen, f"W/{current['ETag']}", '"x"', "nonsense", ""):
        response = send(api, method, url, stale)
        assert response.status_code == 412
        assert response.json()["errors"][0]["code"] == "precondition_failed"
    assert api.get(url).json()["caption"] == "theirs"
    assert emulator.requests.counts()["upload"] == uploads
    good = f"{seen}, {current['ETag']}"
    assert send(api, method, url, good).status_code in (200, 204)


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_if_match__of_any_needs_an_image(api, stored_image, method):
    image = stored_image()
    assert send(api, method, url_of(image), "*").status_code in (200, 204)
    image.delete()
    assert send(api, method, url_of(image), "*").status_code == 404


def test_if_match__of_another_image_does_not_match(api, stored_image):
    first, second = stored_image(), stored_image()
    assert first.version == second.version
    tag = api.get(url_of(first))["ETag"]
    assert send(api, "patch", url_of(second), tag).status_code == 412


def test_tag_of_an_answer_to_a_change__is_good_for_the_next(api, stored_image):
    created = api.post(URL, {"file": make_image()}, format="multipart")
    url = f"{URL}{created.json()['id']}/"
    changed = send(api, "patch", url, created["ETag"])
    assert changed.status_code == 200
    assert send(api, "patch", url, created["ETag"]).status_code == 412
    assert send(api, "patch", url, changed["ETag"]).status_code == 200
    # But for reading it is none: nobody knows what else has changed meanwhile.
    assert status(api, url, changed["ETag"]) == 200


@pytest.mark.django_db(transaction=True)
def test_two_changes_of_what_both_have_seen__one_is_refused(stored_image):
    image = stored_image()
    together = threading.Barrier(2)

    def change(caption: str) -> str:
        own = Image.objects.select_related("owner").get(pk=image.pk)
        together.wait(10)
        try:
            update_image(image=own, if_versions={own.version}, caption=caption)
        except (ImageStale, ImageChanged):
            return ""
        finally:
            connection.close()
        return caption

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            done = [text for text in pool.map(change, ("a", "b")) if text]
        image.refresh_from_db()
        assert done == [image.caption]


def test_a_stale_copy_of_the_owner__does_not_turn_back_the_counters(user, stored_image):
    old = type(user).objects.get(pk=user.pk)
    stored_image()
    old.display_name = "Anna"
    old.save()
    user.refresh_from_db()
    assert (user.item_count, user.content_version) == (1, 2)
    assert user.stored_bytes == Image.objects.get().size
    assert user.content_changed_at <= timezone.now()
