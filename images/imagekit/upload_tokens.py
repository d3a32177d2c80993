"""The form that lets somebody without our keys upload one file to ImageKit."""

import json
from datetime import datetime

import jwt

from images.imagekit.names import split_path
from images.imagekit.storage import ImageKitStorage

PRE_TRANSFORMATION = "rt-auto,md-false,cp-true,q-95,f-orig"
"""What ImageKit does to a picture before it stores it, so that no byte of the
metadata is kept: GPS, serial numbers, thumbnails of what was cropped away.

`rt-auto` turns the picture as its EXIF orientation says, which is lost with the
rest; `md-false` drops EXIF, IPTC and XMP; `cp-true` keeps the colour profile, without
which wide colours look wrong; `q-95` encodes JPEG and WebP anew with little loss, and
`f-orig` in their own format whatever the account's default is.
https://imagekit.io/docs/transformations#metadata---md and, for `pre`,
https://imagekit.io/docs/dam/pre-and-post-transformation-on-upload

In doubt, as the pages say it of delivery only: that a pre-transformation drops
metadata and turns pictures as well, and that it keeps animations. The command
`check_imagekit` finds out with your account."""


def upload_form(
    storage: ImageKitStorage,
    path: str,
    *,
    checks: str,
    issued_at: datetime,
    expires_at: datetime,
) -> dict[str, str]:
    """Return the fields to post beside the file, with a token that fixes them all.

    ImageKit takes the token once, and no other field or value with it.
    `expires_at` is an hour after `issued_at` at most; whole seconds count.
    https://imagekit.io/docs/api-reference/upload-file/upload-file-v2
    """
    folder, file_name = split_path(f"{storage.location}/{path}")
    form = {
        "fileName": file_name,
        "folder": folder,
        "useUniqueFileName": "false",
        # Nothing that is there can be replaced.
        "overwriteFile": "false",
        "isPrivateFile": "true" if storage.private else "false",
        "checks": checks,
        "transformation": json.dumps({"pre": PRE_TRANSFORMATION}),
    }
    claims = {
        **form,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    key = storage.client_options.private_key
    token = jwt.encode(claims, key, "HS256", headers={"kid": storage.public_key})
    return {**form, "token": token}
