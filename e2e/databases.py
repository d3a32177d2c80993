"""Databases of the servers, one for each."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

_POSTGRES = ("postgres", "postgresql", "psql", "pgsql")


@contextmanager
def fresh_database(run_url: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a new, empty database of the same kind as `run_url`.

    On PostgreSQL it is created on the server of `run_url` and dropped at the end.
    Otherwise it is an SQLite file in `folder`.
    """
    if urlsplit(run_url).scheme not in _POSTGRES:
        yield f"sqlite:///{folder / 'db.sqlite3'}"
        return
    parts = urlsplit(run_url)
    name = f"e2e_{uuid.uuid4().hex[:16]}"
    server = parts._replace(scheme="postgresql").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def frozen_copy(url: str) -> str:
    """Copy a database that has no connections; return the URL of the copy."""
    parts = urlsplit(url)
    maintenance = parts._replace(path="/template1").geturl()
    create = sql.SQL("CREATE DATABASE frozen TEMPLATE {}")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(create.format(sql.Identifier(parts.path[1:])))
    return parts._replace(path="/frozen").geturl()
