"""Settings, read top to bottom; every variable comes from the environment.

Defaults are the safe ones: `DEBUG` is off, and with it off the process refuses
to start until the secrets are there. `docs/configuration.md` describes each
variable; a `.env` file beside `manage.py` is read, and the environment wins.
"""

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.accounts import *
from mediabackend.settings.api import *
from mediabackend.settings.browser import *
from mediabackend.settings.data import *
from mediabackend.settings.environment import BASE_DIR, DEBUG, env, read_networks
from mediabackend.settings.imagekit import *
from mediabackend.settings.logs import logging_config
from mediabackend.settings.mail import *
from mediabackend.settings.moderation import *
from mediabackend.settings.privacy import *
from mediabackend.settings.production import weak_secrets
from mediabackend.settings.throttles import *

SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
# Addresses and networks whose X-Forwarded-For is believed.
TRUSTED_PROXIES = read_networks("TRUSTED_PROXIES", default=["127.0.0.1", "::1"])

SILENCED_SYSTEM_CHECKS = [
    # Asks for preloading of HSTS, which is hard to take back and concerns the whole
    # domain: its owner decides (https://hstspreload.org).
    "security.W021",
    # Our middleware takes the place of axes'.
    "axes.W002",
]

# Where the admin may be opened from; empty: from everywhere.
ADMIN_ALLOWED_NETWORKS = read_networks("ADMIN_ALLOWED_NETWORKS", default=[])

_required = {
    "SECRET_KEY": SECRET_KEY,
    "IMAGEKIT_PRIVATE_KEY": IMAGEKIT_PRIVATE_KEY or DEBUG,
}
if IMAGEKIT_PRIVATE_KEY:
    _required["IMAGEKIT_PUBLIC_KEY"] = IMAGEKIT_PUBLIC_KEY
    _required["IMAGEKIT_URL_ENDPOINT"] = IMAGEKIT_URL_ENDPOINT
if _missing := [name for name, value in _required.items() if not value]:
    raise ImproperlyConfigured(
        f"Missing in the environment or in .env: {', '.join(_missing)}. "
        "See docs/configuration.md. For a laptop without an ImageKit account, "
        "`make run` writes a .env with DEBUG=true, which uses the emulator."
    )

if not DEBUG and (_weak := weak_secrets(SECRET_KEY, JWT_SECRET_KEYS, JWT_KEY_FILES)):
    raise ImproperlyConfigured(
        f"Refusing to start: {'; '.join(_weak)}. A good one comes from "
        "`python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
    )

STORAGES = {
    **IMAGE_STORAGES,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Images -----------------------------------------------------------------

UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=20 * 1024 * 1024)
UPLOAD_MAX_PIXELS = env.int("UPLOAD_MAX_PIXELS", default=50_000_000)
UPLOAD_MAX_FRAMES = env.int("UPLOAD_MAX_FRAMES", default=500)

# Files over 2.5 MB go to a temporary file while they arrive. Our handler comes
# first: it stops the transfer once UPLOAD_MAX_BYTES have been received.
FILE_UPLOAD_HANDLERS = [
    "mediabackend.http.body_limit.FileSizeLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# The largest forms are actions of the admin on a page of 100 rows.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300
# One is used. A second one can be named in the error, more are not even read.
DATA_UPLOAD_MAX_NUMBER_FILES = 2

# --- Applications -----------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "corsheaders",
    "csp",
    "django_tasks_db",
    "axes",
    "mediabackend",
    "accounts",
    "images",
    "imagekit_emulator",
]

MIDDLEWARE = [
    "mediabackend.http.request_id.RequestIDMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "mediabackend.http.security_headers.ContentSecurityPolicyMiddleware",
    "mediabackend.http.security_headers.PermissionsPolicyMiddleware",
    # Above all that may answer: errors are read by other sites' pages too.
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mediabackend.http.admin_networks.AdminNetworksMiddleware",
    # Requests with a token pass by what is in `pages`.
    "mediabackend.http.pages.WhiteNoiseMiddleware",
    "mediabackend.http.body_limit.BodyLimitMiddleware",
    "mediabackend.http.error_responses.DatabaseErrorMiddleware",
    "mediabackend.http.pages.SessionMiddleware",
    "mediabackend.http.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "mediabackend.http.pages.AuthenticationMiddleware",
    "mediabackend.http.pages.MessageMiddleware",
    "accounts.pages.throttling.LoginPagesMiddleware",
]

ROOT_URLCONF = "mediabackend.urls"
WSGI_APPLICATION = "mediabackend.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "mediabackend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if TASKS_BACKEND == "rq":
    INSTALLED_APPS.append("django_rq")

# --- Static files, e-mail, time ---------------------------------------------

vars().update(EMAIL_CONFIG)
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# gunicorn on a laptop serves them without `collectstatic`.
WHITENOISE_USE_FINDERS = DEBUG
TIME_ZONE = "UTC"

# --- Logging ----------------------------------------------------------------

LOG_FORMAT = env.str("LOG_FORMAT", default="console" if DEBUG else "json")
if LOG_FORMAT not in ("console", "json"):
    raise ImproperlyConfigured("LOG_FORMAT must be 'console' or 'json'.")
LOGGING = logging_config(LOG_FORMAT)
