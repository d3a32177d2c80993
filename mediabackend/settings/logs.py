"""Log lines: their form, and where they go."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import DEBUG, env

LOG_FORMAT = env.str("LOG_FORMAT", default="console" if DEBUG else "json")
if LOG_FORMAT not in ("console", "json"):
    raise ImproperlyConfigured("LOG_FORMAT must be 'console' or 'json'.")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "mediabackend.http.request_id.RequestIDFilter"}},
    "formatters": {
        "console": {
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        },
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{asctime}{levelname}{name}{request_id}{message}",
            "style": "{",
        },
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": LOG_FORMAT,
        },
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # The SDK would log whole request bodies at DEBUG.
        "imagekitio": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        # The worker looks for tasks each second, and this says so.
        "django_tasks_db": {"level": "WARNING"},
        # Django's own handlers would print each line a second time.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
