"""The mails that a server has sent, which it writes to files."""

import email
import email.policy
import re
import time
from email.message import EmailMessage
from typing import cast

from e2e.servers import Server

WAIT_SECONDS = 10


def mails_to(server: Server, address: str) -> list[EmailMessage]:
    """Return the mails to an address, oldest first."""
    files = sorted(
        (server.folder / "mails").glob("*.log"), key=lambda file: file.stat().st_mtime
    )
    found = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in files
    ]
    return [cast(EmailMessage, mail) for mail in found if mail["To"] == address]


def link_to(server: Server, address: str, subject: str) -> str:
    """Wait for a mail with this subject; returns the link in its HTML."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        for mail in reversed(mails_to(server, address)):
            if mail["Subject"] == subject:
                html = mail.get_body(("html",)).get_content()
                return re.search(r'href="(http[^"]+)"', html)[1]
        time.sleep(0.1)
    raise AssertionError(f'No mail "{subject}" to {address}')
