"""Previews that ImageKit makes, and what happens until they are there."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from imagekit_emulator.faults import Fault
from images.models import Image, RemovedPicture, Report, Violation
from images.moderation import decisions
from images.services.remote_previews import fill_previews
from images.tests.moderation.test_fingerprints import photo
from images.tests.pictures import encoded

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/images/"


def file_of(seed: int = 1, format: str = "heic", size: int = 256):
    picture = photo(seed).resize((size, size))
    return SimpleUploadedFile("a", encoded(picture, format))


@pytest.fixture
def upload(api):
    def send(**options):
        response = api.post(URL, {"file": file_of(**options)}, format="multipart")
        assert response.status_code == 201, response.content
        return response

    return send


@pytest.fixture
def outage(emulator):
    emulator.faults.add(Fault("delivery", "status", status=503, every=1))
    return emulator


def test_heic__gets_its_preview_after_the_upload(api, upload):
    answer = upload().json()
    assert answer["placeholder"] is answer["dominant_color"] is None
    later = api.get(f"{URL}{answer['id']}/").json()
    assert later["placeholder"]
    assert later["dominant_color"].startswith("#")
    assert later["updated_at"] == answer["updated_at"]


def test_preview__changes_the_etag_but_not_what_if_match_asks(api, upload):
    created = upload()
    url = f"{URL}{created.json()['id']}/"
    etag = created["ETag"]
    assert api.get(url, HTTP_IF_NONE_MATCH=etag).status_code == 200
    edited = api.patch(url, {"caption": "Sea"}, HTTP_IF_MATCH=etag)
    assert edited.status_code == 200


def test_jpeg__costs_no_further_request(upload, emulator):
    upload(format="jpeg")
    assert emulator.requests.counts() == {"upload": 1}
    assert fill_previews(10) == 0


def test_heic__is_compared_with_removed_pictures(upload, api, moderator):
    first = upload(format="jpeg").json()
    decisions.take_down_image(
        image=first["id"], by=moderator, seen=0, reason=Violation.NUDITY
    )
    image = upload().json()
    report = Report.objects.get()
    assert (str(report.image_id), report.reason) == (image["id"], "resembles_removed")
    assert Image.objects.get(pk=image["id"]).open_reports == 1


def test_heic__as_a_replacement_is_compared_too(upload, api, moderator):
    first = upload(format="jpeg").json()
    decisions.take_down_image(
        image=first["id"], by=moderator, seen=0, reason=Violation.NUDITY
    )
    other = upload(seed=2, format="jpeg").json()
    changed = api.patch(f"{URL}{other['id']}/", {"file": file_of()}, format="multipart")
    assert changed.status_code == 200
    assert str(Report.objects.get().image_id) == other["id"]


def test_taken_down_heic__is_recognised_in_other_formats(outage, upload, moderator):
    first = upload().json()
    decisions.take_down_image(
        image=first["id"], by=moderator, seen=0, reason=Violation.NUDITY
    )
    assert RemovedPicture.objects.get().perceptual_hash is None
    outage.faults.clear()
    assert fill_previews(10) == 1
    assert not Report.objects.exists()
    image = upload(format="jpeg").json()
    assert str(Report.objects.get().image_id) == image["id"]


def test_outage__leaves_the_preview_to_the_sweep(outage, upload, capsys):
    upload()
    assert Image.objects.get().perceptual_hash is None
    call_command("sweep_files")
    assert "previews made 0" in capsys.readouterr().out
    outage.faults.clear()
    call_command("sweep_files")
    assert "previews made 1" in capsys.readouterr().out
    assert Image.objects.get().placeholder


def test_sweep__gives_up_after_a_day(outage, upload):
    upload()
    Image.objects.update(updated_at="2020-01-01T00:00:00Z")
    outage.faults.clear()
    assert fill_previews(10) == 0


def test_replaced_file__does_not_get_the_preview_of_the_old_one(
    outage, upload, api, monkeypatch
):
    image = upload().json()
    outage.faults.clear()
    replacement = file_of(seed=2, format="jpeg")

    def replace_meanwhile(storage, name, transformation):
        file = real(storage, name, transformation)
        body = {"file": replacement}
        api.patch(f"{URL}{image['id']}/", body, format="multipart")
        return file

    storage = Image.objects.get().storage
    real = type(storage).open_rendition
    monkeypatch.setattr(type(storage), "open_rendition", replace_meanwhile)
    assert fill_previews(10) == 0
    row = Image.objects.get()
    assert row.format == "jpeg"
    assert row.perceptual_hash is not None


def test_webp__too_large_for_the_decoder_gets_one_too(api, upload, settings):
    answer = upload(format="webp", size=2400).json()
    assert answer["placeholder"] is None
    assert api.get(f"{URL}{answer['id']}/").json()["placeholder"]
