"""Fill a database with users and rows of images, without files."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from images.imagekit.names import StoredName
from images.models import Format, Image
from mediabackend.db.ids import first_uuid7

# Real files are in folders named by UUIDs, so none is in this folder.
FOLDER = "seeded"
_SPAN = timedelta(days=730)
_WHAT = ("Harbour", "Old town", "Breakfast", "Cat on the sofa", "Mountain", "Bridge")
_WHEN = ("at dusk", "in the rain", "on Sunday", "after the storm", "from above", "")
_SIZES = ((4032, 3024), (3024, 4032), (1920, 1080), (1080, 1080), (640, 480))
_FORMATS = (Format.JPEG,) * 8 + (Format.PNG, Format.WEBP)
# A quarter is public.
_SHARES = ("public", "unlisted", "unlisted", "private")

RowValues = tuple[Any, ...]
_IMAGE = (
    *("id", "owner_id", "file", "caption", "alt_text", "visibility"),
    *("width", "height", "size", "format", "sha256", "created_at", "updated_at"),
)


def seeded_email(number: int) -> str:
    """Return the email of the seeded user with this number.

    No mail can be sent to it (RFC 2606, section 2).
    """
    return f"seeded-{number}@seeded.invalid"


def seed(
    images: int,
    users: int,
    largest: int = 0,
    password: str | None = None,
    progress: Callable[[], object] = lambda: None,
) -> None:
    """Add users, and images spread over two years, in one transaction.

    The oldest `largest` images belong to the user number 0, the others to the other
    users. Each run makes the same data, except for keys, times and password hashes.
    Without a password nobody can sign in. `progress` is called for each image. It
    needs PostgreSQL.
    """
    # For test data, not for secrets.
    dice = Random(images)  # noqa: S311  # nosec B311
    now = timezone.now()
    owners = _owners(users, now - _SPAN, password, dice)

    def image_rows() -> Iterator[RowValues]:
        for number in range(images):
            moment = now - _SPAN * (1 - (number + 1) / images)
            chosen = 0 if number < largest else dice.randrange(min(1, users - 1), users)
            progress()
            yield _image(owners[chosen], moment, dice)

    with transaction.atomic():
        # The images come first, as they are counted for their owners' rows. Foreign
        # keys are checked at the commit.
        _copy(image_rows())
        # Without the events that the query set of users notes.
        QuerySet[User](User).bulk_create(owners, batch_size=1000)


def _owners(
    number: int, newest: datetime, password: str | None, dice: Random
) -> list[User]:
    # One hash for all users, as hashing is slow on purpose.
    secret = make_password(password)
    moments = [newest - timedelta(minutes=place) for place in range(number)]
    return [
        User(
            id=_key(moment, dice),
            email=seeded_email(place),
            display_name=f"Seeded {place}",
            password=secret,
            date_joined=moment,
        )
        for place, moment in enumerate(moments)
    ]


def _image(owner: User, moment: datetime, dice: Random) -> RowValues:
    """Return the row of an image, and count it for its owner."""
    key = _key(moment, dice)
    kind = dice.choice(_FORMATS)
    width, height = dice.choice(_SIZES)
    size = width * height // dice.randint(4, 12)
    path = f"{FOLDER}/{owner.pk}/{key}.{kind.extension}"
    file = str(StoredName(path, f"{dice.getrandbits(96):024x}"))
    caption = f"{dice.choice(_WHAT)} {dice.choice(_WHEN)}".strip()
    owner.item_count += 1
    owner.stored_bytes += size
    # Each upload is one change.
    owner.content_version += 1
    return (
        *(key, owner.pk, file, caption, f"{caption}, seeded without a file"),
        *(dice.choice(_SHARES), width, height, size, kind.value),
        *(f"{dice.getrandbits(256):064x}", moment, moment),
    )


def _key(moment: datetime, dice: Random) -> UUID:
    """Return a UUIDv7 of that moment."""
    noise = dice.getrandbits(12) << 64 | dice.getrandbits(62)
    return UUID(int=first_uuid7(moment).int | noise)


def _copy(rows: Iterable[RowValues]) -> None:
    """Insert images by COPY; their other columns are those of a new image."""
    # With a fingerprint, as the sweep asks ImageKit for a preview of those without.
    pattern = Image(perceptual_hash=0)
    constants = {
        str(field.column): field.get_db_prep_save(
            field.pre_save(pattern, add=True), connection
        )
        for field in Image._meta.local_concrete_fields
        if field.column not in _IMAGE
    }
    names = ", ".join((*_IMAGE, *constants))
    with connection.cursor() as cursor:
        copying = cast(Any, cursor).copy(f"COPY images_image ({names}) FROM STDIN")
        with copying as copy:
            for row in rows:
                copy.write_row((*row, *constants.values()))
