"""The fields of an upload."""

import base64
import json
import re

import pytest

from imagekit_emulator.asset_rows import MAX_VERSIONS
from imagekit_emulator.tests.pictures import make_image, make_photo, open_image

URL = "/api/v1/files/upload"


def send(api, content=None, **fields):
    content = make_image() if content is None else content
    form = {"fileName": "a.jpg", "useUniqueFileName": "false"} | fields
    return api.post(URL, data=form, files={"file": ("any", content)})


def test_name__unique_suffix_by_default(api):
    answer = send(api, useUniqueFileName="").json()

    assert re.fullmatch(r"a_[A-Za-z0-9_-]{9}\.jpg", answer["name"])


def test_name__unique_files_do_not_meet(api):
    names = {send(api, useUniqueFileName="true").json()["name"] for _ in range(5)}

    assert len(names) == 5


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("a b.jpg", "a_b.jpg"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("é.jpg", "_.jpg"),
        ("..", "__"),
        ("noextension", "noextension"),
        ('q"\r\n\x00.jpg', "q____.jpg"),
    ],
)
def test_name__other_characters_become_underscores(api, asked, stored):
    assert send(api, fileName=asked).json()["name"] == stored


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_name__missing_or_too_long(api, name):
    assert send(api, fileName=name).status_code == 400


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("", "/a.jpg"),
        ("x//y/", "/x/y/a.jpg"),
        ("/a b/c.d", "/a_b/c_d/a.jpg"),
    ],
)
def test_folder__is_normalised(api, asked, stored):
    assert send(api, folder=asked).json()["filePath"] == stored


@pytest.mark.parametrize("folder", ["..", "/a/../b", "/a/./b", "/x" * 51])
def test_folder__refused(api, folder):
    answer = send(api, folder=folder)

    assert answer.status_code == 400
    assert answer.json()["reason"] == "INVALID_FOLDER_PATH"


def test_folders__are_created_by_an_upload(api):
    send(api, folder="/x/y")

    listed = api.get("/v1/files", params={"type": "folder"}).json()
    assert [folder["folderPath"] for folder in listed] == ["/x", "/x/y"]


def test_overwrite__refused_when_off(api):
    send(api)

    answer = send(api, overwriteFile="false")

    assert answer.status_code == 400
    assert "already exists" in answer.json()["message"]


def test_overwrite__drops_what_is_not_said_again(api):
    send(api, tags="a", customMetadata='{"k":1}', customCoordinates="1,2,3,4")
    asked = "tags,customMetadata,customCoordinates"

    answer = send(api, responseFields=asked).json()

    assert answer["versionInfo"]["name"] == "Version 2"
    assert answer["tags"] is None
    assert answer["customMetadata"] == {}
    assert answer["customCoordinates"] is None


def test_overwrite__keeps_what_the_flags_keep(api):
    send(api, tags="a", customMetadata='{"k":1}')
    keep = {"overwriteTags": "false", "overwriteCustomMetadata": "false"}

    kept = send(api, responseFields="tags,customMetadata", **keep).json()
    said = send(api, responseFields="tags", tags="b", **keep).json()

    assert kept["tags"] == ["a"]
    assert kept["customMetadata"] == {"k": 1}
    assert said["tags"] == ["b"]


def test_versions__have_a_limit(api, app):
    for _ in range(MAX_VERSIONS):
        assert send(api, b"x").status_code == 200

    assert send(api, b"x").status_code == 400
    assert len(list((app.config.root / "blobs").glob("*/*"))) == MAX_VERSIONS


@pytest.mark.parametrize(
    "fields",
    [
        {"useUniqueFileName": "yes"},
        {"isPrivateFile": "1"},
        {"tags": "a%b"},
        {"tags": "x" * 501},
        {"customCoordinates": "1,2,3"},
        {"customMetadata": "[]"},
        {"customMetadata": "{"},
        {"customMetadata": '{"a": NaN}'},
        {"customMetadata": '{"a": {"b": 1}}'},
        {"customMetadata": '{"a": "\\ud800"}'},
        {"customMetadata": "[" * 100_000},
        {"extensions": '{"name": "remove-bg"}'},
        {"extensions": "[1]"},
        {"webhookUrl": "nowhere"},
        {"transformation": "[]"},
        {"transformation": '{"before": "w-1"}'},
        {"transformation": '{"pre": 7}'},
        {"transformation": '{"pre": "zz-1"}'},
        {"transformation": '{"post": [{"type": "transformation"}]}'},
        {"transformation": '{"post": [{"type": "abs", "value": "sr-1"}]}'},
        {"transformation": '{"post": [{"type": "gif-to-video"}]}'},
        {"transformation": '{"post": [{"type": "thumbnail"}]}'},
        {"description": "x" * 10_001},
    ],
)
def test_field__bad_value(api, app, fields):
    answer = send(api, **fields)

    assert answer.status_code == 400
    assert answer.json()["message"]
    assert api.get("/v1/files").json() == []
    assert not list((app.config.root / "spool").iterdir())


def test_extensions__are_accepted_and_stay_pending(api):
    extensions = json.dumps([{"name": "google-auto-tagging", "maxTags": 5}])

    answer = send(api, extensions=extensions).json()

    assert answer["extensionStatus"] == {"google-auto-tagging": "pending"}


def test_type__comes_from_the_bytes(api):
    answer = send(api, make_image(fmt="PNG"), fileName="a.txt").json()
    details = api.get(f"/v1/files/{answer['fileId']}/details").json()

    assert details["mime"] == "image/png"


def test_type__of_text_comes_from_the_name(api):
    svg = send(api, b"<svg/>", fileName="a.svg").json()
    text = send(api, b"hello", fileName="a.unknown").json()

    assert svg["fileType"] == "image"
    assert text["fileType"] == "non-image"
    assert "thumbnailUrl" not in text


def test_file__as_base64_and_data_uri(api):
    content = make_image(31, 17)
    encoded = base64.encodebytes(content).decode()
    form = {"fileName": "a.jpg"}

    for text in (encoded, f"data:image/jpeg;base64,{encoded}"):
        answer = api.post(URL, files={"x": b""}, data=form | {"file": text})
        assert answer.json()["width"] == 31
        assert answer.json()["size"] == len(content)


@pytest.mark.parametrize("text", ["https://example.com/a.jpg", "not base64!", ""])
def test_file__as_text_refused(api, text):
    answer = api.post(URL, files={"x": b""}, data={"fileName": "a", "file": text})

    assert answer.status_code == 400


def test_file__missing(api):
    assert api.post(URL, files={"x": b""}, data={"fileName": "a"}).status_code == 400


def test_pre_transformation__changes_what_is_stored(api, fetch):
    answer = send(api, make_image(400, 200), transformation='{"pre": "w-100"}').json()

    assert (answer["width"], answer["height"]) == (100, 50)
    assert open_image(fetch("/a.jpg?tr=orig-true").content).size == (100, 50)


def test_pre_transformation__of_text_is_refused(api):
    answer = send(api, b"hello", fileName="a.txt", transformation='{"pre": "w-100"}')

    assert answer.status_code == 400


def test_pre_transformation__of_a_damaged_image_is_refused(api):
    broken = make_photo()[:200]

    assert send(api, broken, transformation='{"pre": "w-9"}').status_code == 400
