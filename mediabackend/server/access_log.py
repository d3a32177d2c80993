"""The log of gunicorn, in the format of the application's."""

import json
import os
from pathlib import Path
from typing import Any

import environ
from gunicorn.glogging import Logger

from mediabackend.http.client_ip import client_ip_of
from mediabackend.telemetry.log_lines import FORMATTERS

_ENV_FILE = Path(__file__).resolve().parents[2] / ".env"
# As `mediabackend.http.current_request` has them, which imports Django.
_REQUEST_ID = "mediabackend.request_id"
_USER_ID = "mediabackend.user_id"


class AccessLogger(Logger):
    """Writes gunicorn's messages, and a line for each request with the client's IP.

    The IP is the one that the throttles count, not that of a proxy.

    gunicorn's logger first puts every header and variable of the request into a
    dictionary, which takes a third of gunicorn's time for a request.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        formatter = FORMATTERS[read_log_format()]()
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(formatter)

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Write the line of a request."""
        if not self.access_log_enabled:
            return
        method, path = environ["REQUEST_METHOD"], environ["RAW_URI"]
        status = int(str(resp.status).partition(" ")[0])
        agent = environ.get("HTTP_USER_AGENT", "-")
        seconds = round(request_time.total_seconds(), 6)
        self.access_log.info(
            "%s %s %s %s %s %s",
            json.dumps(f"{method} {path} {environ['SERVER_PROTOCOL']}"),
            status,
            resp.sent,
            json.dumps(environ.get("HTTP_REFERER", "-")),
            json.dumps(agent),
            seconds,
            extra={
                "request_id": environ.get(_REQUEST_ID, "-"),
                "ip": client_ip_of(environ) or "-",
                "user_id": environ.get(_USER_ID, "-"),
                "method": method,
                "path": path,
                "status": status,
                "bytes": resp.sent,
                "seconds": seconds,
                "agent": agent,
            },
        )


def read_log_format() -> str:
    """Return LOG_FORMAT by the rules of the settings, which gunicorn must not load.

    Its main process would keep them, and workers have the old ones after a reload.
    """

    class Variables(environ.Env):
        # A copy, so that the next reload reads `.env` again.
        ENVIRON = dict(os.environ)

    Variables.read_env(_ENV_FILE)
    env = Variables()
    default = "console" if env.bool("DEBUG", default=False) else "json"
    value = env.str("LOG_FORMAT", default="") or default
    # The settings refuse others, and say so.
    return value if value in FORMATTERS else default
