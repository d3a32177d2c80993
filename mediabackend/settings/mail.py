"""Settings of mails, and of the verification of e-mail addresses."""

from typing import Any
from urllib.parse import urlsplit

import django
from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import DEBUG, SCRIPT_NAME, env

_mail = env.email_url("EMAIL_URL", default="consolemail://")
# Until a mail server that hangs is given up.
_TIMEOUT_SECONDS = 10
# The options of Django's backends that have some.
_backend_options: dict[str, dict[str, Any]] = {
    "smtp": {
        "host": _mail["EMAIL_HOST"],
        "port": _mail["EMAIL_PORT"],
        "username": _mail["EMAIL_HOST_USER"],
        "password": _mail["EMAIL_HOST_PASSWORD"],
        "use_tls": _mail.get("EMAIL_USE_TLS", False),
        "use_ssl": _mail.get("EMAIL_USE_SSL", False),
        "timeout": _TIMEOUT_SECONDS,
    },
    "filebased": {"file_path": _mail["EMAIL_FILE_PATH"]},
}
MAILERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": _mail["EMAIL_BACKEND"],
        "OPTIONS": _backend_options.get(_mail["EMAIL_BACKEND"].split(".")[-2], {}),
    }
}
if django.VERSION < (6, 1):
    # It reads these in place of MAILERS.
    vars().update(_mail, EMAIL_TIMEOUT=_TIMEOUT_SECONDS)
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
if SITE_URL and not urlsplit(SITE_URL).path:
    SITE_URL += SCRIPT_NAME
if SITE_URL and urlsplit(SITE_URL).path != SCRIPT_NAME:
    raise ImproperlyConfigured("SITE_URL and SCRIPT_NAME have different paths.")
# In one line, because it stands in the subjects of mails.
SITE_NAME = " ".join(env.str("SITE_NAME", default="").split()) or "mediabackend"
MAIL_LINKS_FROM_REQUEST = DEBUG and not (FRONTEND_URL or SITE_URL)

REQUIRE_VERIFIED_EMAIL = env.bool("REQUIRE_VERIFIED_EMAIL", default=False)
SIGNUP_ENUMERATION_SAFE = env.bool("SIGNUP_ENUMERATION_SAFE", default=False)

# The most seconds that a link in a mail lasts. Links that set a password last an hour;
# see accounts/services/one_time_links.py.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60
