"""Requests to purge a URL from the CDN. They are checked and recorded."""

import re
from typing import Any

from imagekit_emulator.config import EmulatorConfig
from imagekit_emulator.database import Database, now_ms
from imagekit_emulator.delivery_urls import path_of_url
from imagekit_emulator.errors import ApiError
from imagekit_emulator.names import new_id

MAX_URL_LENGTH = 4096
MIN_WILDCARD_PATH = 15
NEVER = {"media/catalog/*", "s/files/*"}


class Purges:
    """The purge requests of the account, oldest first."""

    def __init__(self, database: Database, config: EmulatorConfig) -> None:
        self._database = database
        self._config = config

    def add(self, url: str) -> str:
        """Record a request to purge `url`; returns its id. 400 for a bad URL."""
        self._check(url)
        request_id = new_id()
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO purges (request_id, url, created_at) VALUES (?, ?, ?)",
                (request_id, url, now_ms()),
            )
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

    def _check(self, url: str) -> None:
        if not re.match(r"https?://[^/\s]+/|/", url) or len(url) > MAX_URL_LENGTH:
            raise ApiError(400, "The url parameter is not a valid URL.")
        try:
            rest = path_of_url(self._config.url_endpoint, url).lstrip("/")
        except ValueError as error:
            raise ApiError(400, "The url parameter is not a valid URL.") from error
        if "*" not in url:
            return
        is_file = "." in rest.rpartition("/")[2]
        is_long = rest.count("/") >= 1 or len(rest) >= MIN_WILDCARD_PATH
        if "*" in url[:-1] or rest + "*" in NEVER or not (is_file or is_long):
            raise ApiError(400, "The wildcard of this URL is not supported.")
