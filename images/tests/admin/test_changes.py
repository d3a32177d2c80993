"""Changes of images in the admin."""

import pytest
from django.contrib.admin.models import LogEntry
from django.utils.html import escape

from images.models import Image
from images.services.renditions import build_urls

pytestmark = pytest.mark.django_db
LIST = "/admin/images/image/"


def test_page__shows_a_large_preview_and_saves_the_caption(admin, stored_image):
    image = stored_image(caption="old", width=1200, height=20)
    url = f"{LIST}{image.pk}/change/"
    page = admin.get(url)
    assert escape(build_urls(image)[1]["large"]) in page.content.decode()
    response = admin.post(url, {"caption": "new", "alt_text": ""})
    assert response.status_code == 302
    changed = Image.objects.get()
    assert (changed.caption, changed.file) == ("new", image.file)


def test_page__does_not_undo_a_replacement_that_came_meanwhile(
    admin, stored_image, monkeypatch
):
    image = stored_image()
    clean = Image.full_clean

    def replace_then_clean(instance, **kwargs):
        Image.objects.update(file="new#id")
        return clean(instance, **kwargs)

    monkeypatch.setattr(Image, "full_clean", replace_then_clean)
    admin.post(f"{LIST}{image.pk}/change/", {"caption": "new", "alt_text": ""})
    changed = Image.objects.get()
    assert (changed.file.name, changed.caption) == ("new#id", "new")


def test_change__of_what_is_taken_down_is_refused(admin, stored_image):
    image = stored_image(caption="Sea")
    Image.objects.filter(pk=image.pk).update(state="taken_down")
    url = f"{LIST}{image.pk}/change/"
    assert admin.get(url).status_code == 200
    assert admin.post(url, {"caption": "Lake"}).status_code == 403
    assert Image.objects.get().caption == "Sea"


def take_down_or_delete(monkeypatch, happens: str) -> None:
    """Let something happen to the image while its form is checked."""
    clean = Image.full_clean

    def change_then_clean(instance, **kwargs):
        if happens == "deleted":
            Image.objects.all().delete()
        else:
            Image.objects.update(state="taken_down")
        return clean(instance, **kwargs)

    monkeypatch.setattr(Image, "full_clean", change_then_clean)


@pytest.mark.parametrize(
    ("happens", "text"),
    [
        ("taken down", "The image was taken down meanwhile. Nothing was changed."),
        ("deleted", "It was deleted meanwhile, or is a private image"),
    ],
    ids=["taken down", "deleted"],
)
def test_change__that_is_refused_is_a_message(
    admin, stored_image, monkeypatch, happens, text
):
    image = stored_image(caption="Sea")
    take_down_or_delete(monkeypatch, happens)
    body = {"caption": "Lake", "alt_text": ""}
    page = admin.post(f"{LIST}{image.pk}/change/", body, follow=True)
    assert page.status_code == 200
    assert text in page.content.decode()
    assert "was changed successfully" not in page.content.decode()
    assert not Image.objects.filter(caption="Lake").exists()
    assert not LogEntry.objects.exists()
