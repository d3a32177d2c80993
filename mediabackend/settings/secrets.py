"""The secrets, without which the process does not start."""

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.accounts import JWT_KEY_FILES, JWT_SECRET_KEYS
from mediabackend.settings.environment import DEBUG, env
from mediabackend.settings.imagekit import (
    IMAGEKIT_PRIVATE_KEY,
    IMAGEKIT_PUBLIC_KEY,
    IMAGEKIT_URL_ENDPOINT,
)

# Pieces of secrets that stand in examples, tests and tutorials.
_KNOWN = ("django-insecure-", "only-for-tests", "change-me", "change_me", "changeme")
_SECRET_KEY_LENGTH = 50
# RFC 7518, section 3.2: a key for HS256 has at least as many bits as the hash.
_TOKEN_KEY_BYTES = 32
_DIFFERENT_CHARACTERS = 5


def weak_secrets(
    secret_key: str, token_keys: Sequence[str], token_key_files: Sequence[str]
) -> list[str]:
    """Return what is wrong with the secrets, by variable; empty when all is well.

    `token_keys` sign nothing where there are `token_key_files`.
    """
    found = []
    if problem := _weakness(secret_key) or (
        len(secret_key) < _SECRET_KEY_LENGTH
        and f"has fewer than {_SECRET_KEY_LENGTH} characters"
    ):
        found.append(f"SECRET_KEY {problem}")
    for number, key in enumerate(() if token_key_files else token_keys, start=1):
        if problem := _weakness(key) or (
            len(key.encode()) < _TOKEN_KEY_BYTES
            and f"has fewer than {_TOKEN_KEY_BYTES} bytes"
        ):
            found.append(f"JWT_SECRET_KEY, entry {number}, {problem}")
    return found


def _weakness(secret: str) -> str | None:
    if not secret.strip():
        return "is empty"
    if any(piece in secret.lower() for piece in _KNOWN):
        return "is a known default"
    if len(set(secret)) < _DIFFERENT_CHARACTERS:
        return f"has fewer than {_DIFFERENT_CHARACTERS} different characters"
    return None


SECRET_KEY = env.str("SECRET_KEY", default="")

_required = {
    "SECRET_KEY": SECRET_KEY,
    "IMAGEKIT_PRIVATE_KEY": IMAGEKIT_PRIVATE_KEY or DEBUG,
}
if IMAGEKIT_PRIVATE_KEY:
    _required["IMAGEKIT_PUBLIC_KEY"] = IMAGEKIT_PUBLIC_KEY
    _required["IMAGEKIT_URL_ENDPOINT"] = IMAGEKIT_URL_ENDPOINT
if _missing := [name for name, value in _required.items() if not value]:
    raise ImproperlyConfigured(
        f"Missing in the environment or in .env: {', '.join(_missing)}. "
        "See docs/configuration.md. For a laptop without an ImageKit account, "
        "`make run` writes a .env with DEBUG=true, which uses the emulator."
    )

if not DEBUG and (_weak := weak_secrets(SECRET_KEY, JWT_SECRET_KEYS, JWT_KEY_FILES)):
    raise ImproperlyConfigured(
        f"Refusing to start: {'; '.join(_weak)}. A good one comes from "
        "`python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
    )
