"""Operations of a client of the API, with the state before and after."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.test import RequestFactory
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens.sessions import start_session
from imagekit_emulator.transport import in_process_transport
from images.models import Image
from images.tests.changes import create_image
from images.tests.consistency.sides import HEIGHT
from images.tests.pictures import make_image, picture_bytes
from mediabackend.db.ids import uuid7

PASSWORD = "correct horse battery 9"
URL = "/api/v1/images/"
UPLOADS = "/api/v1/uploads/"
Gallery = list[tuple[str, int]] | None


@dataclass
class Scene:
    """A user with images, one for each width."""

    owner: User
    images: list[Image]
    key: str | None = None
    sent: "Sent | None" = None
    access: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Now: signing in is none of the steps at which a process is killed.
        tokens = start_session(self.owner, RequestFactory().post("/"))
        self.access = tokens["access"]

    @property
    def api(self) -> APIClient:
        client = APIClient(raise_request_exception=False)
        headers = {"HTTP_AUTHORIZATION": f"Bearer {self.access}"}
        if self.key:
            headers["HTTP_IDEMPOTENCY_KEY"] = self.key
        client.credentials(**headers)
        return client

    def url(self, position: int = 0) -> str:
        return f"{URL}{self.images[position].pk}/"

    def ids(self, count: int) -> list[str]:
        return [str(image.pk) for image in self.images[:count]]


@dataclass(frozen=True)
class Sent:
    """A picture that was sent with a ticket."""

    ticket: str
    file_id: str
    width: int

    def complete(self, client: APIClient) -> Response:
        body = {"file_id": self.file_id}
        return client.post(f"{UPLOADS}{self.ticket}/complete/", body)


@dataclass(frozen=True)
class Operation:
    """`needs` are the remote operations without which it cannot succeed."""

    call: Callable[[Scene], Response]
    status: int
    after: Gallery
    widths: tuple[int, ...] = ()
    # The width of a picture that was sent with a ticket before.
    sends: int | None = None
    needs: frozenset[str] = field(default_factory=frozenset)

    @property
    def before(self) -> Gallery:
        return [("unlisted", width) for width in self.widths]

    def prepare(self, **changes: Any) -> Scene:
        scene = make_scene(self.widths, **changes)
        if self.sends:
            scene.sent = send_directly(scene.api, self.sends)
        return scene


def make_scene(widths: tuple[int, ...], **changes: Any) -> Scene:
    """Sign a user up who has uploaded a picture of each width."""
    owner = User.objects.create_user(f"{uuid7()}@example.com", PASSWORD)
    return Scene(owner, [store(owner, width) for width in widths], **changes)


def store(owner: User, width: int, **fields: Any) -> Image:
    """Store a picture of this width as a service does it, without a request."""
    file = picture(width)
    return create_image(owner=owner, file=file, **fields)


def picture(width: int) -> Any:
    return make_image(width, HEIGHT)


def upload(scene: Scene) -> Response:
    return scene.api.post(URL, {"file": picture(40)}, format="multipart")


def ask(scene: Scene) -> Response:
    return scene.api.post(UPLOADS, ticket_request(40))


def ticket_request(width: int) -> dict[str, Any]:
    size = len(picture_bytes(width, HEIGHT))
    return {"filename": "a.jpg", "size": size, "content_type": "image/jpeg"}


def send_directly(client: APIClient, width: int) -> "Sent":
    """Ask for a ticket and send a picture with it."""
    ticket = client.post(UPLOADS, ticket_request(width)).json()
    return Sent(ticket["id"], post_form(ticket, width), width)


def post_form(ticket: dict[str, Any], width: int) -> str:
    """Post to ImageKit, as a browser does; returns the file's id."""
    file = ("a.jpg", picture_bytes(width, HEIGHT))
    transport = in_process_transport()
    with httpx.Client(transport=transport, timeout=0.02) as http:
        answer = http.post(
            ticket["upload_url"], data=ticket["fields"], files={"file": file}
        )
    return answer.raise_for_status().json()["fileId"]


def complete(scene: Scene) -> Response:
    assert scene.sent
    return scene.sent.complete(scene.api)


def replace(scene: Scene) -> Response:
    return scene.api.patch(scene.url(), {"file": picture(40)}, format="multipart")


def make_private(scene: Scene) -> Response:
    return scene.api.patch(scene.url(), {"visibility": "private"}, format="json")


def delete(scene: Scene) -> Response:
    return scene.api.delete(scene.url())


def bulk_delete(scene: Scene) -> Response:
    body = {"ids": scene.ids(2)}
    return scene.api.post(f"{URL}bulk-delete/", body, format="json")


def delete_account(scene: Scene) -> Response:
    body = {"password": PASSWORD}
    return scene.api.delete("/api/v1/users/me/", body, format="json")


OPERATIONS = {
    "upload": Operation(upload, 201, [("unlisted", 40)], needs=frozenset({"upload"})),
    "ticket": Operation(ask, 201, []),
    "complete": Operation(
        complete, 201, [("unlisted", 40)], sends=40, needs=frozenset({"details"})
    ),
    "replace": Operation(
        replace, 200, [("unlisted", 40)], (10,), needs=frozenset({"upload"})
    ),
    "visibility": Operation(
        make_private,
        200,
        [("private", 10)],
        (10,),
        needs=frozenset({"delivery", "upload"}),
    ),
    "delete": Operation(delete, 204, [("unlisted", 11)], (10, 11)),
    "bulk_delete": Operation(bulk_delete, 200, [("unlisted", 12)], (10, 11, 12)),
    "account": Operation(delete_account, 204, None, (10, 11)),
}
