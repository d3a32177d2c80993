"""Checks of uploads."""

from django.conf import settings

from images.imagekit.direct_upload import fetch_picture
from images.imagekit.errors import StorageRejected
from images.imagekit.names import StoredName
from images.management.account_checks.account import Account, Problem
from images.management.account_checks.samples import (
    CAMERA,
    animation,
    count_frames,
    large_picture,
    photo,
    picture,
)


def check_upload(account: Account) -> str:
    """Check that a file is stored."""
    name = account.public_file
    if account.public.size(name) != len(picture()):
        raise Problem("ImageKit has stored another size than was sent.")
    return account.public.url(name)


def check_original(account: Account) -> str:
    """Check that the stored bytes can be read back."""
    with account.public.open(account.public_file) as file:
        if file.read() != picture():
            raise Problem(
                "ImageKit delivers other bytes than were stored, even with orig-true: "
                "images cannot be moved between public and private."
            )
    return "the stored bytes can be read back"


def check_private_file(account: Account) -> str:
    """Check that a private file is not delivered without a signature."""
    name = account.private_file
    is_private = fetch_picture(
        account.private, str(StoredName.parse(name).file_id)
    ).private
    plain = account.private.plain_url(name)
    # An account that restricts unsigned URLs would refuse a public file too.
    if not is_private or account.fetch_status(plain) == 200:
        raise Problem(
            "ImageKit delivers a private file without a signature, so private images "
            "would be public. Ask ImageKit to support private files (isPrivateFile) "
            "for this account before you use it."
        )
    return "a private file needs a signature"


def check_upload_limit(account: Account) -> str:
    """Check that a file of UPLOAD_MAX_BYTES is accepted."""
    size = settings.UPLOAD_MAX_BYTES
    try:
        account.store(large_picture(size))
    except StorageRejected as error:
        raise Problem(
            f"ImageKit refuses a file of UPLOAD_MAX_BYTES ({size} bytes). Set "
            f"UPLOAD_MAX_BYTES to the limit of the account's plan. {error}"
        ) from error
    return f"{size} bytes are accepted"


def check_upload_checks(account: Account) -> str:
    """Check that ImageKit enforces the condition in a ticket."""
    answer = account.post_with_ticket(account.new_path(), picture(), '"file.size" <= 1')
    if answer.status_code == 200:
        raise Problem(
            "ImageKit ignores the checks of an upload, so tickets do not limit size "
            "and type. Do not use direct uploads with this account."
        )
    if answer.status_code != 400:
        raise Problem(
            "ImageKit answers to a failed check with an unexpected status: "
            f"{answer.status_code}."
        )
    return "a file that does not meet the checks is refused"


def check_direct_upload(account: Account) -> str:
    """Check that a photo of a direct upload is upright and without metadata."""
    stored = account.store_with_ticket(photo(), ".jpg")
    with account.public.open(stored.name) as file:
        content = file.read()
    if CAMERA.encode() in content:
        raise Problem(
            "The pre-transformation does not remove the metadata, so direct uploads "
            "would tell where photos were taken. Do not use direct uploads."
        )
    if (stored.width, stored.height) != (8, 16):
        raise Problem(
            "The pre-transformation does not apply the orientation, so photos of "
            "direct uploads would lie on their side. Do not use direct uploads."
        )
    return f"{stored.size} bytes, upright and without metadata"


def check_animation(account: Account) -> str:
    """Check that an animation of a direct upload stays one."""
    stored = account.store_with_ticket(animation(3, 8), ".gif")
    with account.public.open(stored.name) as file:
        frames = count_frames(file.read())
    if frames != 3:
        raise Problem(
            f"The pre-transformation keeps {frames} of 3 frames, so animations of "
            "direct uploads would stand still. Upload animations through this server."
        )
    return "an animation keeps its frames"
