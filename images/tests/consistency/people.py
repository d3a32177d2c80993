"""The users of the state machine, and the allowed results of their operations."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from images.models import Image
from images.tests.consistency.crashing import Crash, crashing_at
from images.tests.consistency.operations import Scene, Sent
from images.tests.consistency.sides import gallery

# Id of an image -> visibility and width. None stands for an id not known yet.
Images = dict[str | None, tuple[str, int]]


@dataclass
class Person:
    """The state that the API has acknowledged to a user."""

    scene: Scene
    images: Images = field(default_factory=dict)
    # Key -> the width that was sent with it, and the answer once there was one.
    keyed: dict[str, tuple[int, Any]] = field(default_factory=dict)
    # What was sent with a ticket, completed or not.
    sent: list[Sent] = field(default_factory=list)

    def stored(self) -> Images | None:
        """Return the stored images; None if the account does not exist."""
        if gallery(self.scene.owner.pk) is None:
            return None
        rows = Image.objects.filter(owner=self.scene.owner)
        return {str(row.pk): (row.visibility, row.width) for row in rows}

    def pick(self, number: int) -> str:
        return sorted(map(str, self.images))[number % len(self.images)]


class PeopleMachine(RuleBasedStateMachine):
    """The base of the machine: users, and the state acknowledged to them."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Person] = []
        self.disturbed = False
        self.fuse: int | None = None

    # --- How an operation ends ------------------------------------------------

    def attempt(
        self,
        person: Person,
        call: Callable[[], Any],
        status: int,
        after: Images | None,
    ) -> Any:
        """Do `call`; returns its answer, or None when it crashed.

        The person's images are then as before or as in `after`, according to
        the answer; a crash leaves one of the two.
        """
        before, response = dict(person.images), None
        try:
            with crashing_at(self.light_fuse()):
                response = call()
        except Crash:
            possible = [before, after]
        else:
            done = response.status_code == status
            assert done or (self.disturbed and response.status_code in (502, 503)), (
                response.status_code,
                response.content,
            )
            possible = [after if done else before]
        stored = person.stored()
        assert _nameless(stored, before) in [_nameless(one, before) for one in possible]
        if stored is None:
            self.people.remove(person)
        else:
            person.images = {**stored}
        return response

    def light_fuse(self) -> int | None:
        fuse, self.fuse = self.fuse, None
        return fuse

    def one(self, who: int) -> Person:
        return self.people[who % len(self.people)]

    def one_with_images(self, who: int) -> Person:
        owners = [person for person in self.people if person.images]
        return owners[who % len(owners)]

    def has_people(self) -> bool:
        return bool(self.people)

    def has_images(self) -> bool:
        return any(person.images for person in self.people)


def _nameless(images: Images | None, known: Images) -> Any:
    """Return the images, with None in place of ids that were not known before."""
    if images is None:
        return None
    return sorted((key if key in known else "", value) for key, value in images.items())
