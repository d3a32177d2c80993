"""The SQLite database, for any number of threads and processes."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_TIMEOUT_SECONDS = 30

SCHEMA = """
CREATE TABLE IF NOT EXISTS assets (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,                 -- file, file-version or folder
    file_id TEXT NOT NULL,              -- of a folder: its folderId
    version_id TEXT NOT NULL UNIQUE,
    version_number INTEGER NOT NULL DEFAULT 1,
    folder TEXT NOT NULL,               -- "/" or "/a/b"
    name TEXT NOT NULL,
    blob TEXT,
    size INTEGER,
    mime TEXT,
    format TEXT,
    file_type TEXT,
    width INTEGER,
    height INTEGER,
    has_alpha INTEGER,
    embedded_metadata TEXT NOT NULL DEFAULT '{}',
    tags TEXT NOT NULL DEFAULT '[]',
    ai_tags TEXT NOT NULL DEFAULT '[]',
    custom_metadata TEXT NOT NULL DEFAULT '{}',
    custom_coordinates TEXT,
    description TEXT,
    is_private INTEGER NOT NULL DEFAULT 0,
    is_published INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,        -- milliseconds since 1970, as below
    updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_current_file
    ON assets (folder, name) WHERE kind = 'file';
CREATE UNIQUE INDEX IF NOT EXISTS one_folder
    ON assets (folder, name) WHERE kind = 'folder';
CREATE INDEX IF NOT EXISTS by_file ON assets (file_id);
CREATE INDEX IF NOT EXISTS by_folder ON assets (folder, kind);
CREATE INDEX IF NOT EXISTS by_created ON assets (kind, created_at, seq);
CREATE INDEX IF NOT EXISTS by_updated ON assets (kind, updated_at, seq);
CREATE INDEX IF NOT EXISTS by_name ON assets (kind, name, seq);
CREATE INDEX IF NOT EXISTS by_size ON assets (kind, size, seq);
CREATE TABLE IF NOT EXISTS asset_tags (
    version_id TEXT NOT NULL REFERENCES assets (version_id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (version_id, tag)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_tag ON asset_tags (tag);
CREATE TABLE IF NOT EXISTS used_tokens (token TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS purges (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    polls INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS jobs (
    job_id TEXT PRIMARY KEY, type TEXT NOT NULL, purge_request_id TEXT
);
CREATE TABLE IF NOT EXISTS faults (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL,
    definition TEXT NOT NULL,           -- JSON
    seen INTEGER NOT NULL DEFAULT 0     -- matching requests so far
);
CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,            -- 0: the connection was dropped
    ids INTEGER NOT NULL,
    at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS request_counts (
    operation TEXT PRIMARY KEY,
    requests INTEGER NOT NULL,
    ids INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS webhook (url TEXT NOT NULL, secret TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS webhook_messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    status INTEGER NOT NULL             -- of the answer; 0: there was none
);
"""


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Database:
    """A pool of connections to one file; it grows as threads need them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._pid = os.getpid()
        # A child process must neither use nor close the connections of its parent:
        # closing them would drop the parent's locks. So the child keeps them unused.
        self._abandoned: list[sqlite3.Connection] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._create()

    def _create(self) -> None:
        # Several processes may start at once. SQLite does not wait for a lock when it
        # changes the journal mode, so this tries again.
        deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
        while True:
            try:
                with self.read() as connection:
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.executescript(SCHEMA)
                return
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._pid != os.getpid():
                self._abandoned += self._idle
                self._idle = []
                self._pid = os.getpid()
            if self._idle:
                return self._idle.pop()
        return self._open()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection without a transaction."""
        connection = self._take()
        try:
            yield connection
        finally:
            with self._lock:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection inside a transaction that holds the write lock."""
        with self.read() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close all connections; those that are lent are closed when they come back."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
