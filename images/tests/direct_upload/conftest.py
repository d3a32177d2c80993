"""Fixtures of the tests of direct uploads: a client of the API, and a browser."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.test import Client
from rest_framework.response import Response

from imagekit_emulator.transport import in_process_transport
from images.tests.pictures import picture_bytes

URL = "/api/v1/uploads/"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


@pytest.fixture
def ask(api) -> Callable[..., dict[str, Any]]:
    """Ask for a ticket as `user`, or through another client."""

    def post(client=api, **fields) -> dict[str, Any]:
        response = client.post(URL, ticket_request(**fields))
        assert response.status_code == 201, response.content
        return response.json()

    return post


def ticket_request(**fields: Any) -> dict[str, Any]:
    size = len(picture_bytes())
    given = {"filename": "a.jpg", "size": size, "content_type": "image/jpeg"}
    return given | fields


@pytest.fixture
def send() -> Callable[..., tuple[int, Any]]:
    """Post the form and the file to the ticket's URL, as a browser does."""

    def post(
        ticket: dict[str, Any], content: bytes | None = None, **changes: str | None
    ) -> tuple[int, Any]:
        form = {**ticket["fields"], **changes}
        form = {name: value for name, value in form.items() if value is not None}
        file = ("a.jpg", picture_bytes() if content is None else content)
        with httpx.Client(transport=in_process_transport()) as http:
            answer = http.post(ticket["upload_url"], data=form, files={"file": file})
        return answer.status_code, answer.json()

    return post


@pytest.fixture
def sent(ask, send) -> Callable[..., tuple[dict[str, Any], str]]:
    """Ask for a ticket and send the file; returns the ticket and the file's id."""

    def make(content: bytes | None = None, **fields) -> tuple[dict[str, Any], str]:
        if content is not None:
            fields = {"size": len(content), **fields}
        ticket = ask(**fields)
        status, answer = send(ticket, content)
        assert status == 200, answer
        return ticket, answer["fileId"]

    return make


@pytest.fixture
def complete(api) -> Callable[..., Response]:
    def post(ticket: dict[str, Any], file_id: str, client=api) -> Response:
        return client.post(f"{URL}{ticket['id']}/complete/", {"file_id": file_id})

    return post


@pytest.fixture
def secret(settings) -> str:
    settings.IMAGEKIT_WEBHOOK_SECRET = SECRET
    return SECRET


def signature(key: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Sign as ImageKit's SDK checks it: with the whole secret as the key."""
    text = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key.encode(), text, "sha256")).decode()


def post_event(
    client: Client, event: Any, message_id: str, later: int = 0, **changes: Any
) -> Any:
    """Send an event as ImageKit would; `changes` are of `body` and `headers`."""
    signed = json.dumps(event).encode()
    now = str(int(time.time()) + later)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": now,
        "webhook-signature": signature(SECRET, message_id, now, signed),
    } | changes.get("headers", {})
    return client.post(
        "/webhooks/imagekit/",
        changes.get("body", signed),
        content_type="application/json",
        headers={name: value for name, value in headers.items() if value is not None},
    )


@pytest.fixture
def deliver_event(secret, client) -> Callable[..., Any]:
    def post(kind: Any, data: Any, message_id: str = "", **changes: Any) -> Any:
        event = {
            "type": kind,
            "id": "evt_1",
            "created_at": "2026-10-01T00:00:00.000Z",
            "data": data,
        }
        message_id = message_id or f"msg_{uuid4().hex}"
        return post_event(client, event, message_id, **changes)

    return post
