"""What was removed stays removed, and what resembles it is looked at."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from images.models import Image, RemovedPicture, Report, Violation
from images.moderation import decisions
from images.moderation.quarantine import quarantine_waiting
from images.tests.consistency.sides import assert_sides_are_equal, sweep_to_the_end
from images.tests.moderation.conftest import URL
from images.tests.moderation.test_fingerprints import photo

pytestmark = pytest.mark.django_db(transaction=True)


def jpeg(seed: int, quality: int = 90, comment: bytes = b"") -> SimpleUploadedFile:
    out = BytesIO()
    photo(seed).save(out, "jpeg", quality=quality, comment=comment)
    return SimpleUploadedFile("a", out.getvalue())


@pytest.fixture
def upload(api):
    def send(file, **fields):
        return api.post(URL, {"file": file, **fields}, format="multipart")

    return send


@pytest.fixture
def removed(upload, moderator) -> Image:
    """Return the row of a picture of seed 1 that was taken down."""
    image = Image.objects.get(pk=upload(jpeg(1)).json()["id"])
    decisions.take_down(image=image.pk, by=moderator, seen=0, reason=Violation.NUDITY)
    image.refresh_from_db()
    return image


@pytest.mark.parametrize("comment", [b"", b"other metadata"])
def test_same_file__is_refused(removed, upload, caplog, comment):
    response = upload(jpeg(1, comment=comment))
    assert response.status_code == 451
    assert response.json()["errors"][0]["code"] == "removed_content"
    assert str(removed.pk) in caplog.text
    assert Image.objects.count() == 1
    sweep_to_the_end()
    assert_sides_are_equal()


def test_same_file__is_refused_of_a_direct_upload_too(removed, upload):
    """As such an image is until its file goes into quarantine."""
    Image.objects.update(sha256="", state="taken_down", quarantined_at=None)
    RemovedPicture.objects.update(sha256="", perceptual_hash=None)
    assert quarantine_waiting(1) == (1, 0)
    assert upload(jpeg(1)).status_code == 451


def test_same_file__is_refused_as_a_replacement(removed, upload, api):
    image = upload(jpeg(2)).json()
    response = api.patch(f"{URL}{image['id']}/", {"file": jpeg(1)}, format="multipart")
    assert response.status_code == 451
    assert api.get(f"{URL}{image['id']}/").json()["url"] == image["url"]


def test_similar_picture__goes_to_the_queue_and_stays_visible(
    removed, upload, anonymous
):
    response = upload(jpeg(1, quality=40), visibility="public")
    assert response.status_code == 201
    report = Report.objects.get()
    assert str(report.image_id) == response.json()["id"]
    assert report.reason == "resembles_removed"
    assert report.reporter is None
    assert Image.objects.get(pk=report.image_id).open_reports == 1
    assert anonymous.get(f"{URL}{report.image_id}/").status_code == 200


def test_similar_picture__as_a_replacement_goes_to_the_queue(removed, upload, api):
    image = upload(jpeg(2)).json()
    file = {"file": jpeg(1, quality=40)}
    assert (
        api.patch(f"{URL}{image['id']}/", file, format="multipart").status_code == 200
    )
    assert str(Report.objects.get().image_id) == image["id"]


def test_other_picture__is_taken_without_a_word(removed, upload):
    assert upload(jpeg(2)).status_code == 201
    assert not Report.objects.exists()


def test_restored_picture__may_be_uploaded_again(removed, upload, moderator):
    decisions.restore(image=removed.pk, by=moderator, seen=1)
    assert not RemovedPicture.objects.exists()
    assert upload(jpeg(1)).status_code == 201
    assert not Report.objects.exists()


def test_replaced_file__is_to_be_reviewed_again(upload, api, moderator):
    image = Image.objects.get(pk=upload(jpeg(2)).json()["id"])
    decisions.approve(image=image.pk, by=moderator, seen=0)
    image.refresh_from_db()
    assert image.reviewed
    api.patch(f"{URL}{image.pk}/", {"visibility": "private"})
    image.refresh_from_db()
    assert image.reviewed
    api.patch(f"{URL}{image.pk}/", {"file": jpeg(3)}, format="multipart")
    image.refresh_from_db()
    assert not image.reviewed
