"""TLS between tests and servers: certificates that only the tests trust."""

import ssl
import subprocess
from pathlib import Path

# For the HTTP clients of the tests; certificates are added to it.
TRUSTED = ssl.create_default_context()


def self_signed(folder: Path, host: str) -> tuple[Path, Path]:
    """Make a certificate for a host, which the tests trust; return it and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = (
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
        *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
        *("-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"),
        *("-keyout", str(key), "-out", str(certificate)),
    )
    subprocess.run(command, check=True, capture_output=True)
    TRUSTED.load_verify_locations(certificate)
    return certificate, key
