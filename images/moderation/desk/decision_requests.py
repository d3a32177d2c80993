"""Decisions that moderators ask for, with the permission that each needs."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied

from accounts.models import User
from images.models import Action, Image, Violation
from images.moderation import decisions
from images.moderation.desk.refusals import explaining_refusals
from images.moderation.permissions import PERMISSIONS
from images.moderation.removal import delete_image

DONE = {
    Action.APPROVE: "Approved",
    Action.TAKE_DOWN: "Taken down",
    Action.RESTORE: "Restored",
    Action.SUSPEND: "Suspended",
    Action.REINSTATE: "Reinstated",
    Action.DELETE: "Deleted",
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

    def __post_init__(self) -> None:
        if not self.by.has_perm(PERMISSIONS[self.action]):
            raise PermissionDenied

    @property
    def is_about_user(self) -> bool:
        return self.action in (Action.SUSPEND, Action.REINSTATE)

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
            self._decide_on_image(image, seen, file)

    def decide_on_user(self, user: UUID) -> None:
        """Decide on a user.

        Raises Refused, with the user unchanged, and PermissionDenied for an action
        on images.
        """
        if not self.is_about_user:
            raise PermissionDenied
        with explaining_refusals():
            self._decide_on_user(user)

    def _decide_on_image(self, image: UUID, seen: int, file: str) -> None:
        by, note = self.by, self.note
        if self.action == Action.APPROVE:
            decisions.approve_image(image=image, by=by, seen=seen, note=note, file=file)
        elif self.action in (Action.TAKE_DOWN, Action.DELETE):
            take_down = self.action == Action.TAKE_DOWN
            decide = decisions.take_down_image if take_down else delete_image
            reason = Violation(self.reason)
            decide(image=image, by=by, seen=seen, reason=reason, note=note, file=file)
        else:
            # Without `file`: nobody can replace the file of an image that is taken
            # down, but its move into quarantine renames it.
            decisions.restore_image(image=image, by=by, seen=seen, note=note)

    def _decide_on_user(self, user: UUID) -> None:
        if self.action == Action.SUSPEND:
            reason = Violation(self.reason)
            decisions.suspend_user(user=user, by=self.by, reason=reason, note=self.note)
        else:
            decisions.reinstate_user(user=user, by=self.by, note=self.note)
