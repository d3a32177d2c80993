"""A log of requests: counters of all, and details of the latest."""

from typing import Any

from imagekit_emulator.database import Database, now_ms

KEPT = 10_000


class RequestLog:
    """Counts the requests of each operation, and the ids that bulk requests name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, operation: str, method: str, path: str, *, status: int, ids: int
    ) -> None:
        """Record a request; status 0 is a dropped connection."""
        with self._database.write() as connection:
            cursor = connection.execute(
                "INSERT INTO requests (operation, method, path, status, ids, at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (operation, method, path, status, ids, now_ms()),
            )
            connection.execute(
                "INSERT INTO request_counts VALUES (?, 1, ?) ON CONFLICT DO UPDATE"
                " SET requests = requests + 1, ids = ids + excluded.ids",
                (operation, ids),
            )
            seq = cursor.lastrowid or 0
            if seq % 1000 == 0:
                connection.execute("DELETE FROM requests WHERE seq <= ?", (seq - KEPT,))

    def counts(self) -> dict[str, int]:
        """Return the number of requests of each operation."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT operation, requests FROM request_counts")
            return {row["operation"]: row["requests"] for row in rows}

    def id_counts(self) -> dict[str, int]:
        """Return the number of ids in the requests of each operation."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT operation, ids FROM request_counts")
            return {row["operation"]: row["ids"] for row in rows}

    def latest(self, limit: int = 1000) -> list[dict[str, Any]]:
        """Return the latest requests, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT operation, method, path, status, ids, at FROM requests"
                " ORDER BY seq DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [dict(row) for row in reversed(rows)]

    def clear(self) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM requests")
            connection.execute("DELETE FROM request_counts")
