"""Forms and tokens with which a client without keys uploads one file to ImageKit."""

import json
from datetime import datetime

import jwt

from images.imagekit.names import split_path
from images.imagekit.storage import ImageKitStorage

PRE_TRANSFORMATION = "rt-auto,md-false,cp-true,q-95"
"""The transformation that removes a picture's metadata before ImageKit stores it.

Metadata can contain GPS positions, serial numbers, and thumbnails of cropped parts.
`rt-auto` applies the EXIF orientation, `md-false` removes EXIF, IPTC and XMP, `cp-true`
keeps the colour profile, `q-95` encodes JPEG, WebP and AVIF with little loss, and
`f-orig` keeps the format, whatever the account's default is.
https://imagekit.io/docs/transformations#metadata---md and, for `pre`,
https://imagekit.io/docs/dam/pre-and-post-transformation-on-upload

These pages describe the effect on delivery only. They do not promise that a
pre-transformation removes metadata, applies the orientation and keeps animations: test
it with the account."""


def upload_form(
    storage: ImageKitStorage,
    path: str,
    *,
    checks: str,
    output: str = "orig",
    issued_at: datetime,
    expires_at: datetime,
) -> dict[str, str]:
    """Return the form fields to post together with the file, and a token over them.

    ImageKit accepts the token once, and only with these fields and values. `output` is
    the format of the stored file, as a value of `f-`: HEIC has to become another one.
    `expires_at` is at most an hour after `issued_at`; fractions of a second are cut.
    https://imagekit.io/docs/api-reference/upload-file/upload-file-v2
    """
    folder, file_name = split_path(storage.remote_path(path))
    form = {
        "fileName": file_name,
        "folder": folder,
        "useUniqueFileName": "false",
        # An existing file cannot be replaced.
        "overwriteFile": "false",
        "isPrivateFile": "true" if storage.private else "false",
        "checks": checks,
        # Compact, as JavaScript writes it: a client may parse it and write it again.
        "transformation": json.dumps(
            {"pre": f"{PRE_TRANSFORMATION},f-{output}"}, separators=(",", ":")
        ),
    }
    claims = {
        **form,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    key = storage.client_options.private_key
    token = jwt.encode(claims, key, "HS256", headers={"kid": storage.public_key})
    return {**form, "token": token}
