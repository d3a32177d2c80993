"""Settings, read top to bottom; every variable comes from the environment.

Defaults are the safe ones: `DEBUG` is off, and with it off the process refuses
to start until the secrets are there. `docs/configuration.md` describes each
variable; a `.env` file beside `manage.py` is read, and the environment wins.
"""

from datetime import timedelta

import django
from django.core.exceptions import ImproperlyConfigured

from mediabackend.api_settings import (  # noqa: F401  (Django reads them here)
    DRF_STANDARDIZED_ERRORS,
    REST_FRAMEWORK,
    SPECTACULAR_SETTINGS,
)
from mediabackend.environment import BASE_DIR, env
from mediabackend.imagekit_settings import (  # noqa: F401  (Django reads them here)
    IMAGE_STORAGES,
    IMAGEKIT_API_URL,
    IMAGEKIT_EMULATOR,
    IMAGEKIT_FOLDER,
    IMAGEKIT_PRIVATE_KEY,
    IMAGEKIT_PUBLIC_KEY,
    IMAGEKIT_PURGE_ON,
    IMAGEKIT_URL_ENDPOINT,
    SIGNED_URL_TTL,
)
from mediabackend.logging_config import logging_config

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

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
# The widths, in pixels, of an image's renditions; see images/renditions.py.
IMAGE_RENDITIONS = {"thumbnail": 200, "small": 320, "medium": 640, "large": 1280}
IMAGE_SRCSET_WIDTHS = (320, 640, 960, 1280, 1600, 2048)

# Files over 2.5 MB go to a temporary file while they arrive. Our handler comes
# first: it stops the transfer once UPLOAD_MAX_BYTES have been received.
FILE_UPLOAD_HANDLERS = [
    "mediabackend.body_limit.FileSizeLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# --- Applications -----------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_tasks_db",
    "mediabackend",
    "accounts",
    "images",
    "imagekit_emulator",
]

MIDDLEWARE = [
    "mediabackend.request_id.RequestIDMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mediabackend.body_limit.BodyLimitMiddleware",
    "mediabackend.errors.DatabaseErrorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "mediabackend.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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

# --- Database and cache -----------------------------------------------------

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/db.sqlite3")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue for the lock instead of failing half-way through.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A dead server is noticed, and answered with 503, within seconds.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

# --- Background tasks -------------------------------------------------------

# immediate: in the request, after its transaction. database: by `manage.py
# db_worker`. rq: by `manage.py rqworker`, with the queue in Redis.
TASKS_BACKEND = env.str("TASKS_BACKEND", default="immediate")
_tasks = "django.tasks" if django.VERSION >= (6, 0) else "django_tasks"
_task_backends = {
    "immediate": f"{_tasks}.backends.immediate.ImmediateBackend",
    "database": "django_tasks_db.DatabaseBackend",
    "rq": "django_tasks_rq.RQBackend",
}
if TASKS_BACKEND not in _task_backends:
    raise ImproperlyConfigured(
        f"TASKS_BACKEND must be one of {', '.join(_task_backends)}."
    )
TASKS = {"default": {"BACKEND": _task_backends[TASKS_BACKEND]}}
if TASKS_BACKEND == "rq":
    INSTALLED_APPS.append("django_rq")
    # What makes `manage.py rqworker` run tasks of Django's API.
    RQ = {"JOB_CLASS": "django_tasks_rq.Job"}
    RQ_QUEUES = {
        "default": {"URL": env.str("CACHE_URL").replace("rediscache", "redis")}
    }

# --- Accounts ---------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
# The first one hashes. The others only verify what an imported account brings
# and are replaced by the first at the next sign-in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validators = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_validators}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "display_name")},
    },
    {"NAME": f"{_validators}.MinimumLengthValidator"},
    {"NAME": f"{_validators}.CommonPasswordValidator"},
    {"NAME": f"{_validators}.NumericPasswordValidator"},
]
LOGIN_URL = "rest_framework:login"
LOGIN_REDIRECT_URL = "api-root"

ACCESS_TOKEN_EXPIRE_MINUTES = env.int("ACCESS_TOKEN_EXPIRE_MINUTES", default=60)
REFRESH_TOKEN_EXPIRE_DAYS = env.int("REFRESH_TOKEN_EXPIRE_DAYS", default=14)
SIMPLE_JWT = {
    "SIGNING_KEY": env.str("JWT_SECRET_KEY", default="") or SECRET_KEY,
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=ACCESS_TOKEN_EXPIRE_MINUTES),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=REFRESH_TOKEN_EXPIRE_DAYS),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "UPDATE_LAST_LOGIN": True,
}

# --- Browser security -------------------------------------------------------

if not DEBUG:
    # That a request came by HTTPS is for gunicorn to say, which believes the
    # X-Forwarded-Proto of TRUSTED_PROXIES only.
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- Static files, e-mail, time ---------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# gunicorn on a laptop serves them without `collectstatic`.
WHITENOISE_USE_FINDERS = DEBUG
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"

# --- Logging ----------------------------------------------------------------

LOG_FORMAT = env.str("LOG_FORMAT", default="console" if DEBUG else "json")
if LOG_FORMAT not in ("console", "json"):
    raise ImproperlyConfigured("LOG_FORMAT must be 'console' or 'json'.")
LOGGING = logging_config(LOG_FORMAT)
