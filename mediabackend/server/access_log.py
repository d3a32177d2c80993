"""An access log for gunicorn that takes less time."""

from typing import Any

from gunicorn.glogging import Logger

from mediabackend.http.client_ip import client_ip_of

# The combined format, then the duration of the request in seconds, and its id.
FORMAT = '%(h)s - - %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(L)s %(i)s'


class AccessLogger(Logger):
    """Writes the same line as gunicorn's own logger, with the client's IP.

    The IP is the one that the throttles count, not that of a proxy.

    gunicorn's logger first puts every header and variable of the request into a
    dictionary, which takes a third of gunicorn's time for a request.
    """

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> Any:
        """Return the values for FORMAT."""
        request_line = (
            f"{environ['REQUEST_METHOD']} {environ['RAW_URI']} "
            f"{environ['SERVER_PROTOCOL']}"
        )
        return {
            "h": client_ip_of(environ) or "-",
            "t": self.now(),
            "r": request_line,
            "s": str(resp.status).partition(" ")[0],
            "b": resp.sent,
            "f": environ.get("HTTP_REFERER", "-"),
            "a": environ.get("HTTP_USER_AGENT", "-"),
            "L": f"{request_time.total_seconds():.6f}",
            "i": _request_id(resp.headers),
        }


def _request_id(headers: list[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name == "X-Request-ID"), "-")
