"""Requests to purge a URL from the CDN: checked and recorded."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from imagekit_emulator.blobs import BlobStore
from imagekit_emulator.config import EmulatorConfig
from imagekit_emulator.database import Database, now_ms
from imagekit_emulator.errors import ApiError
from imagekit_emulator.names import new_id

MAX_URL_LENGTH = 4096
MIN_WILDCARD_PATH = 15
NEVER = {"media/catalog/*", "s/files/*"}


class Purges:
    """The purge requests of the account, oldest first."""

    def __init__(
        self, database: Database, blobs: BlobStore, config: EmulatorConfig
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._config = config

    def add(self, url: str) -> str:
        """Record a request to purge `url` and give its id; 400 for a bad URL."""
        self._check(url)
        request_id = new_id()
        path = self.path_of(url)
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO purges (request_id, url, created_at) VALUES (?, ?, ?)",
                (request_id, url, now_ms()),
            )
            # A wildcard after a file covers its query-style variants and versions.
            # Path-style variants (`tr:` before the file) are other paths and stay.
            purged = connection.execute(
                "DELETE FROM cached WHERE CASE WHEN ? THEN"
                " substr(key, 1, ?) = ? ELSE key = ? END RETURNING blob",
                (url.endswith("*"), len(path), path, path),
            ).fetchall()
        for row in purged:
            self._blobs.remove(row["blob"])
        return request_id

    def poll(self, request_id: str) -> str:
        """Return the state of a purge: "Pending" at first, then "Completed"."""
        with self._database.write() as connection:
            row = connection.execute(
                "UPDATE purges SET polls = polls + 1 WHERE request_id = ?"
                " RETURNING polls",
                (request_id,),
            ).fetchone()
        if row is None:
            raise ApiError(400, "No request found with this requestId.")
        pending = row["polls"] <= self._config.purge_pending_polls
        return "Pending" if pending else "Completed"

    def all(self) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT request_id, url, polls, created_at FROM purges ORDER BY seq"
            ).fetchall()
        return [
            {
                "requestId": row["request_id"],
                "url": row["url"],
                "polls": row["polls"],
                "createdAt": row["created_at"],
            }
            for row in rows
        ]

    def path_of(self, url: str) -> str:
        """Return the path and query below the endpoint, without a closing wildcard."""
        parts = urlsplit(url.removesuffix("*"))
        # The first step is the id of the account, and a mount may lie before it.
        prefix = urlsplit(self._config.url_endpoint).path or "/"
        path = parts.path.removeprefix(prefix.rstrip("/"))
        return unquote(path) + (f"?{parts.query}" if parts.query else "")

    def _check(self, url: str) -> None:
        if not re.match(r"https?://[^/\s]+/|/", url) or len(url) > MAX_URL_LENGTH:
            raise ApiError(400, "The url parameter is not a valid URL.")
        try:
            rest = self.path_of(url).lstrip("/")
        except ValueError as error:
            raise ApiError(400, "The url parameter is not a valid URL.") from error
        if "*" not in url:
            return
        is_file = "." in rest.rpartition("/")[2]
        is_long = rest.count("/") >= 1 or len(rest) >= MIN_WILDCARD_PATH
        if "*" in url[:-1] or rest + "*" in NEVER or not (is_file or is_long):
            raise ApiError(400, "The wildcard of this URL is not supported.")
