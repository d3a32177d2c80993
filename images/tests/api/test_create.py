import pytest

from images.imagekit.names import StoredName
from images.models import Image
from images.outbox.models import PendingDeletion
from images.tests.pictures import make_image, picture_bytes

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"


def test_create__stores_the_file_and_the_row(api, user, remote_paths):
    response = api.post(
        URL,
        {"file": make_image(64, 48), "caption": "Sea", "alt_text": "Waves"},
        format="multipart",
    )
    assert response.status_code == 201
    body = response.json()
    image = Image.objects.get()
    assert response["Location"] == f"http://testserver{URL}{image.pk}/"
    assert body["id"] == str(image.pk)
    assert (body["width"], body["height"], body["format"]) == (64, 48, "jpeg")
    assert body["size"] == len(picture_bytes(64, 48))
    assert (body["caption"], body["alt_text"]) == ("Sea", "Waves")
    assert body["visibility"] == "unlisted"
    assert body["owner"] == {"id": str(user.pk), "display_name": "Ann"}
    assert "file" not in body
    path = StoredName.parse(image.file.name).path
    assert remote_paths() == {f"/media/{path}"}
    assert body["url"].endswith(path)
    user.refresh_from_db()
    assert user.item_count == 1
    assert not PendingDeletion.objects.exists()


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "gif"])
def test_create__knows_the_format_by_the_bytes(api, format, deliver):
    response = api.post(URL, {"file": make_image(format=format)}, format="multipart")
    body = response.json()
    assert body["format"] == format
    extension = "jpg" if format == "jpeg" else format
    assert body["url"].endswith(f".{extension}")
    stored = deliver(f"{body['url']}?tr=orig-true")
    assert stored == (200, picture_bytes(format=format))


def test_create__cuts_off_what_follows_the_picture(api):
    file = make_image()
    size = file.size
    file.file.seek(0, 2)
    file.file.write(b"a film that the phone appended")
    file.seek(0)
    response = api.post(URL, {"file": file}, format="multipart")
    assert response.json()["size"] == size
    assert Image.objects.get().storage.size(Image.objects.get().file.name) == size


def test_create__leaves_nothing_of_the_client_s_file_name(api):
    file = make_image()
    file.name = "../../etc/passwd<script>.svg"
    response = api.post(URL, {"file": file}, format="multipart")
    assert response.status_code == 201
    assert "passwd" not in Image.objects.get().file.name


@pytest.mark.parametrize("body", [{}, {"caption": "no file"}])
def test_create__without_a_file_is_required(api, body):
    response = api.post(URL, body, format="multipart")
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert (error["code"], error["attr"]) == ("required", "file")


def test_create__with_two_files_is_invalid(api):
    response = api.post(URL, {"file": [make_image(), make_image()]}, format="multipart")
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert (error["code"], error["attr"]) == ("invalid", "file")
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    "text", ["https://example.com/a.jpg", "data:image/png;base64,AAAA", "/etc/passwd"]
)
def test_create__never_forwards_a_string_to_be_fetched(api, text, emulator):
    for format in ("multipart", "json"):
        response = api.post(URL, {"file": text}, format=format)
        assert response.status_code == 400
    assert emulator.requests.counts() == {}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("caption", "x" * 2201, "max_length"),
        ("alt_text", "x" * 1001, "max_length"),
        ("visibility", "everybody", "invalid_choice"),
        ("caption", "a\x00b", "control_characters"),
    ],
)
def test_create__with_a_bad_field_uploads_nothing(
    api, field, value, code, remote_paths
):
    response = api.post(URL, {"file": make_image(), field: value}, format="multipart")
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert (error["code"], error["attr"]) == (code, field)
    assert remote_paths() == set()


@pytest.mark.parametrize("length", [2200])
def test_create__takes_the_longest_caption(api, length):
    caption = "☃" * length
    response = api.post(
        URL, {"file": make_image(), "caption": caption}, format="multipart"
    )
    assert response.json()["caption"] == caption


def test_create__ignores_read_only_fields(api, stranger, user):
    body = {"file": make_image(), "owner": str(stranger.pk), "width": 9, "size": 1}
    assert api.post(URL, body, format="multipart").status_code == 201
    image = Image.objects.get()
    assert (image.owner, image.width) == (user, 64)


def test_create__without_a_token_is_401(anonymous):
    response = anonymous.post(URL, {"file": make_image()}, format="multipart")
    assert response.status_code == 401
    assert not Image.objects.exists()


def test_create__private_is_delivered_by_signed_urls_only(api, deliver):
    response = api.post(
        URL, {"file": make_image(), "visibility": "private"}, format="multipart"
    )
    body = response.json()
    renditions = body["renditions"]
    for url in (body["url"], renditions["small"], renditions["thumbnail"]):
        assert deliver(url)[0] == 200
    assert deliver(body["url"].partition("?")[0])[0] == 401
