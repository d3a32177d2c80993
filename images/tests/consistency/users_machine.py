"""Operations of users, in random sequences."""

from typing import Any

import httpx
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from accounts.models import User
from images.api.idempotency import KEPT_FOR
from images.models import IdempotencyKey, Image, UploadTicket
from images.tests.consistency.operations import (
    PASSWORD,
    UPLOADS,
    URL,
    Scene,
    Sent,
    picture,
    post_form,
    ticket_request,
)
from images.tests.consistency.people import PeopleMachine, Person
from images.tests.consistency.sides import let_time_pass
from mediabackend.db.ids import uuid7

ANY = st.integers(0, 1000)
WIDTHS = st.integers(9, 40)


class UsersMachine(PeopleMachine):
    """Requests of users through the API."""

    @precondition(lambda self: len(self.people) < 3)
    @rule()
    def sign_up(self) -> None:
        owner = User.objects.create_user(f"{uuid7()}@example.com", PASSWORD)
        self.people.append(Person(Scene(owner, [])))

    @precondition(PeopleMachine.has_people)
    @rule(who=ANY, width=WIDTHS)
    def upload(self, who: int, width: int) -> None:
        self.post(self.one(who), width)

    @precondition(PeopleMachine.has_people)
    @rule(who=ANY, width=WIDTHS)
    def upload_with_key(self, who: int, width: int) -> None:
        self.post(self.one(who), width, key=str(uuid7()))

    @precondition(lambda self: any(person.keyed for person in self.people))
    @rule(who=ANY, which=ANY)
    def retry(self, who: int, which: int) -> None:
        """Send a request again: it makes one image, however often it is sent."""
        people = [person for person in self.people if person.keyed]
        person = people[who % len(people)]
        key = sorted(person.keyed)[which % len(person.keyed)]
        width, answer = person.keyed[key]
        # The claims of crashed requests have expired by now.
        IdempotencyKey.objects.filter(status=None).update(
            claimed_at=timezone.now() - KEPT_FOR / 2
        )
        if answer is None:
            self.post(person, width, key=key)
            return
        client = Scene(person.scene.owner, [], key).api
        again = client.post(URL, {"file": picture(width)}, format="multipart")
        if Image.objects.filter(pk=answer["id"]).exists():
            assert (again.status_code, again.json()["id"]) == (201, answer["id"])
        else:
            assert again.status_code == 410

    def post(self, person: Person, width: int, key: str | None = None) -> None:
        client = Scene(person.scene.owner, [], key).api
        record = IdempotencyKey.objects.filter(key=key, status=201).first()
        grown = {**person.images}
        if record is None:
            grown[None] = ("unlisted", width)
        gone = record and not Image.objects.filter(pk=record.image_id).exists()
        response = self.attempt(
            person,
            lambda: client.post(URL, {"file": picture(width)}, format="multipart"),
            410 if gone else 201,
            grown,
        )
        if key:
            done = response is not None and response.status_code == 201
            person.keyed[key] = (width, response.json() if done else None)
        if record and not gone and response is not None:
            assert response.json()["id"] == str(record.image_id)

    @precondition(PeopleMachine.has_people)
    @rule(who=ANY, width=WIDTHS)
    def send_directly(self, who: int, width: int) -> None:
        person = self.one(who)
        client, body = person.scene.api, ticket_request(width)
        response = self.attempt(
            person, lambda: client.post(UPLOADS, body), 201, {**person.images}
        )
        if response is None:
            return
        ticket = response.json()
        try:
            file_id = post_form(ticket, width)
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            assert self.disturbed
            return
        person.sent.append(Sent(ticket["id"], file_id, width))

    @precondition(lambda self: any(person.sent for person in self.people))
    @rule(who=ANY, which=ANY)
    def complete(self, who: int, which: int) -> None:
        """Complete an upload, for the first time or again."""
        people = [person for person in self.people if person.sent]
        person = people[who % len(people)]
        sent = person.sent[which % len(person.sent)]
        ticket = UploadTicket.objects.get(pk=sent.ticket)
        status, after = 201, {**person.images, None: ("unlisted", sent.width)}
        if ticket.file_id:
            after = {**person.images}
            status = 200 if sent.ticket in person.images else 404
        elif ticket.is_over:
            status, after = 410, {**person.images}
        client = person.scene.api
        self.attempt(person, lambda: sent.complete(client), status, after)

    @rule()
    def time_passes(self) -> None:
        let_time_pass()

    @precondition(PeopleMachine.has_images)
    @rule(who=ANY, which=ANY, width=WIDTHS)
    def replace(self, who: int, which: int, width: int) -> None:
        self.patch(who, which, {"file": picture(width)}, width=width)

    @precondition(PeopleMachine.has_images)
    @rule(who=ANY, which=ANY, to=st.sampled_from(["public", "private", "unlisted"]))
    def change_visibility(self, who: int, which: int, to: str) -> None:
        self.patch(who, which, {"visibility": to}, visibility=to)

    @precondition(PeopleMachine.has_images)
    @rule(who=ANY, which=ANY)
    def change_caption(self, who: int, which: int) -> None:
        self.patch(who, which, {"caption": "new"})

    def patch(self, who: int, which: int, body: Any, **changes: Any) -> None:
        person = self.one_with_images(who)
        image = person.pick(which)
        visibility, width = person.images[image]
        changed = (changes.get("visibility", visibility), changes.get("width", width))
        self.attempt(
            person,
            lambda: person.scene.api.patch(f"{URL}{image}/", body, format="multipart"),
            200,
            {**person.images, image: changed},
        )

    @precondition(PeopleMachine.has_images)
    @rule(who=ANY, which=ANY)
    def delete(self, who: int, which: int) -> None:
        person = self.one_with_images(who)
        image = person.pick(which)
        left = {key: one for key, one in person.images.items() if key != image}
        url = f"{URL}{image}/"
        self.attempt(person, lambda: person.scene.api.delete(url), 204, left)

    @precondition(PeopleMachine.has_images)
    @rule(who=ANY, number=st.integers(1, 5))
    def bulk_delete(self, who: int, number: int) -> None:
        person = self.one_with_images(who)
        doomed = sorted(map(str, person.images))[:number]
        left = {key: one for key, one in person.images.items() if key not in doomed}
        client, body = person.scene.api, {"ids": doomed}
        url = f"{URL}bulk-delete/"
        self.attempt(person, lambda: client.post(url, body, format="json"), 200, left)

    @precondition(PeopleMachine.has_people)
    @rule(who=ANY)
    def delete_account(self, who: int) -> None:
        person = self.one(who)
        client, body = person.scene.api, {"password": PASSWORD}
        url = "/api/v1/users/me/"
        self.attempt(person, lambda: client.delete(url, body, format="json"), 204, None)
