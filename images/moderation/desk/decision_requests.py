"""Decisions that moderators ask for, with the permission that each needs."""

from dataclasses import dataclass, fields
from uuid import UUID

from django.core.exceptions import PermissionDenied

from accounts.models import User
from images.models import Action, Image, Violation
from images.moderation import decisions
from images.moderation.desk.forms import DecisionForm
from images.moderation.desk.refusals import explaining_refusals
from images.moderation.permissions import PERMISSIONS
from images.moderation.removal import delete_image

ABOUT_USERS = {Action.SUSPEND, Action.REINSTATE}
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
        by, note, tell = self.by, self.note, not self.no_mail
        if self.action == Action.APPROVE:
            decisions.approve_image(
                image=image, by=by, seen=seen, note=note, file=file, tell_owner=tell
            )
        elif self.action in (Action.TAKE_DOWN, Action.DELETE):
            is_deletion = self.action == Action.DELETE
            remove = delete_image if is_deletion else decisions.take_down_image
            remove(
                image=image,
                by=by,
                seen=seen,
                reason=Violation(self.reason),
                note=note,
                legal_ground=self.legal_ground,
                file=file,
                tell_owner=tell,
            )
        else:
            # Without `file`: nobody can replace the file of an image that is taken
            # down, but its move into quarantine renames it.
            decisions.restore_image(
                image=image, by=by, seen=seen, note=note, tell_owner=tell
            )

    def _decide_on_user(self, user: UUID) -> None:
        by, note, tell = self.by, self.note, not self.no_mail
        if self.action == Action.SUSPEND:
            decisions.suspend_user(
                user=user,
                by=by,
                reason=Violation(self.reason),
                note=note,
                legal_ground=self.legal_ground,
                tell_owner=tell,
            )
        else:
            decisions.reinstate_user(user=user, by=by, note=note, tell_owner=tell)
