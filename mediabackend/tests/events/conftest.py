"""A receiver of events on this machine."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from mediabackend.db.ids import uuid7
from mediabackend.events.models import Event, Kind

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


class Handler(BaseHTTPRequestHandler):
    server: "Receiver"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.take(self, body)

    def log_message(self, *args: object) -> None:
        """Log nothing."""

    def answer(self, status: int, text: str = "", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@dataclass
class Message:
    id: str
    path: str
    headers: dict[str, str]
    event: dict[str, Any]


@dataclass
class Receiver(ThreadingHTTPServer):
    """Keeps the messages that it gets; `reply` answers them."""

    reply: Callable[[Handler, Message], None] = lambda handler, message: handler.answer(
        204
    )
    messages: list[Message] = field(default_factory=list)
    # Replies that wait end when it is set.
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def take(self, handler: Handler, body: bytes) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        event = Webhook(SECRET).verify(body, headers)
        message = Message(headers["webhook-id"], handler.path, headers, event)
        self.messages.append(message)
        self.reply(handler, message)

    def handle_error(self, *args: object) -> None:
        """Say nothing when a sender closes its connection."""


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """Run a receiver, and let events be sent to it."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.EVENTS_URL = server.url
        settings.EVENTS_SECRET = SECRET
        settings.EVENTS_ALLOW_PRIVATE = True
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def note(db) -> Callable[..., Event]:
    """Note an event of a new subject, or of `subject`."""

    def make(subject: UUID | None = None, **fields: Any) -> Event:
        given = {"kind": Kind.IMAGE_UPDATED, "subject": subject or uuid7(), **fields}
        return Event.objects.create(**given)

    return make
