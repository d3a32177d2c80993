"""Permissions of moderators, and the name by which they see other people."""

from typing import Any

from accounts.models import User

MODERATE = "images.moderate_image"
SUSPEND = "images.suspend_user"
DELETE = "images.delete_image"
# The only permission that shows other people's emails.
SEE_EMAILS = "accounts.view_user"


def visible_name(user: User, viewer: Any) -> str:
    """Return the user's email if `viewer` may see it, else the display name."""
    if viewer.has_perm(SEE_EMAILS):
        return user.readable_email
    return public_name(user)


def public_name(user: User) -> str:
    """Return the name by which everybody may know the user."""
    return user.display_name or f"User {user.pk}"
