"""Where log lines go and what they look like."""

from typing import Any


def logging_config(log_format: str) -> dict[str, Any]:
    """Return `LOGGING`: lines to standard error, as `console` text or `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "mediabackend.http.request_id.RequestIDFilter"}
        },
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
                "formatter": log_format,
            },
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # The SDK would log whole request bodies at DEBUG.
            "imagekitio": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            # Django's own handlers would print each line a second time.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }
