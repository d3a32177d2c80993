"""What moderators may do, and what they see of other people."""

from typing import Any

from accounts.models import User
from images.models import Action

MODERATE = "images.moderate_image"
SUSPEND = "images.suspend_user"
# The only right that shows e-mail addresses.
SEE_ADDRESSES = "accounts.view_user"

PERMISSIONS = {
    Action.APPROVE: MODERATE,
    Action.TAKE_DOWN: MODERATE,
    Action.RESTORE: MODERATE,
    Action.SUSPEND: SUSPEND,
    Action.REINSTATE: SUSPEND,
}


def name_of(user: User, viewer: Any) -> str:
    """Return what `viewer` may call the user: the address is not for everybody."""
    if viewer.has_perm(SEE_ADDRESSES):
        return user.email
    return user.display_name or f"User {user.pk}"
