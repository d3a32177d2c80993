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
    secret_key: str,
    token_keys: Sequence[str],
    token_key_files: Sequence[str],
    fallbacks: Sequence[str] = (),
) -> list[str]:
    """Return what is wrong with the secrets, by variable; empty when all is well.

    `token_keys` sign nothing where there are `token_key_files`.
    """
    found = []
    named = {"SECRET_KEY": secret_key}
    for number, key in enumerate(fallbacks, start=1):
        named[f"SECRET_KEY_FALLBACKS, entry {number},"] = key
    for name, key in named.items():
        if problem := weakness(key, _SECRET_KEY_LENGTH):
            found.append(f"{name} {problem}")
    for number, key in enumerate(() if token_key_files else token_keys, start=1):
        problem = weakness(key)
        if not problem and len(key.encode()) < _TOKEN_KEY_BYTES:
            problem = f"has fewer than {_TOKEN_KEY_BYTES} bytes"
        if problem:
            found.append(f"JWT_SECRET_KEY, entry {number}, {problem}")
    return found


def weakness(secret: str, least_length: int = 0) -> str | None:
    """Return what is wrong with a secret, as the end of a sentence about it."""
    if not secret.strip():
        return "is empty"
    if any(piece in secret.lower() for piece in _KNOWN):
        return "is a known default"
    if len(set(secret)) < _DIFFERENT_CHARACTERS:
        return f"has fewer than {_DIFFERENT_CHARACTERS} different characters"
    if len(secret) < least_length:
        return f"has fewer than {least_length} characters"
    return None


SECRET_KEY = env.str("SECRET_KEY", default="")
# Former keys: they sign nothing, but what they have signed is still valid.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

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

if not DEBUG and (
    _weak := weak_secrets(
        SECRET_KEY, JWT_SECRET_KEYS, JWT_KEY_FILES, SECRET_KEY_FALLBACKS
    )
):
    raise ImproperlyConfigured(
        f"Refusing to start: {'; '.join(_weak)}. A good one comes from "
        "`python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
    )
