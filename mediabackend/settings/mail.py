"""Settings of mails, and of the verification of e-mail addresses."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import env

# Django's EMAIL_* settings, taken from one URL.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# Seconds until a mail server that hangs is given up.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="mediabackend@localhost")

# The base URL of links in mails. Empty: links lead to the pages in accounts/pages/.
FRONTEND_URL = env.str("FRONTEND_URL", default="").rstrip("/")
if FRONTEND_URL and urlsplit(FRONTEND_URL).scheme not in ("http", "https"):
    raise ImproperlyConfigured("FRONTEND_URL must start with https:// or http://.")

REQUIRE_VERIFIED_EMAIL = env.bool("REQUIRE_VERIFIED_EMAIL", default=False)
SIGNUP_ENUMERATION_SAFE = env.bool("SIGNUP_ENUMERATION_SAFE", default=False)

# The most seconds that a link in a mail lasts. Links that set a password last an hour;
# see accounts/services/one_time_links.py.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60
