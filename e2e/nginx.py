"""nginx on loopback, with the configuration in deploy/nginx/."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from e2e.examples import changed
from e2e.parts import Part
from e2e.servers import answers, bare_environ
from e2e.tls import self_signed
from scripts.processes import free_port

SITE = Path(__file__).resolve().parent.parent / "deploy/nginx/mediabackend.conf"
_FAILURES = "max_fails=3 fail_timeout=5s"
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
    """Return an nginx for these instances, without TLS; see also `tls_nginx`.

    With a `path`, such as `/media`, the rest of the host is not the instances'.
    """
    listen = f"127.0.0.1:{free_port()}"
    text = _site(instances, f"listen {listen};", path)
    lines = [line for line in text.splitlines() if "ssl" not in line]
    url = f"http://{listen}{path}"
    return _part(folder, "\n".join(lines), url)


def tls_nginx(folder: Path, instances: list[str], host: str = "localhost") -> Part:
    """Return an nginx with TLS for `host`, and a certificate that tests trust.

    Each of `instances` is the URL of one, or a path of a socket with `unix:` before it.
    """
    port = free_port()
    text = _site(instances, f"listen 127.0.0.1:{port} ssl http2;")
    certificate, key = self_signed(folder, host)
    text = text.replace("media.example.com", host)
    live = f"/etc/letsencrypt/live/{host}"
    text = text.replace(f"{live}/fullchain.pem", str(certificate))
    text = text.replace(f"{live}/privkey.pem", str(key))
    return _part(folder, text, f"https://{host}:{port}")


def _site(instances: list[str], listen: str, path: str = "") -> str:
    """Return our configuration for these instances, on another port."""
    servers = [
        url if url.startswith("unix:") else f"{urlsplit(url).netloc} {_FAILURES}"
        for url in instances
    ]
    changes = {
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl http2;": listen,
        "listen [::]:80;": "",
        "location / {\n        error_page": f"location {path}/ {{\n        error_page",
        "listen [::]:443 ssl http2;": "",
        "server unix:/run/mediabackend-web.sock;": "".join(
            f"server {server};\n" for server in servers
        ),
    }
    return changed(SITE, changes)


def _part(folder: Path, site: str, url: str) -> Part:
    (folder / "site.conf").write_text(site)
    # If root runs the tests, other users cannot read their folders.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_MAIN.format(user=user))
    return Part(
        command=(find_nginx(), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"),
        cwd=folder,
        environ=bare_environ(),
        log=folder / "nginx.log",
        is_ready=lambda: answers(url),
        url=url,
    )
