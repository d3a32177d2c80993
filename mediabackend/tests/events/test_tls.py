"""The certificate of the receiver is checked against the name in EVENTS_URL."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mediabackend.events import receiver as network
from mediabackend.events.models import Event
from mediabackend.events.sending import SentEvents, send_events


@pytest.fixture
def certified(tmp_path: Path, receiver, settings, monkeypatch) -> Callable[[str], None]:
    """Let the receiver speak TLS with a trusted certificate of this name."""

    def make(name: str) -> None:
        path = tmp_path / "receiver.pem"
        path.write_bytes(self_signed(name))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        receiver.socket = context.wrap_socket(
            receiver.socket, server_side=True, do_handshake_on_connect=False
        )
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        network._tls.cache_clear()
        settings.EVENTS_URL = f"https://localhost:{receiver.server_port}/hook"

    yield make
    network._tls.cache_clear()


def self_signed(name: str) -> bytes:
    """Return a private key and its certificate as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(pem)


def test_certificate_of_the_name__is_accepted(certified, receiver, note):
    note()
    certified("localhost")
    assert send_events() == SentEvents(sent=1)
    assert len(receiver.messages) == 1


def test_certificate_of_another_name__is_refused(certified, receiver, note):
    note()
    certified("other.example")
    assert send_events() == SentEvents(failed=1)
    assert receiver.messages == []
    assert "CERTIFICATE_VERIFY_FAILED" in Event.objects.get().last_error
