"""Pages of the browsable API: pictures above the answer, errors at the fields."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from images.models import Image, State, Visibility
from images.tests.media.test_previews import broken_png

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
HTML = {"Accept": "text/html"}
HOSTILE = "\"'><script>alert(1)</script>"


@pytest.fixture
def ann(client, user):
    client.force_login(user)
    return client


def pictures(client, path: str) -> list[str]:
    page = client.get(path, headers=HTML).content.decode()
    return re.findall(r"<img [^>]+>", page)


def test_picture__stands_above_the_answer(ann, stored_image):
    image = stored_image(width=640, height=480, alt_text=f"Dunes {HOSTILE}")
    [tag] = pictures(ann, f"/api/v1/images/{image.pk}/")
    assert "tr=w-640" in tag
    assert 'width="640" height="480"' in tag
    assert 'alt="Dunes &quot;&#x27;&gt;&lt;script&gt;' in tag


def test_list__has_thumbnails_that_lead_to_the_images(ann, stored_image):
    images = [stored_image(caption="Poppies"), stored_image()]
    first, second = pictures(ann, "/api/v1/images/")
    assert 'alt="Picture without a description"' in first
    assert 'alt="Poppies"' in second
    page = ann.get("/api/v1/images/", headers=HTML).content.decode()
    for image in images:
        assert f'<a href="/api/v1/images/{image.pk}/"><img ' in page


def test_feed__has_thumbnails_of_public_images_only(client, stored_image):
    stored_image(visibility=Visibility.PUBLIC)
    stored_image(visibility=Visibility.PRIVATE)
    assert len(pictures(client, "/api/v1/feed/")) == 1


def test_picture__that_was_taken_down_is_not_shown(ann, stored_image):
    image = stored_image()
    Image.objects.filter(pk=image.pk).update(state=State.TAKEN_DOWN)
    assert pictures(ann, f"/api/v1/images/{image.pk}/") == []
    assert pictures(ann, "/api/v1/images/") == []


def test_attack__the_picture_of_somebody_else_s_private_image(
    ann, stored_image, stranger
):
    image = stored_image(owner=stranger, visibility=Visibility.PRIVATE)
    assert pictures(ann, f"/api/v1/images/{image.pk}/") == []


def field(page: str, name: str) -> str:
    """Return the HTML of a field of the form, with its label and its errors."""
    groups = page.split('<div class="form-group')
    [found] = [group for group in groups if f'for="form-{name}"' in group]
    return found


def test_form__has_the_errors_at_the_fields_and_keeps_the_rest(ann):
    form = {
        "file": SimpleUploadedFile("a.jpg", b"no picture"),
        "caption": f"Kept {HOSTILE}",
        "alt_text": "x" * 1001,
    }
    response = ann.post("/api/v1/images/", form, headers=HTML)
    page = response.content.decode()
    assert response.status_code == 400
    assert "The file is not a JPEG" in field(page, "file")
    assert 'aria-invalid="true"' in field(page, "file")
    assert "no more than 1000 characters" in field(page, "alt_text")
    assert "Kept &quot;&#x27;&gt;&lt;script&gt;" in field(page, "caption")
    assert "error" not in field(page, "caption")
    assert "<script>alert" not in page


def test_form__of_a_change_has_the_errors_too(ann, stored_image):
    image = stored_image(caption="Before")
    body = encode_multipart(BOUNDARY, {"caption": "After"})
    response = ann.put(
        f"/api/v1/images/{image.pk}/", body, MULTIPART_CONTENT, headers=HTML
    )
    page = response.content.decode()
    assert response.status_code == 400
    assert "No file was submitted." in field(page, "file")
    assert "After" in field(page, "caption")


def test_form__has_an_error_of_a_service_at_its_field(ann):
    """The structure of the picture is right, but it cannot be decoded."""
    file = SimpleUploadedFile("a.png", broken_png())
    form = {"file": file, "caption": "Kept"}
    response = ann.post("/api/v1/images/", form, headers=HTML)
    page = response.content.decode()
    assert response.status_code == 400
    assert "its picture cannot be decoded" in field(page, "file")
    assert "Kept" in field(page, "caption")


def test_form__never_shows_a_password_again(client):
    response = client.post(
        "/api/v1/auth/token/",
        "email=&password=a-secret-password",
        "application/x-www-form-urlencoded",
        headers=HTML,
    )
    page = response.content.decode()
    assert response.status_code == 400
    assert "may not be blank" in field(page, "email")
    assert "a-secret-password" not in page


def test_form__keeps_the_lines_of_a_caption(ann, stored_image):
    image = stored_image(caption="One\nTwo")
    page = ann.get(f"/api/v1/images/{image.pk}/", headers=HTML).content.decode()
    assert ">One\nTwo</textarea>" in field(page, "caption")
