"""Settings of automatic hiding, of undoing take-downs, and of mails to owners."""

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import env

# Open reports, by verified accounts older than a day, that hide an image until a
# moderator looks at it; 0 never does.
AUTO_HIDE_AFTER_REPORTS = env.int("AUTO_HIDE_AFTER_REPORTS", default=0)
# How long an image that was taken down can be restored.
QUARANTINE_DAYS = env.int("QUARANTINE_DAYS", default=30)
# Parts of the mails to owners about decisions: whom to ask (an email or a URL), the
# means of redress, and the name or the URL of the rules.
MODERATION_CONTACT = env.str("MODERATION_CONTACT", default="").strip()
MODERATION_REDRESS = env.str("MODERATION_REDRESS", default="").strip()
MODERATION_TERMS = env.str("MODERATION_TERMS", default="").strip()
# No date is so long ago as a larger number can say.
if AUTO_HIDE_AFTER_REPORTS < 0 or not 1 <= QUARANTINE_DAYS <= 36_500:
    raise ImproperlyConfigured(
        "AUTO_HIDE_AFTER_REPORTS must be 0 or more, QUARANTINE_DAYS 1 to 36500."
    )
