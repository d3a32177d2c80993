"""Signed URLs and private files."""

import time

import pytest
from imagekitio import ImageKit

from imagekit_emulator.errors import DeliveryError
from imagekit_emulator.signatures import is_signed
from imagekit_emulator.tests.pictures import make_image

KEY = "private_x"
VECTORS = [
    "a.jpg?ik-s=e5430908823f5a906d9a8dc36816650dfcf5bbe8",
    "a.jpg?ik-t=1795337978&ik-s=120d59f63105ca71f9371090b2d5eb0707b600aa",
    "tr:w-400:rt-91/a.jpg?ik-s=f02b1e9153dc8c934a7306e5cbfb55f78ce9c4d7",
    "a.jpg?v=1&tr=w-400&ik-s=26ab7983d08237e7f7dd7950e46396f88b28968f",
]


@pytest.mark.parametrize("target", VECTORS)
def test_signature__known_vectors(target, monkeypatch):
    monkeypatch.setattr("imagekit_emulator.signatures.time.time", lambda: 1795337000.0)

    assert is_signed(KEY, target)


@pytest.mark.parametrize(
    "target",
    [
        VECTORS[0] + "0",
        VECTORS[0].replace("a.jpg", "b.jpg"),
        VECTORS[0] + "&tr=w-9",
        "a.jpg?tr=w-9&" + VECTORS[0].partition("?")[2],
        "a.jpg?ik-s=",
        "a.jpg?ik-s=é",
        "a.jpg?ik-t=x&ik-s=120d59f63105ca71f9371090b2d5eb0707b600aa",
    ],
)
def test_signature__altered(target):
    with pytest.raises(DeliveryError) as caught:
        is_signed(KEY, target)

    assert caught.value.status == 401


def test_signature__expired(monkeypatch):
    monkeypatch.setattr("imagekit_emulator.signatures.time.time", lambda: 1795337979.0)

    with pytest.raises(DeliveryError, match="expired"):
        is_signed(KEY, VECTORS[1])


def test_signature__absent():
    assert not is_signed(KEY, "a.jpg?tr=w-9")


def build(src, **options):
    helper = ImageKit(private_key=KEY).helper
    return helper.build_url(
        url_endpoint="http://emulator/demo", src=src, signed=True, **options
    )


@pytest.fixture
def private(upload):
    upload("/x/a.jpg", make_image(64, 48), is_private_file=True)


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"expires_in": 60},
        {"transformation": [{"width": 32}, {"rotation": 90}]},
        {"transformation": [{"width": 32}], "transformation_position": "path"},
        {"query_parameters": {"v": "1", "updatedAt": "5"}, "expires_in": 60},
    ],
    ids=str,
)
def test_private__signed_by_the_official_client(http, options):
    url = build("/x/a.jpg", **options)

    assert http.get(url).status_code == 200
    assert http.get(url[:-1]).status_code == 401


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("", 401),
        ("?tr=w-9", 401),
        ("?tr=orig-true", 401),
        ("?tr=n-ik_ml_thumbnail", 200),
        ("?tr=n-ik_ml_thumbnail:w-9", 401),
        ("?tr=n-ik_ml_thumbnail,orig-true", 401),
        ("?tr=n-unknown", 400),
        ("?ik-attachment=true", 401),
    ],
)
def test_private__unsigned(fetch, target, status):
    answer = fetch(f"/x/a.jpg{target}")

    assert answer.status_code == status
    if status == 401:
        assert answer.headers["ik-error"]
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("private")
def test_private__expired_over_http(http, monkeypatch):
    url = build("/x/a.jpg", expires_in=60)
    later = time.time() + 62
    monkeypatch.setattr("imagekit_emulator.signatures.time.time", lambda: later)

    assert http.get(url).status_code == 401


def test_public__with_a_wrong_signature(upload, fetch):
    upload()

    assert fetch("/a.jpg?ik-s=00").status_code == 401
