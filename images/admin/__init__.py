"""The admin of the app. Importing these modules registers their pages."""

from images.admin import images, outbox
from images.moderation.admin import decisions_and_reports, moderated_users

__all__ = ["decisions_and_reports", "images", "moderated_users", "outbox"]

moderated_users.register()
