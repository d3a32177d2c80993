"""Decisions that moderators ask for, what each needs, and why one was refused."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied

from accounts.models import User
from images.imagekit.errors import StorageError
from images.models import Action, Decision, Image, Violation
from images.moderation.decisions import (
    NotPossible,
    approve_image,
    delete_image,
    reinstate_user,
    restore_image,
    suspend_user,
    take_down_image,
)
from images.moderation.desk.forms import NEED_REASON, DecisionForm
from images.moderation.permissions import DELETE, MODERATE, SUSPEND
from images.services.exchange import ImageChanged, ImageTakenDown

# The first class that an exception is an instance of counts. An empty text stands
# for the text of the exception.
_REFUSALS: dict[type[Exception], str] = {
    NotPossible: "",
    ImageTakenDown: "The image was taken down meanwhile. Nothing was changed.",
    ImageChanged: "The image was changed meanwhile. Try again.",
    Image.DoesNotExist: "It was deleted meanwhile, or is a private image without open "
    "reports. Nothing was changed.",
    User.DoesNotExist: "It was deleted meanwhile. Nothing was changed.",
    StorageError: "ImageKit could not move the file. Nothing was changed. "
    "Try again later.",
}


class Kind(NamedTuple):
    """A kind of decisions: its service, its permission, and the words for it."""

    decide: Callable[..., Decision]
    permission: str
    title: str
    done: str


ABOUT_USERS = {Action.SUSPEND, Action.REINSTATE}
KINDS = {
    Action.APPROVE: Kind(approve_image, MODERATE, "Approve images", "Approved"),
    Action.TAKE_DOWN: Kind(take_down_image, MODERATE, "Take images down", "Taken down"),
    Action.RESTORE: Kind(restore_image, MODERATE, "Restore images", "Restored"),
    Action.SUSPEND: Kind(suspend_user, SUSPEND, "Suspend users", "Suspended"),
    Action.REINSTATE: Kind(reinstate_user, SUSPEND, "Reinstate users", "Reinstated"),
    Action.DELETE: Kind(delete_image, DELETE, "Delete images", "Deleted"),
}


class Refused(Exception):
    """Nothing was changed; the message tells the moderator why."""


@contextmanager
def explaining_refusals() -> Iterator[None]:
    """Raise Refused, with a message, where the block raises an error of the table."""
    try:
        yield
    except tuple(_REFUSALS) as error:
        text = next(text for kind, text in _REFUSALS.items() if isinstance(error, kind))
        raise Refused(text or str(error)) from error


class DecisionRequest:
    """A decision that `by` asks for, about an image or a user that is named later.

    Making one from a valid form raises PermissionDenied when `by` may not take such
    decisions.
    """

    def __init__(self, by: User, form: DecisionForm) -> None:
        given = form.cleaned_data
        self.action: Action = given["action"]
        self.is_about_user = self.action in ABOUT_USERS
        self.kind = KINDS[self.action]
        self._by = by
        self._words: dict[str, Any] = {
            "note": given["note"],
            "tell_owner": not given["no_mail"],
        }
        if self.action in NEED_REASON:
            self._words["reason"] = Violation(given["reason"])
            self._words["legal_ground"] = given["legal_ground"]
        if not by.has_perm(self.kind.permission):
            raise PermissionDenied

    def decide_on_image(self, image: UUID, seen: int, file: str) -> None:
        """Decide on an image that had `seen` decisions, and `file`, when it was shown.

        Raises Refused, with the image unchanged, and PermissionDenied for an action
        on users.
        """
        if self.is_about_user:
            raise PermissionDenied
        # Nobody can replace the file of an image that is taken down, but its move into
        # quarantine renames it.
        shown = {} if self.action == Action.RESTORE else {"file": file}
        with explaining_refusals():
            if not Image.objects.reviewable_by(self._by).filter(pk=image).exists():
                raise Image.DoesNotExist
            self.kind.decide(
                image=image, by=self._by, seen=seen, **shown, **self._words
            )

    def decide_on_user(self, user: UUID) -> None:
        """Decide on a user.

        Raises Refused, with the user unchanged, and PermissionDenied for an action
        on images.
        """
        if not self.is_about_user:
            raise PermissionDenied
        with explaining_refusals():
            self.kind.decide(user=user, by=self._by, **self._words)
