"""Read the two tables of kit-backend, in batches ordered by key."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import psycopg

BATCH = 1000
_USERS = (
    "SELECT id, created_at, coalesce(email, ''), coalesce(hashed_password, '')"
    " FROM users"
)
_IMAGES = (
    "SELECT id, created_at, user_id, coalesce(imagekit_file_id, ''),"
    " coalesce(caption, ''), coalesce(image_url, '') FROM images"
)
_SAME_EMAIL = (
    "SELECT lower(btrim(email)), array_agg(id ORDER BY created_at, id) FROM users"
    " GROUP BY 1 HAVING count(*) > 1 ORDER BY 1"
)
# SQLAlchemy names the driver too: postgresql+psycopg2://
_DRIVER = re.compile(r"^postgres(?:ql)?\+\w+://")
_EPOCH = datetime.fromtimestamp(0, UTC)
_Row = TypeVar("_Row")


class KitUser(NamedTuple):
    """A row of `users`."""

    id: Any
    created_at: datetime
    email: str
    hashed_password: str

    @property
    def source(self) -> str:
        return f"users/{self.id}"


class KitImage(NamedTuple):
    """A row of `images`."""

    id: Any
    created_at: datetime
    user_id: Any
    file_id: str
    caption: str
    url: str

    @property
    def source(self) -> str:
        return f"images/{self.id}"

    @property
    def owner_source(self) -> str:
        return f"users/{self.user_id}"


class KitBackend:
    """The database of kit-backend; nothing is written to it."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        # Refused by the server: not only by this code.
        connection.read_only = True

    def counts(self) -> tuple[int, int]:
        """Return the numbers of users and images.

        Raises psycopg.Error if a table or a column is missing.
        """
        self._fetch(f"{_USERS} LIMIT 0")
        self._fetch(f"{_IMAGES} LIMIT 0")
        query = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM images)"
        users, images = self._fetch(query)[0]
        return users, images

    def same_emails(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each e-mail of several users, and their sources, the oldest first."""
        for email, keys in self._fetch(_SAME_EMAIL):
            yield email, [f"users/{key}" for key in keys]

    def users(self) -> Iterator[list[KitUser]]:
        return self._batches(_USERS, KitUser)

    def images(self) -> Iterator[list[KitImage]]:
        return self._batches(_IMAGES, KitImage)

    def _batches(self, query: str, make: Callable[..., _Row]) -> Iterator[list[_Row]]:
        """Yield batches by key.

        An open cursor would keep one transaction for days, which a database in use
        suffers from.
        """
        end = f"ORDER BY id LIMIT {BATCH}"
        rows = self._fetch(f"{query} {end}")
        while rows:
            yield [make(key, _moment(at), *others) for key, at, *others in rows]
            rows = self._fetch(f"{query} WHERE id > %s {end}", rows[-1][0])

    def _fetch(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self._connection.transaction():
            # Every query is one of the constants above.
            return self._connection.execute(query, parameters).fetchall()


@contextmanager
def opening_kit_backend(url: str) -> Iterator[KitBackend]:
    """Connect to the database of kit-backend; raises psycopg.Error."""
    url = _DRIVER.sub("postgresql://", url)
    # Without prepared statements, as some poolers do not know them.
    with psycopg.connect(url, connect_timeout=10, prepare_threshold=None) as connection:
        yield KitBackend(connection)


def _moment(value: datetime | None) -> datetime:
    """Return the time in UTC, which kit-backend writes without a zone.

    Keys begin with the time, so none is before 1970.
    """
    if value is None:
        return _EPOCH
    return max(_EPOCH, value if value.tzinfo else value.replace(tzinfo=UTC))
