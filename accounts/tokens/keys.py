"""The keys that sign tokens, and their rotation.

The first key signs; all keys verify. To rotate, put the new key first, and remove the
old one when the last token that it signed has expired. The `kid` header (RFC 7515,
section 4.1.4) names the key that signed a token.
"""

import functools
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from rest_framework_simplejwt.exceptions import (
    TokenBackendError,
    TokenBackendExpiredToken,
)

# How much the clocks of our servers may differ.
LEEWAY = timedelta(seconds=10)
# The number of verified tokens to remember, of about a kilobyte each.
_REMEMBERED = 2048


@dataclass(frozen=True)
class Key:
    """A key with its one algorithm: a token cannot choose another."""

    id: str
    algorithm: str
    signing: Any = field(repr=False)
    verifying: Any = field(repr=False)

    @classmethod
    def from_secret(cls, secret: str) -> "Key":
        """Make an HMAC key, for HS256."""
        kid = hashlib.sha256(b"kid:" + secret.encode()).hexdigest()[:16]
        return cls(kid, "HS256", secret, secret)

    @classmethod
    def from_pem(cls, pem: bytes) -> "Key":
        """Make a key from a PEM file with a private RSA or Ed25519 key."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

        try:
            private = serialization.load_pem_private_key(pem, password=None)
        except ValueError as error:
            raise ImproperlyConfigured(f"JWT_KEY_FILES: {error}") from error
        if isinstance(private, rsa.RSAPrivateKey):
            algorithm = "RS256"
        elif isinstance(private, ed25519.Ed25519PrivateKey):
            algorithm = "EdDSA"
        else:
            raise ImproperlyConfigured("JWT_KEY_FILES: use RSA or Ed25519 keys.")
        public = private.public_key()
        encoded = public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        kid = hashlib.sha256(encoded).hexdigest()[:16]
        return cls(kid, algorithm, private, public)


class KeyRing:
    """A token backend of SimpleJWT with several keys."""

    def __init__(self, keys: list[Key]) -> None:
        self.signer = keys[0]
        self.keys = {key.id: key for key in keys}
        self._claims = functools.lru_cache(maxsize=_REMEMBERED)(self._read)

    def encode(self, payload: dict[str, Any]) -> str:
        return jwt.encode(
            payload,
            self.signer.signing,
            algorithm=self.signer.algorithm,
            headers={"kid": self.signer.id},
        )

    def decode(self, token: str | bytes, verify: bool = True) -> dict[str, Any]:
        """Return the claims, always verified; raises TokenBackendError.

        A client sends the same token with each request for an hour. A verified token
        is remembered, and only its expiry is checked again.
        """
        try:
            claims = self._claims(token)
        except jwt.ExpiredSignatureError as error:
            raise TokenBackendExpiredToken("Token is expired") from error
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise TokenBackendError("Token is invalid") from error
        if (
            "exp" in claims
            and claims["exp"] <= (datetime.now(UTC) - LEEWAY).timestamp()
        ):
            raise TokenBackendExpiredToken("Token is expired")
        return dict(claims)

    def _read(self, token: str | bytes) -> dict[str, Any]:
        key = self.keys[jwt.get_unverified_header(token)["kid"]]
        claims: dict[str, Any] = jwt.decode(
            token,
            key.verifying,
            algorithms=[key.algorithm],
            leeway=LEEWAY,
        )
        return claims

    def get_leeway(self) -> timedelta:
        """Return how much clocks may differ, for SimpleJWT."""
        return LEEWAY


def key_ring() -> KeyRing:
    """Return the keys of the settings, which are read once."""
    return _load(tuple(settings.JWT_SECRET_KEYS), tuple(settings.JWT_KEY_FILES))


@functools.cache
def _load(secrets: tuple[str, ...], files: tuple[str, ...]) -> KeyRing:
    if files:
        return KeyRing([Key.from_pem(Path(file).read_bytes()) for file in files])
    return KeyRing([Key.from_secret(secret) for secret in secrets])
