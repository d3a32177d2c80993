"""The admin of the app: importing these modules registers their pages."""

from images.admin import images, outbox
from images.moderation.admin import decision_log, moderated

__all__ = ["decision_log", "images", "moderated", "outbox"]

moderated.register()
