"""Uploads from a browser: signatures (v1) and JWTs (v2)."""

import base64
import json
import time
import uuid

import jwt
import pytest
from imagekitio import ImageKit, Omit

from imagekit_emulator.tests.pictures import make_image

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")

V1, V2 = "/api/v1/files/upload", "/api/v2/files/upload"


def send(http, url, fields, **options):
    return http.post(url, data=fields, files={"file": ("a", make_image())}, **options)


def signed_fields(**changes):
    helper = ImageKit(private_key="private_x").helper
    signed = helper.get_authentication_parameters(
        str(uuid.uuid4()), int(time.time()) + changes.pop("seconds", 600)
    )
    fields = {"fileName": "a.jpg", "publicKey": "public_x"}
    return fields | {k: str(v) for k, v in signed.items()} | changes


def test_signature__of_the_official_client_is_accepted(http):
    assert send(http, V1, signed_fields()).status_code == 200


def test_signature__known_vector(http, monkeypatch):
    monkeypatch.setattr("imagekit_emulator.auth.time.time", lambda: 1.0)
    fields = {
        "fileName": "a.jpg",
        "publicKey": "public_x",
        "token": "t",
        "expire": "600",
        "signature": "c19593ea8b40c721b868024d5216109b7bfb4e3d",
    }

    assert send(http, V1, fields).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "0" * 40},
        {"publicKey": "public_y"},
        {"token": ""},
        {"expire": "soon"},
        {"seconds": 3700},
        {"seconds": -5},
    ],
    ids=str,
)
def test_signature__refused(http, changes):
    assert send(http, V1, signed_fields(**changes)).status_code == 400


def test_signature__single_use_even_after_an_error(http):
    fields = signed_fields()

    assert send(http, V1, fields | {"fileName": ""}).status_code == 400
    assert send(http, V1, fields).status_code == 400


def test_signature__with_basic_auth(api):
    assert send(api, V1, signed_fields()).status_code == 400


def test_signature__missing(http):
    assert send(http, V1, {"fileName": "a.jpg"}).status_code == 401


def test_signature__through_the_official_client(sdk):
    fields = signed_fields()

    answer = sdk.files.upload(
        file=("a.jpg", make_image()),
        file_name="a.jpg",
        token=fields["token"],
        expire=int(fields["expire"]),
        signature=fields["signature"],
        public_key="public_x",
        extra_headers={"Authorization": Omit()},
    )

    assert answer.file_id


def make_token(fields, key="private_x", kid="public_x", seconds=600, **claims):
    now = int(time.time())
    claims = {**fields, "iat": now, "exp": now + seconds} | claims
    claims = {name: value for name, value in claims.items() if value is not None}
    # PyJWT would warn of the keys of the tests, which are shorter than real ones.
    header = {"alg": "HS256", "typ": "JWT", "kid": kid}
    return jwt.PyJWS(options={"enforce_minimum_key_length": False}).encode(
        json.dumps(claims).encode(), key, "HS256", headers=header
    )


FORM = {"fileName": "a.jpg", "useUniqueFileName": "false", "tags": "a,b"}


def test_jwt__claims_equal_the_form(http):
    answer = send(http, V2, FORM | {"token": make_token(FORM)})

    assert answer.status_code == 200
    assert answer.json()["name"] == "a.jpg"


@pytest.mark.parametrize("fields", [{}, signed_fields()], ids=["alone", "signed"])
def test_jwt__sent_to_version_1_is_refused_with_the_reason(http, fields):
    answer = send(http, V1, {**fields, **FORM, "token": make_token(FORM)})
    assert answer.status_code == 400
    assert "/api/v2/files/upload" in answer.json()["message"]


@pytest.mark.parametrize(
    "form",
    [
        FORM | {"tags": "a, b"},
        FORM | {"folder": "/x"},
        {"fileName": "a.jpg"},
        FORM | {"useUniqueFileName": "true"},
    ],
    ids=["other-text", "extra", "missing", "changed"],
)
def test_jwt__form_differs(http, form):
    answer = send(http, V2, form | {"token": make_token(FORM)})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "token",
    [
        {"key": "private_y"},
        {"kid": "public_y"},
        {"seconds": 3601},
        {"seconds": -1},
        {"iat": None},
        {"exp": None},
        {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 4000},
        {"iat": int(time.time()) + 9000, "exp": int(time.time()) + 9300},
        {"iat": "1", "exp": True},
    ],
)
def test_jwt__refused(http, token):
    answer = send(http, V2, FORM | {"token": make_token(FORM, **token)})

    assert answer.status_code == 400


def test_jwt__single_use_even_after_an_error(http):
    token = make_token(FORM)

    assert send(http, V2, FORM | {"token": token, "x": "y"}).status_code == 400
    assert send(http, V2, FORM | {"token": token}).status_code == 400


def test_jwt__with_basic_auth(api):
    answer = send(api, V2, FORM | {"token": make_token(FORM)})

    assert answer.status_code == 400


def test_jwt__of_algorithm_none_is_refused(http):
    signed = make_token(FORM).split(".")
    header = {"alg": "none", "kid": "public_x"}
    text = base64.urlsafe_b64encode(json.dumps(header).encode()).decode()
    forged = f"{text.rstrip('=')}.{signed[1]}."

    assert send(http, V2, FORM | {"token": forged}).status_code == 400


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c", "é.é.é", "..", "W10.W10.W10"]
)
def test_jwt__not_a_token(http, token):
    assert send(http, V2, FORM | {"token": token}).status_code == 400


def test_v2__with_basic_auth_alone(sdk):
    answer = sdk.beta.v2.files.upload(file=("a.jpg", make_image()), file_name="a.jpg")

    assert answer.file_id
