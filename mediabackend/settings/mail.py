"""Settings of mails, and of the verification of e-mail addresses."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import DEBUG, env

# Django's EMAIL_* settings, taken from one URL.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# Seconds until a mail server that hangs is given up.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="mediabackend@localhost")


def _base_url(name: str, value: str) -> str:
    """Return the value without a slash at its end; refuse what is no absolute URL."""
    parts = urlsplit(value)
    if value and not (parts.scheme in ("http", "https") and parts.netloc):
        raise ImproperlyConfigured(f"{name} must start with https:// or http://.")
    return value.rstrip("/")


# The base URL of links in mails: a front end, or this service with the pages in
# accounts/pages/. Without either no mails with links are sent: a request's host name
# comes from whoever asks for the mail. A laptop uses it all the same.
FRONTEND_URL = _base_url("FRONTEND_URL", env.str("FRONTEND_URL", default=""))
SITE_URL = _base_url("SITE_URL", env.str("SITE_URL", default=""))
SITE_NAME = env.str("SITE_NAME", default="") or "mediabackend"
MAIL_LINKS_FROM_REQUEST = DEBUG and not (FRONTEND_URL or SITE_URL)

REQUIRE_VERIFIED_EMAIL = env.bool("REQUIRE_VERIFIED_EMAIL", default=False)
SIGNUP_ENUMERATION_SAFE = env.bool("SIGNUP_ENUMERATION_SAFE", default=False)

# The most seconds that a link in a mail lasts. Links that set a password last an hour;
# see accounts/services/one_time_links.py.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60
