"""Imports with --leave-in-place."""

from datetime import UTC, timedelta

import pytest

from accounts.models import User
from images.models import Image
from images.reconciliation.database import wrong_counts
from images.tests.kit_import.conftest import MOMENT
from images.tests.pictures import picture_bytes

pytestmark = pytest.mark.django_db
FOLDER = "/Imagekit_Media_Backend"


def test_in_place__the_row(kit, upload, place, remote_paths, api_of_ann):
    file_id = upload(picture_bytes(120, 80))
    kit.add_image(kit.add_user(), file_id, "Cafe\u0301\r\nRiva")
    assert place().code == 0
    image = Image.objects.get()
    assert image.pk.version == 7
    assert image.file.name == f"photo_0~{file_id}.jpg"
    assert (image.width, image.height, image.format) == (120, 80, "jpeg")
    assert image.size == len(picture_bytes(120, 80))
    assert image.created_at == MOMENT.replace(tzinfo=UTC)
    assert image.caption == "Caf\xe9\nRiva"
    assert image.visibility == "unlisted"
    assert image.left_in_place
    assert (image.placeholder, image.sha256, image.perceptual_hash) == ("", "", None)
    assert remote_paths() == {f"{FOLDER}/photo_0.jpg"}
    assert list(wrong_counts()) == []
    assert (image.owner.item_count, image.owner.content_version) == (1, 1)


def test_in_place__is_shown(image, api_of_ann, deliver):
    (shown,) = api_of_ann().get("/api/v1/images/").json()["results"]
    assert shown["placeholder"] is None
    assert shown["dominant_color"] is None
    assert f"{FOLDER}/photo_0.jpg" in shown["url"]
    assert deliver(shown["url"])[0] == 200
    assert deliver(shown["renditions"]["thumbnail"])[0] == 200
    one = api_of_ann().get(f"/api/v1/images/{image.pk}/").json()
    assert one == shown


def test_in_place__twice_the_same(kit, upload, place, image):
    before = list(Image.objects.values())
    outcome = place()
    assert outcome.code == 0
    assert "Imported before: 1 users, 1 images" in outcome.text
    assert list(Image.objects.values()) == before
    kit.add_image(1, upload())
    assert "Imported: 0 users, 1 images" in place().text
    assert User.objects.get().item_count == 2


def test_in_place__deleted_images_stay_deleted(place, image):
    image.delete()
    assert place().code == 0
    assert not Image.objects.exists()


def test_in_place__of_a_user_who_left_here(kit, upload, place, image):
    User.objects.get().delete()
    kit.add_image(1, upload())
    outcome = place()
    assert (outcome.code, outcome.number("no_account")) == (1, 1)
    assert not Image.objects.exists()


def test_in_place__many_owners_and_batches(kit, upload, place, monkeypatch):
    monkeypatch.setattr("images.management.kit_import.source.BATCH", 3)
    people = [kit.add_user(f"{n}@example.com") for n in range(3)]
    for number in range(8):
        moment = MOMENT + timedelta(days=number)
        kit.add_image(people[number % 3], upload(), f"{number}", moment)
    assert "Imported: 3 users, 8 images" in place().text
    assert list(wrong_counts()) == []
    captions = Image.objects.order_by("pk").values_list("caption", flat=True)
    assert list(captions) == list("01234567")


def test_in_place__without_a_remote_file(kit, place):
    user = kit.add_user()
    for file_id in (None, "", "0123456789abcdef01234567"):
        kit.add_image(user, file_id, url="https://ik.imagekit.io/demo/gone.jpg")
    outcome = place()
    assert (outcome.code, outcome.number("no_remote_file")) == (1, 3)
    assert "images/1  https://ik.imagekit.io/demo/gone.jpg" in outcome.details(
        "no_remote_file"
    )
    assert not Image.objects.exists()


def test_in_place__files_that_are_no_pictures_we_take(kit, upload, place):
    user = kit.add_user()
    kit.add_image(user, upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"))
    kit.add_image(user, upload(b"hello", "b.txt"))
    kit.add_image(user, upload(b"\xff\xd8\xff\xe0 no picture", "c.jpg"))
    outcome = place()
    assert (outcome.code, outcome.number("file_refused")) == (1, 3)
    assert not Image.objects.exists()


def test_in_place__two_rows_with_one_file(kit, upload, place):
    user, file_id = kit.add_user(), upload()
    kit.add_image(user, file_id)
    kit.add_image(user, file_id)
    for _ in range(2):
        outcome = place()
        assert (outcome.code, outcome.number("file_shared")) == (1, 1)
    assert Image.objects.count() == 1


def test_in_place__captions_that_the_api_would_refuse(kit, upload, place):
    user = kit.add_user()
    kit.add_image(user, upload(), "x" * 2300)
    kit.add_image(user, upload(), "bell\x07 and \t tab")
    kit.add_image(user, upload(), None)
    outcome = place()
    assert (outcome.code, outcome.number("caption_changed")) == (1, 2)
    captions = Image.objects.values_list("caption", flat=True)
    assert set(captions) == {"x" * 2200, "bell and \t tab", ""}


def test_in_place__a_large_picture_is_delivered_as_it_is(kit, upload, place, settings):
    settings.IMAGEKIT_MAX_PIXELS = 1000
    kit.add_image(kit.add_user(), upload())
    place()
    assert Image.objects.get().delivered_as_is


def test_in_place__problems_as_csv(kit, place, tmp_path):
    user = kit.add_user()
    for _ in range(25):
        kit.add_image(user, None, url="a, b")
    outcome = place(f"--problems={tmp_path}/problems.csv")
    assert "and 5 more" in outcome.text
    lines = (tmp_path / "problems.csv").read_text().splitlines()
    assert lines[:2] == ["problem,row,detail", 'no_remote_file,images/1,"a, b"']
    assert len(lines) == 26
