"""Webhooks, signed in the way of Standard Webhooks."""

import base64
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from typing import Any
from uuid import uuid4

from imagekit_emulator.answers import iso_time
from imagekit_emulator.database import Database, now_ms

TIMEOUT_SECONDS = 10


class Webhooks:
    """The webhook of the account, if it has one, and the messages that were sent.

    Each message is sent once. ImageKit sends a failed one again, but does not say when.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, url: str, secret: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM webhook")
            connection.execute("INSERT INTO webhook VALUES (?, ?)", (url, secret))

    def clear(self) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM webhook")
            connection.execute("DELETE FROM webhook_messages")

    def messages(self) -> list[dict[str, Any]]:
        """Return the messages that were sent; a status of 0 means no answer."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, type, status FROM webhook_messages ORDER BY seq"
            ).fetchall()
        return [dict(row) for row in rows]

    def send(self, kind: str, data: Any) -> None:
        """Send an event to the webhook, if there is one, without waiting for it."""
        with self._database.read() as connection:
            target = connection.execute("SELECT url, secret FROM webhook").fetchone()
        if target is None:
            return
        event = {
            "type": kind,
            "id": f"evt_{uuid4().hex}",
            "created_at": iso_time(now_ms()),
            "data": data,
        }
        request = _signed(target["url"], target["secret"], json.dumps(event).encode())
        threading.Thread(target=self._post, args=(request, kind), daemon=True).start()

    def _post(self, request: urllib.request.Request, kind: str) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO webhook_messages (id, type, status) VALUES (?, ?, ?)",
                (request.get_header("Webhook-id"), kind, status),
            )


def _signed(url: str, secret: str, body: bytes) -> urllib.request.Request:
    """Return a signed request; the whole secret is the key, as in the official SDK."""
    message_id, now = f"msg_{uuid4().hex}", str(int(time.time()))
    text = f"{message_id}.{now}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret.encode(), text, "sha256"))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": now,
        "webhook-signature": f"v1,{signature.decode()}",
    }
    # Only the owner of the private key can set the URL.
    return urllib.request.Request(url, body, headers)  # noqa: S310
