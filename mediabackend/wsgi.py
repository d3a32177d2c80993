"""The WSGI application that gunicorn and `runserver` serve."""

import codecs
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from mediabackend.db.statement_timeout import limit_statements

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediabackend.settings")

# Others are read as UTF-8, the one encoding of JSON and of forms (RFC 8259, WHATWG).
_CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1"})


def with_readable_content_type(app: "WSGIApplication") -> "WSGIApplication":
    """Write the media type in small letters, and drop an odd encoding.

    The case means nothing (RFC 9110, 8.3.1), but Django and REST framework compare it.
    With an odd encoding all parameters go. Django would decode with whatever codec of
    Python is named: fail on it (`zlib`, or an unknown one after RFC 2231) before any of
    our code runs, or take time that grows with the square of the body (`punycode`).
    """

    def wrapped(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        media_type, separator, parameters = content_type.partition(";")
        if content_type:
            environ["CONTENT_TYPE"] = media_type.lower()
        if separator and _is_readable(content_type):
            environ["CONTENT_TYPE"] += f";{parameters}"
        return app(environ, start_response)

    return wrapped


def _is_readable(content_type: str) -> bool:
    # As Django parses it: a pattern would miss `charset =x` and `charset*=''x`.
    try:
        _, parameters = parse_header_parameters(content_type)
        charset = codecs.lookup(parameters.get("charset", "utf-8"))
    except (LookupError, ValueError):
        return False
    return charset.name in _CHARSETS


def below_script_name(app: "WSGIApplication") -> "WSGIApplication":
    """Take the path of SCRIPT_NAME off all requests, and answer 404 to the rest.

    A proxy passes paths on as they are. Probes come past it, with or without the path.
    """
    prefix = settings.SCRIPT_NAME

    def wrapped(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            path = path[len(prefix) :]
        elif path not in settings.PROBE_PATHS:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [f"This site is at {prefix}/.\n".encode()]
        environ |= {"SCRIPT_NAME": prefix, "PATH_INFO": path}
        return app(environ, start_response)

    return wrapped


application = with_readable_content_type(get_wsgi_application())
if settings.SCRIPT_NAME:
    application = below_script_name(application)
limit_statements()
