import pytest
from django.db.models import F
from django.utils import timezone

from images.imagekit.names import StoredName
from images.models import Image
from images.outbox.models import PendingDeletion
from images.services import exchange
from images.services.update import updating_image
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db


def url_of(image: Image) -> str:
    return f"/api/v1/images/{image.pk}/"


@pytest.mark.parametrize("format", ["json", "multipart"])
def test_patch__changes_the_caption_and_nothing_else(api, stored_image, format):
    image = stored_image(caption="old", alt_text="kept")
    response = api.patch(url_of(image), {"caption": "new"}, format=format)
    assert response.status_code == 200
    assert response.json()["caption"] == "new"
    changed = Image.objects.get()
    assert changed.updated_at > image.updated_at
    assert (changed.caption, changed.alt_text) == ("new", "kept")
    assert (changed.file, changed.created_at) == (image.file, image.created_at)


def test_patch__with_a_file_replaces_it_under_a_new_url(
    api, stored_image, deliver, remote_paths, django_capture_on_commit_callbacks
):
    image = stored_image(caption="kept")
    old_url = api.get(url_of(image)).json()["url"]
    with django_capture_on_commit_callbacks(execute=True):
        response = api.patch(
            url_of(image), {"file": make_image(30, 20, "png")}, format="multipart"
        )
    assert response.status_code == 200
    body = response.json()
    assert body["id"] == str(image.pk)
    assert (body["width"], body["height"], body["format"]) == (30, 20, "png")
    assert body["caption"] == "kept"
    assert body["url"] != old_url
    assert deliver(body["url"])[0] == 200
    assert deliver(old_url)[0] == 404
    assert len(remote_paths()) == 1
    assert not PendingDeletion.objects.exists()
    image.owner.refresh_from_db()
    assert image.owner.item_count == 1


def test_put__needs_a_file(api, stored_image):
    response = api.put(url_of(stored_image()), {"caption": "x"}, format="multipart")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "required"


def test_put__replaces_file_and_caption(api, stored_image):
    image = stored_image(caption="old")
    body = {"file": make_image(30, 20), "caption": "new"}
    response = api.put(url_of(image), body, format="multipart")
    assert response.status_code == 200
    assert (response.json()["width"], response.json()["caption"]) == (30, "new")


def test_replace__with_a_bad_file_leaves_the_image_untouched(api, stored_image):
    image = stored_image()
    bad = make_image()
    bad.file.truncate(bad.size - 10)
    response = api.patch(url_of(image), {"file": bad}, format="multipart")
    assert response.status_code == 400
    assert Image.objects.get().file == image.file


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_change__of_a_foreign_image_is_404(
    stored_image, client_of, stranger, method, remote_paths
):
    image = stored_image(visibility="public")
    before = remote_paths()
    body = {"file": make_image(), "caption": "stolen"}
    response = getattr(client_of(stranger), method)(
        url_of(image), body, format="multipart"
    )
    assert response.status_code == 404
    assert Image.objects.get().caption == ""
    assert remote_paths() == before


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_change__without_a_token_is_401(stored_image, anonymous, method):
    image = stored_image(visibility="public")
    assert getattr(anonymous, method)(url_of(image)).status_code == 401
    assert Image.objects.count() == 1


def test_patch__between_public_and_unlisted_keeps_the_file(api, stored_image):
    image = stored_image(visibility="unlisted")
    response = api.patch(url_of(image), {"visibility": "public"})
    assert response.status_code == 200
    assert Image.objects.get().file == image.file


@pytest.mark.parametrize(("old", "new"), [("public", "private"), ("private", "public")])
def test_patch__between_public_and_private_stores_the_file_anew(
    api, stored_image, deliver, old, new, django_capture_on_commit_callbacks
):
    image = stored_image(visibility=old, width=70, caption="kept")
    old_url = api.get(url_of(image)).json()["url"]
    with django_capture_on_commit_callbacks(execute=True):
        response = api.patch(url_of(image), {"visibility": new})
    assert response.status_code == 200
    body = response.json()
    assert (body["visibility"], body["width"], body["caption"]) == (new, 70, "kept")
    assert deliver(body["url"])[0] == 200
    unsigned = 401 if new == "private" else 200
    assert deliver(body["url"].partition("?")[0])[0] == unsigned
    assert deliver(old_url)[0] == 404


class Meanwhile:
    """Do something between the upload of a new file and the change of the row."""

    def __init__(self, monkeypatch, action) -> None:
        upload = exchange.upload_file

        def upload_then_act(*args):
            result = upload(*args)
            action()
            return result

        monkeypatch.setattr(exchange, "upload_file", upload_then_act)


def test_replace__of_an_image_that_is_deleted_meanwhile_is_404(
    api, stored_image, monkeypatch
):
    image = stored_image()
    Meanwhile(monkeypatch, lambda: Image.objects.all().delete())
    response = api.patch(url_of(image), {"file": make_image()}, format="multipart")
    assert response.status_code == 404
    # Both files are named, so that both will go.
    reasons = PendingDeletion.objects.order_by("reason").values_list("reason")
    assert [reason for (reason,) in reasons] == ["deleted", "reservation"]


def test_replace__of_an_image_that_turns_private_meanwhile_is_409(
    api, stored_image, monkeypatch
):
    """The new file was stored for everybody to see, so the row must not name it."""
    image = stored_image(visibility="public")
    Meanwhile(monkeypatch, lambda: Image.objects.update(visibility="private"))
    response = api.patch(url_of(image), {"file": make_image()}, format="multipart")
    assert response.status_code == 409
    assert response.json()["errors"][0]["code"] == "conflict"
    assert Image.objects.get().file == image.file
    assert PendingDeletion.objects.get().reason == "reservation"


def test_replace__whose_reservation_was_swept_meanwhile_is_503(
    api, stored_image, monkeypatch
):
    image = stored_image()
    Meanwhile(monkeypatch, lambda: PendingDeletion.objects.all().delete())
    response = api.patch(url_of(image), {"file": make_image()}, format="multipart")
    assert response.status_code == 503
    assert Image.objects.get().file == image.file


def test_replace__whose_reservation_the_sweep_has_claimed_is_503(
    api, stored_image, monkeypatch
):
    """The file is about to be deleted, so no row may name it."""
    image = stored_image()
    claim = {"attempted_at": timezone.now()}
    Meanwhile(monkeypatch, lambda: PendingDeletion.objects.update(**claim))
    response = api.patch(url_of(image), {"file": make_image()}, format="multipart")
    assert response.status_code == 503
    assert Image.objects.get().file == image.file


def test_patch__to_private_purges_what_everybody_could_see(
    api, stored_image, emulator, django_capture_on_commit_callbacks
):
    image = stored_image(visibility="public")
    with django_capture_on_commit_callbacks(execute=True):
        api.patch(url_of(image), {"visibility": "private"})
    (purge,) = emulator.purges()
    assert StoredName.parse(image.file.name).path in purge["url"]
    assert PendingDeletion.objects.get().purge_request_id == purge["requestId"]


def test_patch__of_the_visibility_of_a_missing_file_is_409(api, stored_image):
    image = stored_image(visibility="public")
    image.storage.delete(image.file.name)
    response = api.patch(url_of(image), {"visibility": "private"})
    assert response.status_code == 409
    assert response.json()["errors"][0]["code"] == "file_missing"


def test_put__replaces_texts_but_never_the_visibility_unasked(api, stored_image):
    image = stored_image(visibility="private", caption="old", alt_text="old")
    response = api.put(url_of(image), {"file": make_image(9, 9)}, format="multipart")
    body = response.json()
    assert (body["caption"], body["alt_text"]) == ("", "")
    assert body["visibility"] == "private"


def test_patch__does_not_bring_back_a_file_that_was_replaced_meanwhile(
    api, stored_image, monkeypatch
):
    image = stored_image()
    update = updating_image

    def replace_then_update(**kwargs):
        Image.objects.update(file="new#id", width=F("width") + 1)
        return update(**kwargs)

    monkeypatch.setattr("images.api.views.images.updating_image", replace_then_update)
    assert api.patch(url_of(image), {"caption": "new"}).status_code == 200
    changed = Image.objects.get()
    assert (changed.file.name, changed.caption) == ("new#id", "new")


@pytest.mark.parametrize(
    ("meanwhile", "status"),
    [
        (lambda: Image.objects.update(visibility="private"), 409),
        (lambda: Image.objects.all().delete(), 404),
    ],
    ids=["made private", "deleted"],
)
def test_patch__of_visibility_that_changed_meanwhile(
    api, stored_image, monkeypatch, meanwhile, status
):
    image = stored_image(visibility="unlisted")
    update = updating_image

    def change_then_update(**kwargs):
        meanwhile()
        return update(**kwargs)

    monkeypatch.setattr("images.api.views.images.updating_image", change_then_update)
    response = api.patch(url_of(image), {"visibility": "public"})
    assert response.status_code == status
