"""The mails of a server, which it writes to files."""

import email
import email.policy
import re
import time
from email.message import EmailMessage
from typing import cast

from e2e.servers import Server

WAIT_SECONDS = 10
_END = b"\n" + b"-" * 79 + b"\n"


def mails_to(server: Server, to: str) -> list[EmailMessage]:
    """Return the mails to an email, oldest first."""
    files = sorted(
        (server.folder / "mails").glob("*.log"), key=lambda file: file.stat().st_mtime
    )
    # Mails of the same second can share a file; Django writes a line after each.
    texts = [text for file in files for text in file.read_bytes().split(_END)]
    found = [
        email.message_from_bytes(text.lstrip(), policy=email.policy.default)
        for text in texts
    ]
    return [cast(EmailMessage, mail) for mail in found if mail["To"] == to]


def link_to(server: Server, to: str, subject: str) -> str:
    """Wait for a mail with this subject; return the link in its HTML."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        for mail in reversed(mails_to(server, to)):
            if mail["Subject"] == f"[mediabackend] {subject}":
                html = mail.get_body(("html",)).get_content()
                return re.search(r'href="(http[^"]+)"', html)[1]
        time.sleep(0.1)
    raise AssertionError(f'No mail "{subject}" to {to}')
