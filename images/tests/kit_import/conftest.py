"""A database and a folder as kit-backend, the FastAPI application, leaves them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any, NamedTuple

import bcrypt
import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from accounts.models import User
from images.imagekit.aliases import imagekit_storage
from images.imagekit.names import StoredName
from images.models import Image
from images.tests.pictures import picture_bytes
from scripts.postgres import find_binaries, throwaway_postgres

# As SQLAlchemy makes them from the models of kit-backend.
TABLES = """
CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    email VARCHAR NOT NULL,
    hashed_password VARCHAR NOT NULL,
    created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT now()
);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE TABLE images (
    id SERIAL PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    image_url VARCHAR NOT NULL,
    imagekit_file_id VARCHAR,
    caption VARCHAR,
    created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT now()
);
"""
MOMENT = datetime(2024, 5, 17, 12, 30, 15, 123456)


@pytest.fixture(scope="session")
def kit_server() -> Iterator[str]:
    """Start a PostgreSQL of its own, as this run may be on SQLite; return its URL."""
    if find_binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with throwaway_postgres() as url:
        yield url


@dataclass
class Kit:
    """The database of kit-backend, and its folder at ImageKit."""

    url: str
    connection: psycopg.Connection

    def add_user(
        self,
        email: str = "ann@example.com",
        password: bytes = b"secret of ann",
        created_at: datetime | None = MOMENT,
        hashed: str | None = None,
    ) -> int:
        hashed = hashed or bcrypt.hashpw(password[:72], bcrypt.gensalt(4)).decode()
        return self._insert(
            "INSERT INTO users (email, hashed_password, created_at)"
            " VALUES (%s, %s, %s) RETURNING id",
            (email, hashed, created_at),
        )

    def add_image(
        self,
        user: int | None,
        file_id: str | None,
        caption: str | None = "Harbour",
        created_at: datetime | None = MOMENT,
        url: str = "https://ik.imagekit.io/demo/Imagekit_Media_Backend/a.jpg",
    ) -> int:
        return self._insert(
            "INSERT INTO images (user_id, image_url, imagekit_file_id, caption,"
            " created_at) VALUES (%s, %s, %s, %s, %s) RETURNING id",
            (user, url, file_id, caption, created_at),
        )

    def _insert(self, query: str, values: tuple[Any, ...]) -> int:
        return self.connection.execute(query, values).fetchone()[0]


@pytest.fixture
def kit(kit_server) -> Iterator[Kit]:
    with psycopg.connect(kit_server, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS images, users")
        connection.execute(TABLES)
        yield Kit(kit_server, connection)


@pytest.fixture
def upload() -> Callable[..., str]:
    """Store a file in kit-backend's folder; returns its id."""
    numbers = iter(range(1000))

    def store(content: bytes | None = None, name: str = "photo_{}.jpg") -> str:
        content = picture_bytes() if content is None else content
        file = ContentFile(content)
        stored = imagekit_storage("kit_backend").save(name.format(next(numbers)), file)
        return StoredName.parse(stored).file_id

    return store


class Outcome(NamedTuple):
    code: int
    text: str
    error: str

    def number(self, kind: str) -> int:
        """Return how many problems of a kind are reported."""
        for line in self.text.splitlines():
            name, _, rest = line.partition(" ")
            if name == kind:
                return int(rest.split()[0])
        return 0

    def details(self, kind: str) -> list[str]:
        lines = iter(self.text.splitlines())
        for line in lines:
            if line.startswith(kind):
                break
        found = []
        for line in lines:
            if not line.startswith("    "):
                break
            found.append(line.strip())
        return found


@pytest.fixture
def run(kit) -> Callable[..., Outcome]:
    """Run the command as the shell would."""

    def call(*arguments: str, url: str = "") -> Outcome:
        out, code, error = StringIO(), 0, ""
        try:
            call_command(
                "import_kit_backend",
                f"--database-url={url or kit.url}",
                *arguments,
                stdout=out,
                stderr=StringIO(),
            )
        except CommandError as failure:
            code, error = failure.returncode, str(failure)
        except SystemExit as exit_:
            code = exit_.code
        return Outcome(code, out.getvalue(), error)

    return call


@pytest.fixture
def import_(run) -> Callable[..., Outcome]:
    return lambda *arguments: run("--apply", *arguments)


@pytest.fixture
def place(import_):
    return lambda *arguments: import_("--leave-in-place", *arguments)


@pytest.fixture
def image(kit, upload, place) -> Image:
    """Return an image that was left in place."""
    kit.add_image(kit.add_user(), upload())
    assert place().code == 0
    return Image.objects.get()


@pytest.fixture
def api_of_ann(client_of):
    return lambda: client_of(User.objects.get(email="ann@example.com"))


@pytest.fixture
def ann(kit) -> int:
    return kit.add_user()
