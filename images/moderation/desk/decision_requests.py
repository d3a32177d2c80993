"""Decisions that moderators ask for, with the permission that each needs."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied

from accounts.models import User
from images.models import Action, Decision, Image, Violation
from images.moderation import decisions
from images.moderation.desk.forms import NEED_REASON, DecisionForm
from images.moderation.desk.refusals import explaining_refusals
from images.moderation.permissions import PERMISSIONS

DONE = {
    Action.APPROVE: "Approved",
    Action.TAKE_DOWN: "Taken down",
    Action.RESTORE: "Restored",
    Action.SUSPEND: "Suspended",
    Action.REINSTATE: "Reinstated",
    Action.DELETE: "Deleted",
}
_ABOUT_IMAGES: dict[Action, Callable[..., Decision]] = {
    Action.APPROVE: decisions.approve_image,
    Action.TAKE_DOWN: decisions.take_down_image,
    Action.RESTORE: decisions.restore_image,
    Action.DELETE: decisions.delete_image,
}
ABOUT_USERS: dict[Action, Callable[..., Decision]] = {
    Action.SUSPEND: decisions.suspend_user,
    Action.REINSTATE: decisions.reinstate_user,
}


@dataclass(frozen=True)
class DecisionRequest:
    """A decision that `by` asks for, about an image or a user that is named later.

    Making one raises PermissionDenied when `by` may not take such decisions.
    """

    action: Action
    by: User
    reason: str = ""
    note: str = ""
    legal_ground: str = ""
    no_mail: bool = False

    @classmethod
    def of(cls, by: User, form: DecisionForm) -> "DecisionRequest":
        """Return what a valid form asks for."""
        names = [each.name for each in fields(cls) if each.name != "by"]
        return cls(by=by, **{name: form.cleaned_data[name] for name in names})

    def __post_init__(self) -> None:
        if not self.by.has_perm(PERMISSIONS[self.action]):
            raise PermissionDenied

    @property
    def is_about_user(self) -> bool:
        return self.action in ABOUT_USERS

    def decide_on_image(self, image: UUID, seen: int, file: str) -> None:
        """Decide on an image that had `seen` decisions, and `file`, when it was shown.

        Raises Refused, with the image unchanged, and PermissionDenied for an action
        on users.
        """
        if self.is_about_user:
            raise PermissionDenied
        with explaining_refusals():
            if not Image.objects.reviewable_by(self.by).filter(pk=image).exists():
                raise Image.DoesNotExist
            words = self._words()
            if self.action != Action.RESTORE:
                # Nobody can replace the file of an image that is taken down, but its
                # move into quarantine renames it.
                words["file"] = file
            _ABOUT_IMAGES[self.action](image=image, by=self.by, seen=seen, **words)

    def decide_on_user(self, user: UUID) -> None:
        """Decide on a user.

        Raises Refused, with the user unchanged, and PermissionDenied for an action
        on images.
        """
        if not self.is_about_user:
            raise PermissionDenied
        with explaining_refusals():
            ABOUT_USERS[self.action](user=user, by=self.by, **self._words())

    def _words(self) -> dict[str, Any]:
        words: dict[str, Any] = {"note": self.note, "tell_owner": not self.no_mail}
        if self.action in NEED_REASON:
            words["reason"] = Violation(self.reason)
            words["legal_ground"] = self.legal_ground
        return words
