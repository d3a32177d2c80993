"""Checks of the secrets that a production process starts with."""

from collections.abc import Sequence

# Pieces of secrets that stand in examples, tests and tutorials.
_KNOWN = ("django-insecure-", "only-for-tests", "change-me", "change_me", "changeme")
_SECRET_KEY_LENGTH = 50
# RFC 7518, section 3.2: a key for HS256 has as many bits as the hash, at least.
_TOKEN_KEY_BYTES = 32
_DIFFERENT_CHARACTERS = 5


def weak_secrets(
    secret_key: str, token_keys: Sequence[str], token_key_files: Sequence[str]
) -> list[str]:
    """Return what is wrong with the secrets, by the variable; empty when all is well.

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
