"""A table of a real size on PostgreSQL, in seconds and without any file."""

from django.db import connection
from django.db.models import Model

from accounts.models import User
from images.models import Image


def user_key(number: str) -> str:
    """Return SQL for the key of the user with this number (an SQL expression)."""
    return _uuid7(f"1600000000000 + {number}")


def image_key(number: str) -> str:
    """Return SQL for the key of the image with this number: later is newer."""
    return _uuid7(f"1700000000000 + {number}")


def add_users(count: int, first: int = 0, **columns: str) -> None:
    """Insert users with the numbers from `first` on.

    `columns` are SQL expressions over a number `n`, here and below.
    """
    user = User(email="pattern@example.com", password="!")
    columns |= {"id": user_key("n"), "email": "'user' || n || '@example.com'"}
    _insert(user, count, first, columns)


def add_images(count: int, first: int = 0, **columns: str) -> None:
    """Insert images with the numbers from `first` on; give them an `owner_id`.

    A quarter is public, unless `columns` say otherwise.
    """
    measures = {"width": 640, "height": 480, "size": 1234, "format": "jpeg"}
    image = Image(file="x/y~id.jpg", caption="Sea", **measures)
    shares = "(ARRAY['public', 'unlisted', 'unlisted', 'private'])[1 + n / 7 % 4]"
    _insert(image, count, first, {"id": image_key("n"), "visibility": shares} | columns)


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _uuid7(milliseconds: str) -> str:
    low = f"substr(md5(({milliseconds})::text), 1, 15)"
    return f"(lpad(to_hex({milliseconds}), 12, '0') || '70008' || {low})::uuid"


def _insert(pattern: Model, count: int, first: int, columns: dict[str, str]) -> None:
    """Insert copies of an unsaved row, but for what `columns` say."""
    names, values, parameters = [], [], []
    for field in pattern._meta.local_concrete_fields:
        if field.column in columns:
            # The driver reads "%" as the start of a parameter.
            values.append(columns[field.column].replace("%", "%%"))
        elif field.db_returning:
            continue
        else:
            values.append("%s")
            value = field.pre_save(pattern, add=True)
            parameters.append(field.get_db_prep_save(value, connection))
        names.append(connection.ops.quote_name(field.column))
    table = connection.ops.quote_name(pattern._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)}"  # noqa: S608
            f" FROM generate_series({first}, {first + count - 1}) AS n",
            parameters,
        )
