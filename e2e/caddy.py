"""Caddy on loopback, with deploy/Caddyfile and certificates of its own."""

import shutil
from pathlib import Path

from e2e.examples import changed
from e2e.parts import Part
from e2e.servers import answers, bare_environ
from e2e.tls import TRUSTED
from scripts.processes import free_port

CADDYFILE = Path(__file__).resolve().parent.parent / "deploy/Caddyfile"


def caddy(folder: Path, upstream: str) -> Part:
    """Return a Caddy with TLS for localhost, in front of `upstream`."""
    # No redirects from the port of HTTP, which other tests may have.
    options = "\tauto_https disable_redirects\n\tskip_install_trust\n\tadmin off\n"
    changes = {"\tservers {\n": f"{options}\tservers {{\n"}
    (folder / "Caddyfile").write_text(changed(CADDYFILE, changes))
    url = f"https://localhost:{free_port()}"
    files = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    root = folder / "caddy/pki/authorities/local/root.crt"

    def is_ready() -> bool:
        if not root.exists():
            return False
        TRUSTED.load_verify_locations(root)
        return answers(url)

    return Part(
        command=(shutil.which("caddy"), "run", "--config", "Caddyfile"),
        cwd=folder,
        environ=bare_environ() | files | {"DOMAIN": url, "UPSTREAM": upstream},
        log=folder / "caddy.log",
        is_ready=is_ready,
        url=url,
    )
