"""Settings for browsers: HTTPS, cookies, other sites, and what a page may do.

With DEBUG, nothing locks a laptop out of plain HTTP.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF

from mediabackend.settings.environment import DEBUG, SCRIPT_NAME, env
from mediabackend.settings.imagekit import (
    IMAGEKIT_EMULATOR,
    IMAGEKIT_UPLOAD_URL,
    IMAGEKIT_URL_ENDPOINT,
)
from mediabackend.settings.project import PROBE_PATHS

# --- HTTPS ------------------------------------------------------------------

# TLS ends at a proxy, which must set the header, see docs/configuration.md.
SECURE_PROXY_SSL_HEADER = None if DEBUG else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
# Django compares without the first slash.
SECURE_REDIRECT_EXEMPT = [
    f"^{re.escape(f'{SCRIPT_NAME}{path}'[1:])}$" for path in PROBE_PATHS
]
# RFC 6797; a year is what preload lists ask for at least.
SECURE_HSTS_SECONDS = 0 if DEBUG else env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)

# --- Cookies ----------------------------------------------------------------

# Other sites on the same host have neither our cookies nor cookies of the same name:
# a browser sends us theirs too when they stand at a path above.
_suffix = SCRIPT_NAME.replace("/", "_")
SESSION_COOKIE_NAME = f"sessionid{_suffix}"
SESSION_COOKIE_PATH = f"{SCRIPT_NAME}/"
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_NAME = f"csrftoken{_suffix}"
CSRF_COOKIE_PATH = f"{SCRIPT_NAME}/"
CSRF_COOKIE_SECURE = not DEBUG
# Without a cookie of their own, whose path and name could not be set.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Other sites ------------------------------------------------------------

# The API may be called by the pages of these origins, with tokens. Cookies are
# never sent along: sessions are for our own pages.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
# On a laptop: a front end's development server.
CORS_ALLOWED_ORIGIN_REGEXES = (
    [r"^https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\Z"] if DEBUG else []
)
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = [
    *default_headers,
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "Location",
    "ETag",
    "Retry-After",
    "X-Request-ID",
    "X-Deletion-ID",
    "Idempotent-Replayed",
]

# https://www.w3.org/TR/permissions-policy/: no page of ours needs any of these.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)

# --- Content-Security-Policy: https://www.w3.org/TR/CSP3/ -------------------


def _origin(url: str) -> list[str]:
    """Return the origin of a URL; one of this server itself has none."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


# The emulator in this process answers below a path of this very server.
_delivery = "" if IMAGEKIT_EMULATOR else IMAGEKIT_URL_ENDPOINT
# Neither scripts nor styles stand in a page: all are files of this server.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *_origin(_delivery)],
        # A page may send a picture to ImageKit with an upload ticket of ours.
        "connect-src": [SELF, *_origin(IMAGEKIT_UPLOAD_URL)],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
