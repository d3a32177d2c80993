"""Password hashers."""

from typing import Any

import bcrypt
from django.contrib.auth.hashers import BCryptPasswordHasher

# Longer passwords were cut by all versions of bcrypt before 5, which raises.
_BYTES_USED = 72


class ImportedBcryptHasher(BCryptPasswordHasher):
    """Check plain bcrypt hashes that another application has made.

    As the first hasher of PASSWORD_HASHERS is another one, they are replaced when their
    users sign in.
    """

    def encode(self, password: str, salt: Any) -> str:
        data = bcrypt.hashpw(password.encode()[:_BYTES_USED], salt)
        return f"{self.algorithm}${data.decode('ascii')}"
