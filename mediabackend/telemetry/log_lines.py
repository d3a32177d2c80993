"""Formats of log lines, for the application, gunicorn and the worker.

gunicorn's main process imports this module: it must not import Django.
"""

import logging
from datetime import UTC, datetime

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

# By `mediabackend.http.current_request`; elsewhere they are unknown.
_UNKNOWN = dict.fromkeys(("request_id", "ip", "user_id"), "-")
_CONSOLE = "{asctime} {levelname} {name} [{request_id}] {ip} {user_id} {message}"
_JSON = {"asctime": "time", "levelname": "level", "name": "logger"}
# The request and the socket that Django adds: their text has the query, and no use.
_LEFT_OUT = ("request", "server_time")


class _UTCTimes(logging.Formatter):
    def formatTime(  # noqa: N802  (the name is the standard library's)
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        time = datetime.fromtimestamp(record.created, UTC)
        return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


class ConsoleFormatter(_UTCTimes):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__(_CONSOLE, style="{", defaults=_UNKNOWN)


class JSONFormatter(_UTCTimes, JsonFormatter):
    """One JSON object a line, for programs; `extra` becomes fields."""

    def __init__(self) -> None:
        super().__init__(
            [*_JSON, "message"],
            # Those of the record replace them; this is their order.
            defaults=dict.fromkeys(_JSON) | _UNKNOWN,
            rename_fields=_JSON,
            reserved_attrs=[*RESERVED_ATTRS, *_LEFT_OUT],
        )


FORMATTERS = {"console": ConsoleFormatter, "json": JSONFormatter}
