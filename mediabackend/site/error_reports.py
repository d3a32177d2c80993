"""Reports of errors to Sentry, which say where an error was and nothing about people.

Only the fields that are named here leave the process. Texts of exceptions, values of
variables and everything that a request contains stay: any of them may hold a caption,
an email or a token. The report has the request's id, by which the log has the rest.
"""

from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration

from mediabackend.http.current_request import REQUEST_ID, current_request
from mediabackend.http.request_metrics import template_of

_EVENT_FIELDS = (
    *("event_id", "timestamp", "platform", "level", "logger", "sdk"),
    *("release", "environment", "server_name"),
)
_EXCEPTION_FIELDS = ("type", "module")
# Lines of source code among them.
_FRAME_FIELDS = (
    *("filename", "module", "function", "lineno", "in_app"),
    *("pre_context", "context_line", "post_context"),
)


def report_errors() -> None:
    """Report the errors of this process to SENTRY_DSN from now on."""
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=settings.SPECTACULAR_SETTINGS["VERSION"],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=scrubbed,
        # No more than these: others add headers to our requests to ImageKit.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=lambda pending, timeout: None),
            DedupeIntegration(),
            DjangoIntegration(middleware_spans=False, cache_spans=False),
            ExcepthookIntegration(),
            LoggingIntegration(level=None),
            ThreadingIntegration(),
        ],
    )


def scrubbed(event: Any, hint: dict[str, Any]) -> Any:
    """Return a report with the fields of `event` that say nothing about people."""
    report = _only(event, _EVENT_FIELDS)
    if request := current_request():
        report["tags"] = {"request_id": request.META.get(REQUEST_ID, "-")}
        report["request"] = {"method": request.method}
        if request.resolver_match:
            report["transaction"] = template_of(request.resolver_match.route)
    if record := hint.get("log_record"):
        # With arguments it is a template. Otherwise it may be anything.
        text = record.msg if record.args else f"A message of {record.name}"
        report["logentry"] = {"message": str(text)}
    if exceptions := event.get("exception"):
        values = [_exception(value) for value in exceptions["values"]]
        report["exception"] = {"values": values}
    return report


def _exception(value: dict[str, Any]) -> dict[str, Any]:
    kept = _only(value, _EXCEPTION_FIELDS)
    kept["value"] = "The log has the text."
    frames = (value.get("stacktrace") or {}).get("frames", [])
    kept["stacktrace"] = {"frames": [_only(frame, _FRAME_FIELDS) for frame in frames]}
    return kept


def _only(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: fields[name] for name in names if name in fields}
