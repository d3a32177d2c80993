"""Fill a database with users and rows of images, without files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Model
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
_USER = ("id", "email", "display_name", "password", "date_joined")
_COUNTS = ("item_count", "stored_bytes", "content_version")
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
    keys = [_key(now - _SPAN - timedelta(minutes=n), dice) for n in range(users)]
    totals = [[0, 0] for _ in keys]

    def image_rows() -> Iterator[RowValues]:
        for number in range(images):
            moment = now - _SPAN * (1 - (number + 1) / images)
            owner = 0 if number < largest else dice.randrange(min(1, users - 1), users)
            row, size = _image(keys[owner], moment, dice)
            totals[owner][0] += 1
            totals[owner][1] += size
            progress()
            yield row

    with transaction.atomic():
        # The images come first, as they are counted for their owners' rows. Foreign
        # keys are checked at the commit.
        # They have a fingerprint, as the sweep asks ImageKit for a preview of those
        # that have none.
        _copy(Image(perceptual_hash=0), _IMAGE, image_rows())
        _copy(User(), (*_USER, *_COUNTS), _user_rows(keys, totals, now, password))


def _user_rows(
    keys: Sequence[UUID],
    totals: Iterable[Sequence[int]],
    now: datetime,
    password: str | None,
) -> Iterator[RowValues]:
    # One hash for all users, as hashing is slow on purpose.
    secret = make_password(password)
    for number, (key, (count, size)) in enumerate(zip(keys, totals, strict=True)):
        joined = now - _SPAN - timedelta(minutes=number)
        profile = (key, seeded_email(number), f"Seeded {number}", secret, joined)
        # Each upload is one change.
        yield (*profile, count, size, count)


def _image(owner: UUID, moment: datetime, dice: Random) -> tuple[RowValues, int]:
    """Return the row of an image, and its size in bytes."""
    key = _key(moment, dice)
    kind = dice.choice(_FORMATS)
    width, height = dice.choice(_SIZES)
    size = width * height // dice.randint(4, 12)
    path = f"{FOLDER}/{owner}/{key}.{kind.extension}"
    file = str(StoredName(path, f"{dice.getrandbits(96):024x}"))
    caption = f"{dice.choice(_WHAT)} {dice.choice(_WHEN)}".strip()
    row = (
        *(key, owner, file, caption, f"{caption}, seeded without a file"),
        *(dice.choice(_SHARES), width, height, size, kind.value),
        *(f"{dice.getrandbits(256):064x}", moment, moment),
    )
    return row, size


def _key(moment: datetime, dice: Random) -> UUID:
    """Return a UUIDv7 of that moment."""
    noise = dice.getrandbits(12) << 64 | dice.getrandbits(62)
    return UUID(int=first_uuid7(moment).int | noise)


def _copy(pattern: Model, columns: Sequence[str], rows: Iterable[RowValues]) -> None:
    """Insert rows of these columns by COPY; `pattern` has the other columns' values."""
    constants = {
        str(field.column): field.get_db_prep_save(
            field.pre_save(pattern, add=True), connection
        )
        for field in pattern._meta.local_concrete_fields
        if field.column not in columns
    }
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, (*columns, *constants)))
    table = quote(pattern._meta.db_table)
    with connection.cursor() as cursor:
        copying = cast(Any, cursor).copy(f"COPY {table} ({names}) FROM STDIN")
        with copying as copy:
            for row in rows:
                copy.write_row((*row, *constants.values()))
