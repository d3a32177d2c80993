"""Mails, the links in them, and what an address has to prove."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import env

# Django's EMAIL_* settings, taken from one URL.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# Seconds that a mail server may hang.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="mediabackend@localhost")

# Where the links in mails lead. Empty: to the pages in accounts/pages.py.
FRONTEND_URL = env.str("FRONTEND_URL", default="").rstrip("/")
if FRONTEND_URL and urlsplit(FRONTEND_URL).scheme not in ("http", "https"):
    raise ImproperlyConfigured("FRONTEND_URL must start with https:// or http://.")

REQUIRE_VERIFIED_EMAIL = env.bool("REQUIRE_VERIFIED_EMAIL", default=False)
SIGNUP_ENUMERATION_SAFE = env.bool("SIGNUP_ENUMERATION_SAFE", default=False)

# Seconds that a link in a mail lasts at most. Those that set a password last
# shorter, see accounts/one_time_tokens.py.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60
