"""Hostile input. The emulator must answer it, and never with 500."""

import json
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagekit_emulator.tests.pictures import make_animation, make_image, make_photo

QUICK = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=60,
)


def words(text: str):
    return st.sampled_from(text.split())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
KEYS = (
    "fileIds tags AITags url folderName parentFolderPath folderPath sourceFilePath "
    "destinationPath filePath newFileName purgeCache includeFileVersions "
    "customMetadata customCoordinates description publish removeAITags extensions "
    "sourceFolderPath newFolderName operation kind next"
)
WRITES = [
    ("PATCH", "/v1/files/{id}/details"),
    ("POST", "/v1/files/batch/deleteByFileIds"),
    ("POST", "/v1/files/addTags"),
    ("POST", "/v1/files/removeAITags"),
    ("POST", "/v1/files/purge"),
    ("POST", "/v1/files/copy"),
    ("POST", "/v1/files/move"),
    ("PUT", "/v1/files/rename"),
    ("POST", "/v1/folder"),
    ("DELETE", "/v1/folder"),
    ("POST", "/v1/bulkJobs/moveFolder"),
    ("POST", "/v1/bulkJobs/copyFolder"),
    ("POST", "/v1/bulkJobs/renameFolder"),
]


def is_answered(response: httpx.Response) -> bool:
    return response.status_code < 500


@given(st.sampled_from(WRITES), JSON | st.dictionaries(words(KEYS), JSON))
@QUICK
def test_json__any_body(api, upload, endpoint, body):
    method, path = endpoint
    file_id = upload().file_id

    answer = api.request(
        method, path.format(id=file_id), content=json.dumps(body).encode()
    )

    assert is_answered(answer)


@pytest.mark.parametrize("endpoint", WRITES, ids=lambda e: e[1])
@pytest.mark.parametrize(
    "content",
    [b"", b"[", b"\xff", b"[" * 100_000, b'{"url":"\\ud800"}', b'{"tags":[NaN]}'],
    ids=["empty", "open", "not-utf-8", "deep", "half-character", "nan"],
)
def test_json__not_json(api, upload, endpoint, content):
    method, path = endpoint

    answer = api.request(method, path.format(id=upload().file_id), content=content)

    assert answer.status_code == 400
    assert answer.json()["message"]


def test_json__too_long(api):
    answer = api.post("/v1/files/purge", content=b" " * 2_000_000)

    assert answer.status_code in {400, 413}


FORM = (
    "fileName folder tags checks customMetadata customCoordinates transformation "
    "extensions responseFields token signature expire publicKey description"
)


@given(st.dictionaries(words(FORM), st.text() | JSON.map(json.dumps)))
@QUICK
def test_upload__any_fields(api, fields):
    answer = api.post(
        "/api/v1/files/upload",
        data={k: v.encode("utf-8", "replace").decode() for k, v in fields.items()},
        files={"file": ("a", b"x")},
    )

    assert is_answered(answer)


SAFE = "/:?&=%,-"
TEXT = st.text().map(lambda text: text.encode("utf-8", "replace").decode())


@given(TEXT, TEXT)
@QUICK
def test_delivery__any_url(http, path, query):
    url = f"/demo/{quote(path, safe=SAFE)}?{quote(query, safe=SAFE)}"

    assert is_answered(http.get(url))


KEYWORDS = "w h ar c cm fo x y q f bl rt md dpr e bg r fl pr orig n"
VALUES = "1 0.5 40 N5 auto true jpg webp gif extract pad_resize force top red max 90"
PAIR = st.tuples(words(KEYWORDS), words(VALUES)).map("-".join)
STEPS = st.lists(st.lists(PAIR, max_size=4).map(",".join), max_size=3).map(":".join)


@given(STEPS)
@QUICK
def test_delivery__any_transformation(fetch, upload, steps):
    upload("/a.gif", make_animation())

    assert fetch(f"/a.gif?tr={steps}").status_code in {200, 400}


@given(
    st.sampled_from([make_photo(), make_animation(), make_image(fmt="PNG")]),
    st.integers(0, 400),
    st.binary(max_size=8),
)
@QUICK
def test_delivery__any_damage(fetch, upload, content, position, noise):
    damaged = content[:position] + noise + content[position + len(noise) :]
    upload("/a.jpg", damaged)

    assert fetch("/a.jpg").status_code in {200, 400}
    assert fetch("/a.jpg?tr=w-9").status_code in {200, 400}


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !!!", "Basic cHJpdmF0ZV95", "Bearer x", "Basic /////w==", "é"],
)
def test_auth__odd_headers(http, header):
    answer = http.get("/v1/files", headers={"Authorization": header.encode("latin-1")})

    assert answer.status_code == 401
