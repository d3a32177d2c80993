"""The admin of the app. Importing these modules registers their pages."""

from accounts.admin import invitations
from accounts.admin.users import UserAdmin

__all__ = ["UserAdmin", "invitations"]
