"""Log lines, metrics, and reports of errors."""

from typing import Any

from mediabackend.settings.environment import DEBUG, env, read_networks

# Either opens /metrics; without both nobody may read it.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ALLOWED_NETWORKS = read_networks("METRICS_ALLOWED_NETWORKS", default=[])
# Of a project at Sentry, or at a server that speaks its protocol.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
LOG_FORMAT = env.choice(
    "LOG_FORMAT", ["console", "json"], default="console" if DEBUG else "json"
)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request": {"()": "mediabackend.http.current_request.RequestContextFilter"}
    },
    "formatters": {
        "console": {"()": "mediabackend.telemetry.log_lines.ConsoleFormatter"},
        "json": {"()": "mediabackend.telemetry.log_lines.JSONFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["request"],
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
