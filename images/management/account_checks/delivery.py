"""Checks of delivery URLs."""

from django.conf import settings

from images.imagekit.delivery_urls import sign_url
from images.management.account_checks.account import Account, Notice, Problem
from images.management.account_checks.samples import animation

# More than 100 megapixels, with 1.4 in a frame.
_FRAMES, _SIDE = 75, 1200


def check_unsigned_urls(account: Account) -> str:
    """Check that IMAGEKIT_SIGN fits the account's switch for unsigned URLs."""
    plain = account.public.plain_url(account.public_file)
    is_free = account.fetch_status(plain) == 200
    signs_all = settings.IMAGEKIT_SIGN == "all"
    if not is_free and signs_all:
        return "all URLs need a signature, and have one (IMAGEKIT_SIGN=all)"
    if not is_free:
        raise Problem(
            "ImageKit refuses URLs without a signature, so public images would not "
            'show. Set IMAGEKIT_SIGN=all, or switch off "restrict unsigned URLs" in '
            "ImageKit's dashboard."
        )
    if signs_all:
        raise Notice(
            "ImageKit delivers URLs without a signature, although IMAGEKIT_SIGN=all. "
            'Switch on "restrict unsigned URLs" in ImageKit\'s dashboard, or set '
            "IMAGEKIT_SIGN=private."
        )
    return "URLs of public images need no signature (IMAGEKIT_SIGN=private)"


def check_public_url(account: Account) -> str:
    """Check that the URL of a public image works."""
    status = account.fetch_status(account.public.url(account.public_file))
    if status != 200:
        raise Problem(f"The URL of a public image answers {status}.")
    return "a public image is delivered"


def check_transformations(account: Account) -> str:
    """Check that transformations without a name are delivered."""
    url = account.public.plain_url(account.public_file, "w-8,h-8,f-auto")
    # With a signature, so that only the transformation can be the reason.
    url = sign_url(url, account.public.url_endpoint, account.options.private_key)
    status = account.fetch_status(url)
    if status != 200:
        raise Problem(
            f"ImageKit answers {status} to a transformation in a URL, so thumbnails "
            'would not show. Switch off "restrict unnamed transformations" in '
            "ImageKit's dashboard."
        )
    return "transformations in URLs work"


def check_expiring_urls(account: Account) -> str:
    """Check that a signed URL works until it expires."""
    status = account.fetch_status(account.private.url(account.private_file))
    if status != 200:
        raise Problem(
            f"ImageKit answers {status} to a signed URL that expires, so private "
            "images would not show. Compare IMAGEKIT_PRIVATE_KEY and this machine's "
            "clock with the dashboard."
        )
    expired = account.private.url(account.private_file, now=1)
    if account.fetch_status(expired) == 200:
        raise Problem(
            "ImageKit delivers a private file although its URL has expired: a URL "
            "that was passed on would work for ever."
        )
    return "signed URLs work until they expire"


def check_named_transformation(account: Account) -> str:
    """Report whether a named transformation opens a private file."""
    url = account.private.plain_url(account.private_file, "n-ik_ml_thumbnail")
    if account.fetch_status(url) != 200:
        return "a named transformation of a private file needs a signature"
    text = (
        "Whoever knows the path of a private image gets its thumbnail without a "
        "signature, with ?tr=n-ik_ml_thumbnail. "
    )
    if settings.IMAGEKIT_SIGN == "all":
        raise Notice(text + 'Switch on "restrict unsigned URLs" for all URLs.')
    return text + "ImageKit documents this; IMAGEKIT_SIGN=all prevents it."


def check_frames(account: Account) -> str:
    """Report whether frames count against ImageKit's limit of pixels."""
    name = account.store(animation(_FRAMES, _SIDE), path=account.new_path(".gif"))
    url = account.public.url(name, "w-16,f-auto")
    megapixels = _FRAMES * _SIDE * _SIDE // 1_000_000
    text = f"an animation of {megapixels} megapixels, {_FRAMES} frames together, "
    status = account.fetch_status(url)
    if status == 200:
        return text + "is delivered: frames do not count against the limit of pixels"
    raise Notice(
        text + f"gets {status}: frames count against ImageKit's limit of 100 "
        "megapixels. Such animations are stored, but not shown in smaller sizes."
    )
