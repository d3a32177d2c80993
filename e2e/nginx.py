"""nginx on loopback, with the configuration in the documentation."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from e2e.examples import example
from e2e.parts import Part
from e2e.servers import answers, bare_environ
from scripts.processes import free_port

# The outer configuration, which a distribution's nginx.conf has.
_MAIN = """\
daemon off;
{user}
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}}
"""


def find_nginx() -> str | None:
    # Debian installs it into a folder that only root has in PATH.
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def nginx(folder: Path, instances: list[str], path: str = "") -> Part:
    """Return an nginx for two instances; only hosts, ports and the path are changed.

    With a `path`, such as `/media`, the rest of the host is not the instances'.
    """
    listen = f"127.0.0.1:{free_port()}"
    changes = {
        "listen 80;": f"listen {listen};",
        "location / {": f"location {path}/ {{",
    }
    for wanted, url in zip(
        ("10.0.0.11:8000", "10.0.0.12:8000"), instances, strict=True
    ):
        changes[f"server {wanted} "] = f"server {urlsplit(url).netloc} "
    site = example("nginx.conf", changes)
    (folder / "site.conf").write_text(site)
    # If root runs the tests, other users cannot read their folders.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_MAIN.format(user=user))
    url = f"http://{listen}{path}"
    return Part(
        command=(find_nginx(), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"),
        cwd=folder,
        environ=bare_environ(),
        log=folder / "nginx.log",
        is_ready=lambda: answers(url),
        url=url,
    )
