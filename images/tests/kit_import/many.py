"""A kit-backend with many users and images, and a list of its files."""

import hashlib
import json

import httpx
import psycopg

from images.tests.kit_import.conftest import TABLES

_HASH = "$2b$12$" + "a" * 21 + "u" + "a" * 31
# The number of files that the stand-in lists.
listed_files = 0


def fill_kit_backend(connection: psycopg.Connection, users: int, images: int) -> None:
    """Create the tables anew, with rows that name the files of the stand-in."""
    global listed_files
    listed_files = images
    connection.execute("DROP TABLE IF EXISTS images, users")
    connection.execute(TABLES)
    connection.execute(
        "INSERT INTO users (email, hashed_password, created_at)"
        " SELECT 'user' || n || '@example.com', %s,"
        " timestamp '2023-01-01' + n * interval '1 minute'"
        " FROM generate_series(1, %s) n",
        (_HASH, users),
    )
    connection.execute(
        "INSERT INTO images (user_id, image_url, imagekit_file_id, caption, created_at)"
        " SELECT 1 + n %% %s, 'https://ik.imagekit.io/demo/' || n || '.jpg',"
        " left(md5('file' || n), 24), 'Picture ' || n,"
        " timestamp '2024-01-01' + n * interval '1 second'"
        " FROM generate_series(0, %s - 1) n",
        (users, images),
    )
    connection.execute("ANALYZE")


def listing_transport() -> httpx.BaseTransport:
    """Return a stand-in for ImageKit that lists the files; a `transport` option."""
    return httpx.MockTransport(_answer)


def _answer(request: httpx.Request) -> httpx.Response:
    skip, limit = (int(request.url.params[name]) for name in ("skip", "limit"))
    numbers = range(skip, min(skip + limit, listed_files))
    content = json.dumps([_file(number) for number in numbers]).encode()
    return httpx.Response(
        200, content=content, headers={"content-type": "application/json"}
    )


def _file(number: int) -> dict[str, object]:
    name = f"{number:08}.jpg"
    return {
        "type": "file",
        "fileId": hashlib.md5(f"file{number}".encode()).hexdigest()[:24],  # noqa: S324
        "name": name,
        "filePath": f"/Imagekit_Media_Backend/{name}",
        "fileType": "image",
        "mime": "image/jpeg",
        "size": 100_000 + number,
        "width": 1600,
        "height": 1200,
        "createdAt": "2024-01-01T00:00:00.000Z",
        "updatedAt": "2024-01-01T00:00:00.000Z",
    }
