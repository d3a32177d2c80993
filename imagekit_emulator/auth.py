"""Authentication: Basic auth, signatures (upload v1) and JWTs (upload v2)."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request

from imagekit_emulator.database import Database
from imagekit_emulator.errors import ApiError
from imagekit_emulator.services import Services

HOUR = 3600


def require_key(services: Services, request: Request) -> None:
    """Refuse a request without the private key as the user of Basic auth.

    The password is documented as empty, but official clients send one, so that any
    is accepted.
    """
    given = request.authorization
    if given is None or given.type != "basic":
        raise ApiError(401, "Your request does not contain private API key.")
    user = given.username or ""
    if not _equal(user, services.config.private_key):
        raise ApiError(401, "Your account cannot be authenticated.")


def authorise_upload_v1(
    services: Services, request: Request, fields: Mapping[str, str]
) -> None:
    """Accept either Basic auth or a signature made with the private key."""
    signed = bool(fields.get("signature"))
    if "Authorization" in request.headers:
        if signed:
            raise ApiError(400, "Use either a signature or basic auth, not both.")
        require_key(services, request)
        return
    token, expire = fields.get("token", ""), fields.get("expire", "")
    if token.startswith("eyJ"):  # a JWT
        raise ApiError(
            400,
            "The token is for version 2 of the upload API: post it with its form to "
            "/api/v2/files/upload, without publicKey, signature and expire.",
        )
    if not signed:
        require_key(services, request)
    if not token or fields.get("publicKey") != services.config.public_key:
        raise ApiError(400, "The token or publicKey parameter is missing or invalid.")
    wanted = hmac.new(
        services.config.private_key.encode(), (token + expire).encode(), hashlib.sha1
    ).hexdigest()
    if not _equal(fields["signature"], wanted):
        raise ApiError(400, "Your request contains an invalid signature.")
    # A token can be used once, even when the upload fails later.
    _spend(services.database, token)
    seconds = int(expire) - time.time() if re.fullmatch(r"[0-9]{1,12}", expire) else 0
    if not 0 < seconds < HOUR:
        raise ApiError(400, "The expire parameter must lie within the next hour.")


def authorise_upload_v2(
    services: Services, request: Request, fields: Mapping[str, str]
) -> None:
    """Accept either Basic auth or a JWT whose claims equal the form."""
    token = fields.get("token", "")
    if "Authorization" in request.headers:
        if token:
            raise ApiError(400, "Use either a token or basic auth, not both.")
        require_key(services, request)
        return
    if not token:
        raise ApiError(400, "The token parameter is missing.")
    claims = _verified_claims(services, token)
    _spend(services.database, token)
    issued, expires = claims.pop("iat", None), claims.pop("exp", None)
    if type(issued) is not int or type(expires) is not int:
        raise ApiError(400, "The token is invalid: iat and exp are needed.")
    if not 0 < expires - issued <= HOUR or issued > time.time() + 60:
        raise ApiError(400, "The token is invalid: it must live one hour or less.")
    if expires <= time.time():
        raise ApiError(400, "The token has expired.")
    if claims != {name: text for name, text in fields.items() if name != "token"}:
        raise ApiError(400, "The payload of the token does not match the request.")


def _verified_claims(services: Services, token: str) -> dict[str, Any]:
    """Check a JWT (RFC 7515), whose algorithm must be HS256; returns its claims."""
    try:
        signed, _, signature = token.rpartition(".")
        header, claims = (json.loads(_decoded(part)) for part in signed.split("."))
        wanted = hmac.digest(
            services.config.private_key.encode(), signed.encode(), "sha256"
        )
        genuine = hmac.compare_digest(_decoded(signature), wanted)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "The token is invalid.") from error
    if (
        not genuine
        or not isinstance(header, dict)
        or not isinstance(claims, dict)
        or header.get("alg") != "HS256"
        or header.get("kid") != services.config.public_key
    ):
        raise ApiError(400, "The token is invalid.")
    return claims


def _decoded(part: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", part):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _equal(left: str, right: str) -> bool:
    return hmac.compare_digest(
        left.encode("utf-8", "replace"), right.encode("utf-8", "replace")
    )


def _spend(database: Database, token: str) -> None:
    """Mark a token as used; 400 when it was used before."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    with database.write() as connection:
        added = connection.execute(
            "INSERT OR IGNORE INTO used_tokens VALUES (?)", (digest,)
        ).rowcount
    if not added:
        raise ApiError(400, "A request with the same token was received before.")
