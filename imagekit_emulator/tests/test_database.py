"""The pool of connections to the emulator's database."""

import sqlite3

import pytest

from imagekit_emulator.database import Database


def test_close__reaches_connections_that_are_lent(tmp_path):
    """As those of a request that outlives the emulator of its test."""
    database = Database(tmp_path / "index.sqlite3")
    with database.read() as lent:
        database.close()
        assert lent.execute("SELECT 1").fetchone()[0] == 1
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        lent.execute("SELECT 1")
