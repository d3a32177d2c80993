"""gunicorn's access log: a line for each request, and no more work than that."""

from typing import Any

from gunicorn.glogging import Logger

# The combined format, then the seconds that the request took, and its id.
FORMAT = '%(h)s - - %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(L)s %(i)s'


class AccessLogger(Logger):
    """Writes the same line as gunicorn's own logger would.

    That one puts every header and variable of the request into a dictionary, for
    formats that ask for them: a third of what gunicorn takes for a request.
    """

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> Any:
        """Return what FORMAT asks for."""
        request_line = (
            f"{environ['REQUEST_METHOD']} {environ['RAW_URI']} "
            f"{environ['SERVER_PROTOCOL']}"
        )
        return {
            "h": environ.get("REMOTE_ADDR", "-"),
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
