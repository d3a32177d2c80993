"""PgBouncer on loopback, with the configuration in the documentation."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from e2e.examples import example
from e2e.parts import Part
from e2e.servers import bare_environ
from scripts.processes import free_port

POOL_SIZE = 2


def find_pgbouncer() -> str | None:
    # Debian installs it into a folder that only root has in PATH.
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def pgbouncer(folder: Path, postgres_url: str) -> Iterator[str]:
    """Run it with a small pool; yield the DATABASE_URL for its clients."""
    server, port = urlsplit(postgres_url), free_port()
    text = example(
        "pgbouncer.ini",
        {
            "host=10.0.0.21 port=5432 dbname=mediabackend": (
                f"host=127.0.0.1 port={server.port} dbname=postgres user=postgres"
            ),
            "listen_addr = 10.0.0.31": "listen_addr = 127.0.0.1",
            "listen_port = 6432": f"listen_port = {port}\nunix_socket_dir =",
            "auth_type = scram-sha-256": "auth_type = any",
            "auth_file = /etc/pgbouncer/userlist.txt": "",
            "default_pool_size = 20": f"default_pool_size = {POOL_SIZE}",
            "max_client_conn = 1000": "max_client_conn = 100",
        },
    )
    # PgBouncer refuses to run as root, and other users cannot read root's folders.
    user = ("-u", "nobody") if os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory() as own:
        Path(own).chmod(0o755)
        config = Path(own) / "pgbouncer.ini"
        config.write_text(text)
        part = Part(
            command=(find_pgbouncer(), *user, str(config)),
            cwd=folder,
            environ=bare_environ(),
            log=folder / "pgbouncer.log",
            is_ready=lambda: _listens(port),
        )
        with part:
            url = f"postgres://postgres@127.0.0.1:{port}/mediabackend"
            yield f"{url}?DISABLE_SERVER_SIDE_CURSORS=true"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
