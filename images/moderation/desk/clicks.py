"""What a moderator clicked, carried out; what went wrong, in words for them."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied

from accounts.models import User
from images.imagekit.errors import StorageError
from images.models import Action, Image, Violation
from images.moderation import decisions
from images.moderation.rights import PERMISSIONS
from images.services.exchange import ImageChanged

DONE = {
    Action.APPROVE: "Approved",
    Action.TAKE_DOWN: "Taken down",
    Action.RESTORE: "Restored",
    Action.SUSPEND: "Suspended",
    Action.REINSTATE: "Reinstated",
}
_STALE = "Somebody else decided on this image meanwhile. Nothing was changed."
_REPLACED = "The owner has replaced the picture meanwhile. Nothing was changed."
_STORAGE = "ImageKit does not move the file now: the image stays down. Try again later."
_GONE = "It was deleted meanwhile. Nothing was changed."


class Refused(Exception):
    """The decision was not made; the message tells the moderator why."""


@dataclass(frozen=True)
class Click:
    """A decision that somebody wants to make, on whatever image or user."""

    action: Action
    by: User
    reason: str = ""
    note: str = ""

    def check_permission(self) -> None:
        """Raise PermissionDenied when it is not for them to decide."""
        if not self.by.has_perm(PERMISSIONS[self.action]):
            raise PermissionDenied

    def on_image(self, image: UUID, seen: int, file: str) -> None:
        """Decide on an image that had `seen` decisions, and `file`, when it was shown.

        Raises Refused, with the image as it was, and PermissionDenied.
        """
        self.check_permission()
        try:
            self._decide(image, seen, file)
        except decisions.Stale as error:
            raise Refused(_STALE) from error
        except decisions.Replaced as error:
            raise Refused(_REPLACED) from error
        except decisions.NotPossible as error:
            raise Refused(str(error)) from error
        except Image.DoesNotExist as error:
            raise Refused(_GONE) from error
        except ImageChanged as error:
            raise Refused("Somebody is moving its file. Try again.") from error
        except StorageError as error:
            raise Refused(_STORAGE) from error

    def on_user(self, user: UUID) -> None:
        """Decide on a user; raises Refused and PermissionDenied."""
        self.check_permission()
        try:
            if self.action == Action.SUSPEND:
                reason = Violation(self.reason)
                decisions.suspend(user=user, by=self.by, reason=reason, note=self.note)
            else:
                decisions.reinstate(user=user, by=self.by, note=self.note)
        except decisions.NotPossible as error:
            raise Refused(str(error)) from error
        except User.DoesNotExist as error:
            raise Refused(_GONE) from error

    def _decide(self, image: UUID, seen: int, file: str) -> None:
        by, note = self.by, self.note
        if self.action == Action.APPROVE:
            decisions.approve(image=image, by=by, seen=seen, note=note, file=file)
        elif self.action == Action.TAKE_DOWN:
            reason = Violation(self.reason)
            decisions.take_down(
                image=image, by=by, seen=seen, reason=reason, note=note, file=file
            )
        else:
            # Nobody replaces what is taken down, but quarantine may be moving it.
            decisions.restore(image=image, by=by, seen=seen, note=note)
