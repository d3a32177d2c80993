import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from django.core.exceptions import ImproperlyConfigured
from rest_framework_simplejwt.exceptions import TokenBackendExpiredToken

from accounts.tokens.keys import Key, KeyRing, key_ring
from accounts.tokens.kinds import AccessToken

pytestmark = pytest.mark.django_db
ME = "/api/v1/users/me/"
OLD, NEW = "o" * 50, "n" * 50


def status(client, access: str) -> int:
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client.get(ME).status_code


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def pem_file(tmp_path):
    """Write a private key to a file and return its path."""

    def make(key, name: str) -> str:
        path = tmp_path / name
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(path)

    return make


def test_rotation__signs_nobody_out_until_the_old_key_is_taken_out(
    anonymous, settings, sign_in, user
):
    settings.JWT_SECRET_KEYS = [OLD]
    before = sign_in(user)["access"]
    settings.JWT_SECRET_KEYS = [NEW, OLD]
    after = sign_in(user)["access"]
    assert status(anonymous, before) == status(anonymous, after) == 200
    assert jwt.get_unverified_header(after)["kid"] == Key.from_secret(NEW).id
    settings.JWT_SECRET_KEYS = [NEW]
    assert status(anonymous, before) == 401
    assert status(anonymous, after) == 200


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), "RS256"),
        (ed25519.Ed25519PrivateKey.generate, "EdDSA"),
    ],
    ids=["RS256", "EdDSA"],
)
def test_private_keys__sign_by_configuration(
    anonymous, settings, sign_in, user, pem_file, make, algorithm
):
    settings.JWT_KEY_FILES = [pem_file(make(), "a.pem")]
    access = sign_in(user)["access"]
    assert jwt.get_unverified_header(access)["alg"] == algorithm
    assert status(anonymous, access) == 200


def test_attack__a_public_key_is_no_hmac_secret(
    anonymous, settings, sign_in, user, pem_file
):
    """The algorithm of a key is fixed, whatever the token's header says."""
    private = rsa.generate_private_key(65537, 2048)
    settings.JWT_KEY_FILES = [pem_file(private, "a.pem")]
    good = sign_in(user)["access"]
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _, claims, _ = good.split(".")
    head = {"alg": "HS256", "typ": "JWT", "kid": jwt.get_unverified_header(good)["kid"]}
    # By hand: PyJWT refuses to sign with such a key.
    signed = f"{base64url(json.dumps(head).encode())}.{claims}"
    signature = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    forged = f"{signed}.{base64url(signature)}"
    assert status(anonymous, forged) == 401


def test_attack__an_unsigned_token(anonymous, tokens):
    claims = jwt.decode(tokens["access"], options={"verify_signature": False})
    kid = jwt.get_unverified_header(tokens["access"])["kid"]
    for headers in ({"kid": kid}, {}, {"kid": "unknown"}):
        forged = jwt.encode(claims, "", algorithm="none", headers=headers)
        assert status(anonymous, forged) == 401


@pytest.mark.parametrize("kid", ["unknown", "", "../../etc/passwd", "' OR 1=1"])
def test_attack__a_made_up_key_id(anonymous, tokens, kid):
    claims = jwt.decode(tokens["access"], options={"verify_signature": False})
    forged = jwt.encode(claims, "x" * 50, algorithm="HS256", headers={"kid": kid})
    assert status(anonymous, forged) == 401


def test_private_keys__of_another_kind_are_refused_at_the_start(pem_file):
    from cryptography.hazmat.primitives.asymmetric import ec

    path = pem_file(ec.generate_private_key(ec.SECP256R1()), "ec.pem")
    with open(path, "rb") as file, pytest.raises(ImproperlyConfigured):
        Key.from_pem(file.read())
    with pytest.raises(ImproperlyConfigured):
        Key.from_pem(b"no key")


def test_a_token_seen_before__expires_all_the_same(monkeypatch):
    ring = KeyRing([Key.from_secret(NEW)])
    now = datetime.now(UTC)
    token = ring.encode({"exp": now + timedelta(minutes=1), "user_id": "7"})
    assert ring.decode(token)["user_id"] == "7"
    later = type("Later", (), {"now": lambda zone: now + timedelta(minutes=2)})
    monkeypatch.setattr("accounts.tokens.keys.datetime", later)
    with pytest.raises(TokenBackendExpiredToken):
        ring.decode(token)


@pytest.mark.parametrize(("seconds", "works"), [(8, True), (12, False)])
def test_clocks__may_differ_by_ten_seconds(anonymous, sign_in, user, seconds, works):
    claims = AccessToken(sign_in(user)["access"]).payload
    now, off = datetime.now(UTC), timedelta(seconds=seconds)
    fast = {**claims, "iat": now + off, "exp": now + timedelta(hours=1)}
    slow = {**claims, "iat": now - timedelta(hours=1), "exp": now - off}
    for changed in (fast, slow):
        token = key_ring().encode(changed)
        # Twice: a token that was verified before is remembered.
        for _ in range(2):
            assert (status(anonymous, token) == 200) == works


def test_claims__are_each_callers_own():
    ring = KeyRing([Key.from_secret(NEW)])
    token = ring.encode({"user_id": "7"})
    ring.decode(token)["user_id"] = "8"
    assert ring.decode(token)["user_id"] == "7"
